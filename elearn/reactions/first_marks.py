"""Who comes into a course begins at the end of its conversations: the past can be read and is not
unread."""

from elearn.models import rooms
from elearn.services import Services
from elearn.wire import topics


async def begin_at_the_end(services: Services, user: str, course: str) -> None:
    """Of the course's own room and its threads; a room that one joins has a row that says so.
    Marks only move forward, so who comes back begins anew and doing it twice does no harm."""
    names = [topics.room(room) for room in await rooms.ids_by_enrollment(services.db, course)]
    for topic, head in (await services.log.heads(names)).items():
        if head.visible_n:
            services.read_marks.move(user, topic, head.visible, head.visible_n)
