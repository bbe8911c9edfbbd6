"""The newest notices of topics, kept while nothing was added: panels and badges ask for them all
the time, and a course's are the same for everyone in it. What was withdrawn is left out."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

import msgspec
from cachetools import LRUCache

from elearn.events.base import RowOf
from elearn.events.notices import NoticeCreated, NoticesWithdrawn
from elearn.log.heads import Head
from elearn.log.log import Log
from elearn.models import events
from elearn.models.database import Database

Notice = RowOf[NoticeCreated]

NEWEST = 100
TOPICS = 1_000


UNEVEN = 20
"""Times of several nodes do not quite follow the places: so many rows above the end of a page may
be out of order with those below."""

Place = tuple[int, str]
"""Milliseconds and an id: in this order notices are listed, newest first."""


def place_of(row: Notice) -> Place:
    return int(row.at.timestamp() * 1000), row.id


class Page(msgspec.Struct, frozen=True):
    """Notices of one topic, newest first, down to the seq `reached`. All that come before `edge`
    are among them; None at the topic's end."""

    rows: list[Notice]
    reached: int
    edge: Place | None


class _Kept(msgspec.Struct, frozen=True):
    """As of the topic's row `seq`, and of its notice `n`."""

    seq: int
    n: int
    page: list[Notice]
    withdrawn: frozenset[str]


class NewestNotices:
    def __init__(self, db: Database, log: Log) -> None:
        self._db = db
        self._log = log
        self._kept: LRUCache[str, _Kept] = LRUCache(TOPICS)

    async def newest(self, topics: Iterable[str]) -> dict[str, Page]:
        """Per topic its `NEWEST` notices at most; topics without any are left out."""
        names = list(topics)
        heads = await self._log.heads(names)
        wanted = {name: heads[name] for name in names if heads[name].visible_n}
        found = await asyncio.gather(*(self._of(name, head) for name, head in wanted.items()))
        return {name: _page(kept.page, kept) for name, kept in zip(wanted, found, strict=True)}

    async def below(self, topic: str, before: int) -> Page:
        """Those below a place, `NEWEST` at most."""
        rows, head = await asyncio.gather(
            events.page(self._db, topic, NoticeCreated, limit=NEWEST, before=before),
            self._log.head(topic),
        )
        return _page(rows, await self._of(topic, head))

    async def from_time(self, topic: str, at: datetime, low: int, high: int) -> Page:
        """Those from about a time on, found by halving between two places: the times of a topic's
        rows follow their places, if not quite."""
        while high - low > NEWEST:
            middle = (low + high) // 2
            found = await events.page(
                self._db, topic, NoticeCreated, limit=1, above=low, before=middle
            )
            if not found:
                low = middle
            elif found[0].at > at:
                high = found[0].seq
            else:
                low = found[0].seq
        return await self.below(topic, high + UNEVEN)

    async def _of(self, topic: str, head: Head) -> _Kept:
        kept = self._kept.get(topic)
        if kept is not None and kept.seq == head.visible:
            return kept
        page, n = (kept.page, kept.n) if kept is not None else ([], 0)
        # The head goes on while this reads: what is kept is of the moment before.
        seq, newest_n = head.visible, head.visible_n
        if n != newest_n:
            page = await events.page(self._db, topic, NoticeCreated, limit=NEWEST)
            n = page[0].n if page else 0
        withdrawn = await self._withdrawn(topic, kept)
        fresh = self._kept[topic] = _Kept(seq, n, page, withdrawn)
        return fresh

    async def _withdrawn(self, topic: str, kept: _Kept | None) -> frozenset[str]:
        """A person's own notices are judged one by one, by who asks."""
        before = kept.withdrawn if kept is not None else frozenset[str]()
        if topic.startswith("user:"):
            return before
        gone = await events.of_event(
            self._db, topic, NoticesWithdrawn, above=kept.seq if kept is not None else 0
        )
        return before.union(*(row.data.ids for row in gone))


def _page(rows: list[Notice], kept: _Kept) -> Page:
    shown = [row for row in rows if row.id not in kept.withdrawn] if kept.withdrawn else rows
    edge = max(map(place_of, rows[-UNEVEN:])) if len(rows) == NEWEST else None
    return Page(shown, rows[-1].seq if rows else 0, edge)
