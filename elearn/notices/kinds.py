"""Each kind of notice, at one place: its category, its words, where its click leads, and by which
paths it comes if nobody chose otherwise."""

from dataclasses import dataclass

from elearn.nouns.courses import CourseBrief
from elearn.nouns.feed import ItemContent
from elearn.nouns.notices import Category, NoticeContent
from elearn.nouns.people import Person
from elearn.nouns.rooms import Room
from elearn.nouns.updates import Update
from elearn.rendering.excerpts import excerpt


@dataclass(frozen=True)
class Kind:
    """`title` and `body` are written with the words of the thing it tells of, in braces."""

    name: str
    category: Category
    title: str
    body: str = ""

    def say(
        self,
        url: str,
        actor: Person | None,
        course: CourseBrief | None,
        **words: str,
    ) -> NoticeContent:
        named = {
            "actor": actor.name if actor else "",
            "course": course.title if course else "",
            **words,
        }
        return NoticeContent(
            kind=self.name,
            category=self.category,
            title=self.title.format_map(named),
            body=self.body.format_map(named),
            url=url,
            actor=actor,
            course=course,
        )


KINDS: dict[str, Kind] = {}


def _kind(name: str, category: Category, title: str, body: str = "") -> Kind:
    KINDS[name] = Kind(name, category, title, body)
    return KINDS[name]


MESSAGE_DIRECT = _kind("message.direct", "messages", "{actor} wrote to {whom}", "{excerpt}")
MESSAGE_MENTION = _kind("message.mention", "messages", "{actor} mentioned you", "{excerpt}")
MESSAGE_REPLY = _kind("message.reply", "messages", "{actor} replied to you", "{excerpt}")
UPDATE_PUBLISHED = _kind("update.published", "courses", "{title}", "{excerpt}")
QUESTION_ASKED = _kind("question.asked", "courses", "{actor} asked under “{title}”", "{excerpt}")
FEEDBACK_NEW = _kind(
    "feedback.new", "courses", "{actor} gave {course} {stars}{hidden}", "{excerpt}"
)
ROOM_CREATED = _kind("room.created", "rooms", "New room: {room}", "{description}")
ROOM_INVITED = _kind("room.invited", "rooms", "You were added to the room {room}")
ROOM_UNOWNED = _kind(
    "room.unowned", "rooms", "Nobody owns {room} any more", "You can take it over."
)
ENROLLMENT_OWN = _kind("enrollment.own", "enrollment", "You are enrolled in {course}")
ENROLLMENT_NEW = _kind("enrollment.new", "enrollment", "{actor} enrolled in {course}")


def of_message(
    kind: Kind, room: Room, seq: int, author: Person, body: str, whom: str = "you"
) -> NoticeContent:
    course = room.course_brief or room.line_to
    return kind.say(f"{room.url}/{seq}", author, course, excerpt=excerpt(body), whom=whom)


def of_update(update: Update) -> NoticeContent:
    return UPDATE_PUBLISHED.say(
        update.url,
        update.author,
        update.course_brief,
        title=update.title,
        excerpt=excerpt(update.body),
    )


def of_question(thread: Room, seq: int, author: Person, body: str) -> NoticeContent:
    url = f"{thread.url}/{seq}"
    course = thread.course_brief
    return QUESTION_ASKED.say(url, author, course, title=thread.name, excerpt=excerpt(body))


def of_feedback(item: ItemContent, author: Person) -> NoticeContent:
    """The staff hear who stands behind an anonymous one."""
    course = item.course
    assert course is not None
    return FEEDBACK_NEW.say(
        f"/courses/{course.id}",
        author,
        course,
        stars="1 star" if item.stars == 1 else f"{item.stars} stars",
        hidden=" (without their name to the course)" if item.actor is None else "",
        excerpt=excerpt(item.body),
    )


def of_new_room(room: Room, maker: Person | None) -> NoticeContent:
    return ROOM_CREATED.say(
        room.url, maker, room.course_brief, room=room.name, description=room.description
    )


def of_invitation(room: Room, by: Person | None) -> NoticeContent:
    return ROOM_INVITED.say(room.url, by, room.course_brief, room=room.name)


def of_unowned_room(room: Room) -> NoticeContent:
    """Read by all of the staff: a private room's name is for who is in it."""
    which = "a private room" if room.kind == "private" else f"the room {room.name}"
    return ROOM_UNOWNED.say(room.url, None, room.course_brief, room=which)


def of_own_enrollment(course: CourseBrief) -> NoticeContent:
    return ENROLLMENT_OWN.say(f"/courses/{course.id}", None, course)


def of_new_enrollment(course: CourseBrief, person: Person) -> NoticeContent:
    return ENROLLMENT_NEW.say(f"/courses/{course.id}/people", person, course)
