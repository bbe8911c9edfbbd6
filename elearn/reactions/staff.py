"""Who comes onto the staff of a course begins at the end of what can be read there: the past is
there, and is not unread. Who leaves it leaves rooms behind."""

from collections.abc import Iterable

from elearn.events.base import Row
from elearn.log.new_events import NewEvent
from elearn.models import rooms
from elearn.reactions.rooms import unowned
from elearn.services import Services
from elearn.wire import topics


async def begin(services: Services, people: Iterable[str], courses: Iterable[str]) -> None:
    places = list(courses)
    lines = await rooms.find_lines(services.db, places)
    heads = await services.log.heads([topics.room(room) for room in (*places, *lines)])
    for user in people:
        for topic, head in heads.items():
            services.read_marks.move(user, topic, head.visible, head.visible_n)


async def left_rooms(
    services: Services, row: Row, people: Iterable[str], course: str | None = None
) -> list[NewEvent]:
    """Those, of one course or of all, that nobody owns when these people do not."""
    made: list[NewEvent] = []
    for user in people:
        owned = await rooms.find_owned(services.db, user)
        left = [room for room in owned if course in (None, room.course)]
        made += await unowned(services, row, left)
    return made
