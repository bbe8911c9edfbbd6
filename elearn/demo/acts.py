"""What happens in the semester: each act knows its time and the action that does it.

Days count from the semester's first one, as in `12.5`: noon of the day after the twelfth. Keys
are derived from what an act says of itself, so that a second run changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from elearn.actions import chat, courses, direct, enrollment, feed, memberships, rooms, updates
from elearn.actions.act import Act
from elearn.demo.script import Line, read_script
from elearn.events.base import holds
from elearn.events.updates import UpdatePublished
from elearn.nouns.courses import CourseFields
from elearn.nouns.people import User
from elearn.nouns.updates import UpdateKind
from elearn.services import Services
from elearn.wire import topics

DAYS = 42


class PlayedClock:
    """The time of the act that is being played; the present before and after the play."""

    def __init__(self) -> None:
        self._at: datetime | None = None

    def __call__(self) -> datetime:
        if self._at is not None:
            return self._at
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def set(self, at: datetime | None) -> None:
        self._at = at


@dataclass
class Stage:
    """The services, and who and what is there so far, by the names that the acts use."""

    services: Services
    people: dict[str, User]
    places: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    def act(self, who: str, *words: str) -> Act:
        return Act(self.people[who], "/".join(("demo", *words)), "demo")

    @property
    def names(self) -> dict[str, str]:
        return {who: person.name for who, person in self.people.items()}


class Happening(Protocol):
    @property
    def day(self) -> float: ...

    async def play(self, stage: Stage) -> None: ...


@dataclass(frozen=True)
class Course:
    day: float
    name: str
    teacher: str
    fields: CourseFields

    async def play(self, stage: Stage) -> None:
        act = stage.act(self.teacher, "course", self.name)
        row = await courses.create_course(stage.services, act, self.fields)
        stage.places[self.name] = row.about


@dataclass(frozen=True)
class Enrollment:
    day: float
    course: str
    who: str
    key: str | None = None

    async def play(self, stage: Stage) -> None:
        act = stage.act(self.who, "enroll", self.course)
        await enrollment.enroll_student(stage.services, act, stage.places[self.course], self.key)


@dataclass(frozen=True)
class Room:
    """`guests` join an open or announce-only room; into a private one its maker invites them."""

    day: float
    course: str
    name: str
    title: str
    maker: str
    kind: rooms.Kind
    description: str
    guests: tuple[str, ...]

    async def play(self, stage: Stage) -> None:
        services, place = stage.services, f"{self.course}/{self.name}"
        row = await rooms.create_room(
            services,
            stage.act(self.maker, "room", place),
            stage.places[self.course],
            rooms.NewRoom(name=self.title, description=self.description, kind=self.kind),
        )
        room = stage.places[place] = row.about
        for guest in self.guests:
            if self.kind == "private":
                act, person = stage.act(self.maker, "invite", place, guest), stage.people[guest]
                await memberships.invite_member(services, act, room, person.id)
            else:
                await memberships.join_room(services, stage.act(guest, "join", place), room)


@dataclass(frozen=True)
class Update:
    day: float
    course: str
    name: str
    teacher: str
    kind: UpdateKind
    title: str
    body: str
    link: str | None = None

    async def play(self, stage: Stage) -> None:
        row = await updates.publish_update(
            stage.services,
            stage.act(self.teacher, "update", self.course, self.name),
            stage.places[self.course],
            updates.NewUpdate(kind=self.kind, title=self.title, body=self.body, link=self.link),
        )
        assert holds(row, UpdatePublished)
        stage.places[f"{self.course}/{self.name}"] = row.data.document.id


@dataclass(frozen=True)
class Status:
    day: float
    who: str
    course: str | None
    body: str

    async def play(self, stage: Stage) -> None:
        course = stage.places[self.course] if self.course else None
        act = stage.act(self.who, "status", f"{self.day}")
        await feed.post_status(
            stage.services, act, self.body, course_id=course, visibility="course"
        )


@dataclass(frozen=True)
class Feedback:
    day: float
    who: str
    course: str
    stars: int
    comment: str
    anonymous: bool = False

    async def play(self, stage: Stage) -> None:
        await feed.give_feedback(
            stage.services,
            stage.act(self.who, "feedback", self.course),
            stage.places[self.course],
            stars=self.stars,
            comment=self.comment,
            anonymous=self.anonymous,
        )


@dataclass(frozen=True)
class Said:
    """One message of a conversation: a minute or some after the one before it."""

    day: float
    place: str
    talk: str
    number: int
    line: Line

    async def play(self, stage: Stage) -> None:
        room, line = await self._room(stage), self.line
        replied = None if line.replies_to is None else stage.said[f"{self.talk}/{line.replies_to}"]
        act = stage.act(line.who, "said", self.talk, str(self.number))
        row = await chat.post_message(stage.services, act, room, line.text, reply_to=replied)
        stage.said[f"{self.talk}/{self.number}"] = topics.event_id(row.topic, row.seq)

    async def _room(self, stage: Stage) -> str:
        if "+" not in self.place:
            return stage.places[self.place]
        (other,) = set(self.place.split("+")) - {self.line.who}
        act, person = stage.act(self.line.who, "direct", other), stage.people[other]
        room = await direct.open_direct(stage.services, act, user_id=person.id)
        return room.id


@dataclass(frozen=True)
class Talk:
    """A conversation in a course's room (`bio`), another room or a thread (`bio/lab`), or
    between two (`aiko+mireille`)."""

    day: float
    place: str
    script: str

    def messages(self, names: dict[str, str]) -> Iterator[Said]:
        day, talk = self.day, f"{self.place}@{self.day}"
        for number, line in enumerate(read_script(self.script, names)):
            yield Said(day, self.place, talk, number, line)
            day += timedelta(minutes=1 + (len(line.text) * 7 + number) % 6, seconds=11) / ONE_DAY


ONE_DAY = timedelta(days=1)


def moment(first_day: datetime, day: float) -> datetime:
    """The time of a day's fraction, in whole seconds."""
    return first_day + timedelta(seconds=round(day * ONE_DAY.total_seconds()))
