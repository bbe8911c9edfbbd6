"""What follows from a row of the log, by its event. Everything made has a key derived from the
row, so that doing it twice changes nothing."""

from collections.abc import Awaitable, Callable

from elearn.log.new_events import NewEvent
from elearn.models.events import Row
from elearn.reactions.courses import (
    course_changed,
    enrollment_changed,
    feedback_given,
    update_published,
)
from elearn.reactions.messages import message_posted
from elearn.reactions.people import standing_changed, user_updated
from elearn.reactions.rooms import membership_changed, room_changed
from elearn.services import Services

Reaction = Callable[[Services, Row], Awaitable[list[NewEvent]]]


async def react(services: Services, row: Row) -> list[NewEvent]:
    """What a row causes, as drafts with keys derived from it."""
    reaction = _REACTIONS.get((row.topic.partition(":")[0], row.event))
    return await reaction(services, row) if reaction else []


_REACTIONS: dict[tuple[str, str], Reaction] = {
    ("course", "course.created"): course_changed,
    ("course", "course.updated"): course_changed,
    ("course", "course.withdrawn"): course_changed,
    ("course", "enrollment.enrolled"): enrollment_changed,
    ("course", "enrollment.left"): enrollment_changed,
    ("course", "update.published"): update_published,
    ("course", "feed.posted"): feedback_given,
    ("room", "room.created"): room_changed,
    ("room", "room.updated"): room_changed,
    ("room", "room.archived"): room_changed,
    ("room", "room.joined"): membership_changed,
    ("room", "room.left"): membership_changed,
    ("room", "chat.posted"): message_posted,
    ("user", "user.updated"): user_updated,
    ("accounts", "user.updated"): standing_changed,
}
