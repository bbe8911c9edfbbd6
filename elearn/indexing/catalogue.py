"""The catalogue of the store, as an index reads it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

from pymongo.errors import AutoReconnect

from elearn.events.base import Row
from elearn.models import courses, events
from elearn.nouns.courses import Course
from elearn.search.catalog import Catalog, newest_versions
from elearn.services import Services
from elearn.wire import topics

PAGE = 500

STORE_WAITS_S = (0.5, 1.0, 2.0)
T = TypeVar("T")


def catalog_of(services: Services) -> Catalog:
    db = services.db

    async def head() -> tuple[str, int]:
        newest = await events.newest(db, topics.CATALOG)
        return services.epoch, newest.seq if newest else 0

    async def read_rows(after: int, limit: int) -> list[Row]:
        return await _patiently(lambda: events.since(db, topics.CATALOG, after, limit))

    async def read_courses(ids: list[str]) -> list[Course]:
        found = await _patiently(lambda: courses.find_many(db, ids))
        return list(found.values())

    async def all_courses() -> AsyncGenerator[list[Course], None]:
        """By the rows that name them, and those whose rows are still to come. A query for all
        would have the embedded store read everything at once, with everybody waiting."""
        known: set[str] = set()
        rows = await read_rows(0, PAGE)
        while rows:
            ids = [id for id in newest_versions(rows) if id not in known]
            known.update(ids)
            yield await read_courses(ids)
            # To the head, not to the end of all writing.
            rows = await read_rows(rows[-1].seq, PAGE) if len(rows) == PAGE else []
        named = [topics.split(topic) for topic in await events.unreacted_topics(db)]
        coming = {one[1] for one in named if one and one[0] == "course"} - known
        for start in range(0, len(coming), PAGE):
            yield await read_courses(sorted(coming)[start : start + PAGE])

    async def waiting() -> int:
        return len(await events.unreacted_topics(db))

    return Catalog(head, read_rows, read_courses, all_courses, waiting)


async def _patiently(read: Callable[[], Awaitable[T]]) -> T:
    """A store that was late once is no reason to lose a rebuild of some minutes."""
    for wait_s in STORE_WAITS_S:
        try:
            return await read()
        except AutoReconnect:
            await asyncio.sleep(wait_s)
    return await read()
