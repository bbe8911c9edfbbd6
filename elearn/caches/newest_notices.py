"""The newest notices of topics, kept while nothing was added: panels and badges ask for them all
the time, and a course's are the same for everyone in it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime

from cachetools import LRUCache

from elearn.events.base import RowOf
from elearn.events.notices import NoticeCreated
from elearn.log.log import Log
from elearn.models import events
from elearn.models.database import Database

Notice = RowOf[NoticeCreated]

NEWEST = 100
TOPICS = 1_000


class NewestNotices:
    def __init__(self, db: Database, log: Log) -> None:
        self._db = db
        self._log = log
        self._kept: LRUCache[str, tuple[int, list[Notice]]] = LRUCache(TOPICS)

    async def newest(self, topics: Iterable[str]) -> dict[str, list[Notice]]:
        """Per topic its `NEWEST` notices at most, newest first; topics without any are left out."""
        return await self._each(topics, self._of)

    async def older(
        self, sources: Mapping[str, int], at: datetime, near: tuple[str, int] | None
    ) -> dict[str, list[Notice]]:
        """The same of those that are not newer than a time and above a place in their topic.
        `near` is a place of about that time: its topic is read from there on."""

        async def of(topic: str, n: int) -> list[Notice]:
            rows = await self._of(topic, n)
            # Times of several nodes do not quite follow the places: so begin somewhat above it.
            if near and near[0] == topic and rows and near[1] + NEWEST < rows[-1].seq:
                rows = await self._below(topic, sources[topic], near[1] + NEWEST)
            return await self._not_newer(topic, rows, at, sources[topic])

        return await self._each(sources, of)

    async def _each(
        self, topics: Iterable[str], read: Callable[[str, int], Awaitable[list[Notice]]]
    ) -> dict[str, list[Notice]]:
        names = list(topics)
        heads = await self._log.heads(names)
        wanted = {name: heads[name].visible_n for name in names if heads[name].visible_n}
        found = await asyncio.gather(*(read(name, n) for name, n in wanted.items()))
        return dict(zip(wanted, found, strict=True))

    async def _not_newer(
        self, topic: str, rows: list[Notice], at: datetime, above: int
    ) -> list[Notice]:
        """Page by page, since the embedded store compares times only by reading everything."""
        found: list[Notice] = []
        while True:
            found += [row for row in rows if row.at <= at and row.seq > above]
            if len(found) >= NEWEST or len(rows) < NEWEST or rows[-1].seq <= above:
                return found[:NEWEST]
            rows = await self._below(topic, above, rows[-1].seq)

    async def _below(self, topic: str, above: int, before: int) -> list[Notice]:
        return await events.page(
            self._db, topic, NoticeCreated, limit=NEWEST, above=above, before=before
        )

    async def _of(self, topic: str, n: int) -> list[Notice]:
        """`n` counts a topic's notices, so the same `n` means the same notices."""
        kept = self._kept.get(topic)
        if kept is not None and kept[0] == n:
            return kept[1]
        rows = await events.page(self._db, topic, NoticeCreated, limit=NEWEST)
        seen = rows[0].n if rows else 0
        self._kept[topic] = (seen, rows)
        return rows
