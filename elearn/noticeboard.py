"""The newest notices of topics, kept while nothing was added: panels and badges ask for them all
the time, and a course's are the same for everyone in it."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable

from elearn.log import Log
from elearn.models import events
from elearn.models.events import Database, Row

NEWEST = 100
TOPICS = 1_000


class Noticeboard:
    def __init__(self, db: Database, log: Log) -> None:
        self._db = db
        self._log = log
        self._kept: OrderedDict[str, tuple[int, list[Row]]] = OrderedDict()

    async def newest(self, topics: Iterable[str]) -> dict[str, list[Row]]:
        """Per topic its `NEWEST` notices at most, newest first; topics without any are left out."""
        names = list(topics)
        heads = await self._log.heads(names)
        wanted = {name: heads[name].visible_n for name in names if heads[name].visible_n}
        found = await asyncio.gather(*(self._of(name, n) for name, n in wanted.items()))
        return dict(zip(wanted, found, strict=True))

    async def _of(self, topic: str, n: int) -> list[Row]:
        """`n` counts a topic's notices, so the same `n` means the same notices."""
        kept = self._kept.get(topic)
        if kept is not None and kept[0] == n:
            self._kept.move_to_end(topic)
            return kept[1]
        rows = await events.page(self._db, topic, "notification.created", limit=NEWEST)
        seen = rows[0].n if rows else 0
        self._kept[topic] = (seen, rows)
        if len(self._kept) > TOPICS:
            self._kept.popitem(last=False)
        return rows
