"""Who comes onto the staff of a course begins at the end of what it can read there: the past is
there, and is not unread."""

from collections.abc import Iterable

from elearn.models import rooms
from elearn.services import Services
from elearn.wire import topics


async def begin(services: Services, people: Iterable[str], courses: Iterable[str]) -> None:
    places = list(courses)
    lines = await rooms.find_lines(services.db, places)
    heads = await services.log.heads([topics.room(room) for room in (*places, *lines)])
    for user in people:
        for topic, head in heads.items():
            services.read_marks.move(user, topic, head.visible, head.visible_n)
