"""What a row causes, whatever it is."""

from elearn.events.base import Row
from elearn.log.new_events import NewEvent
from elearn.reactions import courses, enrollments, feed, messages, people, rooms, updates
from elearn.reactions.table import REACTIONS
from elearn.services import Services

SUBJECTS = (courses, enrollments, feed, messages, people, rooms, updates)


async def react(services: Services, row: Row) -> list[NewEvent]:
    reaction = REACTIONS.get((row.kind, type(row.data)))
    return await reaction(services, row) if reaction else []
