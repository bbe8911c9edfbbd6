"""Notices go with what they are about: withdrawn on their topic, so that open pages hear of it."""

from elearn.access.courses import teachers_of
from elearn.events.base import Row
from elearn.events.notices import NoticeCreated, NoticesWithdrawn
from elearn.log.new_events import NewEvent
from elearn.models import courses, events, users
from elearn.notices import sight
from elearn.nouns.addresses import room_at
from elearn.nouns.rooms import Room
from elearn.reactions.derived import derived, notice_key
from elearn.services import Services
from elearn.wire import topics

LOOKED_AT = 500
"""The newest of a person's own notices. Who has older ones in a list reads it anew; and whatever is
told, every list is by the rights of its reader."""


async def told_of_act(services: Services, cause: Row, act: str, topic: str) -> list[NewEvent]:
    """The one notice that a shared topic got of an act, by the id of its row."""
    made = (await events.find(services.db, [act])).get(act)
    if made is None:
        return []
    notice = await events.find_by_key(services.db, made.actor, notice_key(act, topic))
    if notice is None:
        return []
    return [derived(cause, topic, NoticesWithdrawn(ids=[notice.id]), f"withdrawn/{notice.id}")]


async def with_course(services: Services, cause: Row, user: str, course: str) -> NewEvent:
    """A person is out of a course, and with its topic goes what that told: so the counts are said,
    also where no notice was the person's own."""
    rows = await _own(services, user)
    about = [row for row in rows if (brief := row.data.notice.course) and brief.id == course]
    return await _unseen_by(services, cause, user, about)


async def with_room(services: Services, cause: Row, user: str, room: str) -> list[NewEvent]:
    """A person may not read a room any more."""
    about = [row for row in await _own(services, user) if room_at(row.data.notice.url) == room]
    return [await _unseen_by(services, cause, user, about)] if about else []


async def with_private_room(services: Services, cause: Row, room: Room) -> list[NewEvent]:
    """A room became private: the course was told of it, and its staff could read it."""
    course = await courses.find(services.db, room.course or "")
    if course is None:
        return []
    begun = topics.event_id(topics.room(room.id), 1)
    made = await told_of_act(services, cause, begun, topics.course(course.id))
    for teacher in await teachers_of(services.db, course):
        made += await with_room(services, cause, teacher, room.id)
    return made


async def _own(services: Services, user: str) -> list[sight.Notice]:
    return await events.page(services.db, topics.user(user), NoticeCreated, limit=LOOKED_AT)


async def _unseen_by(
    services: Services, cause: Row, user: str, rows: list[sight.Notice]
) -> NewEvent:
    """Those of the rows that the person may not see now."""
    account = await users.find(services.db, user)
    shown = await sight.seen_by(services.db, account.user, rows) if account else []
    kept = {row.id for row in shown}
    gone = NoticesWithdrawn(ids=[row.id for row in rows if row.id not in kept])
    return derived(cause, topics.user(user), gone, f"withdrawn/{user}")
