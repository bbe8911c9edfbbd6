"""Direct conversations: one for each set of people, made when it is first wanted."""

import hashlib
from contextlib import suppress

from elearn.access.courses import require_course, teachers_of
from elearn.access.rooms import require_readers
from elearn.actions.act import Act
from elearn.errors import InvalidField, NotFound
from elearn.events.rooms import RoomCreated
from elearn.log.new_events import NewEvent
from elearn.models import rooms, users
from elearn.models.ids import is_id
from elearn.nouns.rooms import Room
from elearn.services import Services
from elearn.wire import topics


def direct_id(*people: str) -> str:
    """One conversation a set of people, so that two who begin at once begin the same one."""
    return hashlib.sha256("/".join(people).encode()).hexdigest()[:24]


async def open_direct(
    services: Services, act: Act, *, user_id: str | None = None, course_id: str | None = None
) -> Room:
    """The conversation with a person, or with a course's teachers; made when it did not exist."""
    if (user_id is None) == (course_id is None):
        raise InvalidField("Name either a user or a course.", field="user")
    if user_id is not None:
        others, ident, title = [user_id], direct_id(*sorted((act.user.id, user_id))), ""
    else:
        course = await require_course(services.db, act.user, str(course_id))
        teachers = await teachers_of(services.db, course)
        others = [teacher for teacher in teachers if teacher != act.user.id]
        ident, title = direct_id("course", course.id, act.user.id), course.title
        if len(others) == 1:
            ident, title = direct_id(*sorted((act.user.id, others[0]))), ""
    if act.user.id in others or not others:
        raise InvalidField("One does not write to oneself.", field="user")
    known = await users.find_many(services.db, others) if all(map(is_id, others)) else {}
    if len(known) != len(others):
        raise NotFound("There is no such person.")
    if await rooms.find(services.db, ident) is None:
        others = await require_readers(services.db, others)
    return await _direct_room(services, act, ident, sorted((act.user.id, *others)), title)


async def _direct_room(
    services: Services, act: Act, ident: str, people: list[str], title: str
) -> Room:
    async def decide() -> NewEvent:
        room = Room(
            id=ident,
            name=title,
            kind="direct",
            users=people,
            members=len(people),
            created_at=services.clock(),
        )
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
