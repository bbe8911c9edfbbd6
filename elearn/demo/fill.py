"""`elearn demo`: plays a semester of six weeks, through the actions that people use."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from elearn.actions import accounts, chat, notice_lists, notifications, room_lists
from elearn.demo import catalog, news, talk_biology, talk_history, talk_private, talk_programming
from elearn.demo.acts import DAYS, Happening, PlayedClock, Stage, moment
from elearn.demo.people import PASSWORD, PEOPLE, STUDENT, TEACHER, Person
from elearn.errors import Unavailable
from elearn.models import events, users
from elearn.nouns.people import User
from elearn.nouns.settings import SettingsChanges
from elearn.reactions.reactor import Reactor
from elearn.services import Services
from elearn.serving import server_runs
from elearn.wire import topics

TALKS = (
    *talk_biology.TALKS,
    *talk_programming.TALKS,
    *talk_history.TALKS,
    *talk_private.TALKS,
)
LEFT_UNREAD_DAYS = 1
LOOK_S = 0.2
SERVER_S = 60.0

Pause = Callable[[float], Awaitable[None]]


async def fill_semester(
    services: Services, clock: PlayedClock, console: Console, pause: Pause = asyncio.sleep
) -> list[str]:
    """What to tell the person who ran it. `clock` is the one that `services` were opened with.

    Happenings are played in the order of their times; each has a key of its own, so what an
    earlier run did is found and not done again.
    """
    first_day = clock().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console
    )
    try:
        with progress:
            stage = Stage(services, await _people(services, clock, first_day, progress))
            happenings = _in_order(stage)
            for happening in progress.track(happenings, description="the semester "):
                clock.set(moment(first_day, happening.day))
                await happening.play(stage)
            clock.set(None)
            await _settle(services, progress, pause)
            bound = moment(first_day, DAYS - LEFT_UNREAD_DAYS)
            for who in progress.track(stage.people, description="reading      "):
                await _read_until(stage, who, bound)
            await _settle(services, progress, pause)
    finally:
        clock.set(None)
    return _said(services)


def _in_order(stage: Stage) -> list[Happening]:
    said = [message for talk in TALKS for message in talk.messages(stage.names)]
    return sorted([*catalog.HAPPENINGS, *news.HAPPENINGS, *said], key=lambda one: one.day)


async def _people(
    services: Services, clock: PlayedClock, first_day: datetime, progress: Progress
) -> dict[str, User]:
    """Accounts that are there already stay as they are, with their passwords."""
    bar = progress.add_task("people       ", total=len(PEOPLE))
    clock.set(first_day)

    async def arrive(person: Person) -> User:
        account = await users.find_by_email(services.db, person.email)
        if account is None:
            account = await accounts.create_user(
                services,
                email=person.email,
                name=person.name,
                role=person.role,
                password=PASSWORD,
            )
        progress.advance(bar)
        return account.user

    arrived = await asyncio.gather(*(arrive(person) for person in PEOPLE.values()))
    people = dict(zip(PEOPLE, arrived, strict=True))
    stage = Stage(services, people)
    for who, person in PEOPLE.items():
        if person.about:
            changes = SettingsChanges(about=person.about)
            await accounts.change_settings(services, stage.act(who, "about"), changes)
    return people


async def _settle(services: Services, progress: Progress, pause: Pause) -> None:
    """Notices and feed items follow: made by the running server, or here when none runs."""
    bar = progress.add_task("notices, feed", total=None)
    if not server_runs(services.config.data_dir):
        await Reactor(services).mend()
    waited = 0.0
    while await events.unreacted(services.db, 1):
        if waited > SERVER_S:
            raise Unavailable("the server does not take up what was written: is it well?")
        waited += LOOK_S
        await pause(LOOK_S)
    progress.update(bar, total=1, completed=1)


async def _read_until(stage: Stage, who: str, bound: datetime) -> None:
    """Everybody has read what is older than `bound`; the rest is news to them."""
    services, user = stage.services, stage.people[who]
    for room in (await room_lists.rooms_of(services, user))[0]:
        page = await chat.read_history(services, user, room.id, limit=50)
        read = [one.seq for one in page.messages if one.created_at < bound]
        if read:
            act = stage.act(who, "read", room.id)
            await chat.mark_read(services, act, room.id, read[-1])
    page_of_notices = await notice_lists.list_notices(services, user, limit=100)
    old = [one for one in page_of_notices.notices if one.at < bound and not one.read]
    through: dict[str, int] = {}
    for one in old:
        through[one.topic] = max(one.seq, through.get(one.topic, 0))
    if old:
        ids = [topics.event_id(one.topic, one.seq) for one in old]
        await notifications.mark_seen(services, stage.act(who, "seen"), through)
        await notifications.mark_read(services, stage.act(who, "notices"), ids=ids)


def _said(services: Services) -> list[str]:
    teacher, student = PEOPLE[TEACHER], PEOPLE[STUDENT]
    runs = server_runs(services.config.data_dir)
    when = "now" if runs else "as soon as `elearn serve` runs"
    return [
        f"The semester is at {services.config.origins[0]} {when}.",
        "Sign in, the one in one browser and the other in another:",
        f"  teacher  {teacher.email}  {teacher.name}",
        f"  student  {student.email}  {student.name}",
        f"  password {PASSWORD}  (everybody's; the key of STA 301 is {catalog.ENROLLMENT_KEY})",
    ]
