"""Direct conversations: one for each set of people, made when it is first wanted."""

import hashlib
from contextlib import suppress
from itertools import chain, product
from typing import Any

from msgspec.structs import replace

from elearn.access.courses import find_rights, require_course
from elearn.access.refusals import refused
from elearn.access.rooms import require_reader
from elearn.actions.act import SYSTEM, Act
from elearn.errors import InvalidField, NotFound
from elearn.events.rooms import RoomCreated, RoomUpdated
from elearn.log.new_events import NewEvent
from elearn.models import courses, rooms, users
from elearn.models.ids import is_id
from elearn.nouns.courses import Course
from elearn.nouns.people import Account
from elearn.nouns.rooms import Room
from elearn.services import Services
from elearn.wire import topics

MOST_TAUGHT = 1_000


def line_id(course: str, beginner: str) -> str:
    return direct_id("course", course, beginner)


def direct_id(*people: str) -> str:
    """One conversation a set of people, so that two who begin at once begin the same one."""
    return hashlib.sha256("/".join(people).encode()).hexdigest()[:24]


async def open_direct(
    services: Services, act: Act, *, user_id: str | None = None, course_id: str | None = None
) -> Room:
    """The conversation with a person, or the line to a course's teachers; made when it did not
    exist."""
    if (user_id is None) == (course_id is None):
        raise InvalidField("Name either a user or a course.", field="user")
    if user_id is None:
        return await _open_line(services, act, course_id or "")
    if act.user.id == user_id:
        raise InvalidField("One does not write to oneself.", field="user")
    if not is_id(user_id) or await users.find(services.db, user_id) is None:
        raise NotFound("There is no such person.")
    ident = direct_id(*sorted((act.user.id, user_id)))
    if await rooms.find(services.db, ident) is None:
        await require_reader(services.db, user_id)
    return await _opened(services, act, ident, users=sorted((act.user.id, user_id)), members=2)


async def _open_line(services: Services, act: Act, course_id: str) -> Room:
    """Whoever may see a course may write to whoever teaches it."""
    course = await require_course(services.db, act.user, course_id)
    ident = line_id(course.id, act.user.id)
    if await rooms.find(services.db, ident) is None:
        rights = await find_rights(services.db, act.user, course, services.clock())
        if not rights.line:
            raise refused(rights.why_no_line)
    return await _opened(
        services,
        act,
        ident,
        users=[act.user.id],
        members=1,
        staff_of=course.id,
        course_title=course.title,
        name=act.user.name,
    )


async def adopt_lines(services: Services) -> None:
    """Lines as they were made once held those who taught then; the course and who began one follow
    from its id. Done at a start, once a line."""
    for room in await rooms.find_group_conversations(services.db):
        if (found := await _whose_line(services, room)) is None:
            continue
        course, beginner = found
        after = replace(room, users=[beginner.id], name=beginner.name, staff_of=course.id)
        change = RoomUpdated(document=after, rights=True)
        key = f"{room.id}/line"
        await services.log.append(NewEvent(topics.room(room.id), change, SYSTEM, key))
        await rooms.rename_courses(services.db, {course.id: course.title})


async def _whose_line(services: Services, room: Room) -> tuple[Course, Account] | None:
    taught = [await courses.taught_ids(services.db, user, MOST_TAUGHT) for user in room.users]
    for known in (set(chain(*taught)), await courses.all_ids(services.db)):
        for course, user in product(known, room.users):
            if line_id(course, user) == room.id:
                found = await courses.find(services.db, course)
                beginner = await users.find(services.db, user)
                return (found, beginner) if found and beginner else None
    return None


async def _opened(services: Services, act: Act, ident: str, **fields: Any) -> Room:
    async def decide() -> NewEvent:
        room = Room(id=ident, kind="direct", created_at=services.clock(), **fields)
        if await rooms.find(services.db, ident):
            raise _ExistsError
        return NewEvent(topics.room(ident), RoomCreated(document=room), act.user.id, ident)

    existing = await rooms.find(services.db, ident)
    if existing is None:
        with suppress(_ExistsError):
            await services.log.reacted(await services.log.decide(topics.room(ident), decide))
        existing = await rooms.find(services.db, ident)
        assert existing is not None
    return existing


class _ExistsError(Exception):
    """Somebody else made it first."""
