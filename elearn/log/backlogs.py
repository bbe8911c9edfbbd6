"""What many missed alike is read once: after a restart a room's readers all ask from one place."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
from cachetools import LRUCache

from elearn.events.base import Row

KEPT_ROWS = 1_000
# (topic, after, newest visible, limit). A row is changed by rows after it alone, so what was
# read up to a position stays true for as long as that is the newest.
Wanted = tuple[str, int, int, int]


class Backlog(list[Row]):
    """Rows that several read; `pushes` is what they were told, where that is the same for all, and
    `withdrawn` are the notices among them that were taken back on their topic since."""

    pushes: "list[tuple[int, msgspec.Raw]] | None" = None
    withdrawn: frozenset[str] = frozenset()


class Backlogs:
    """The last few reads, those under way included; at most `KEPT_ROWS` rows in memory."""

    def __init__(self) -> None:
        self._kept: LRUCache[Wanted, Backlog] = LRUCache(KEPT_ROWS, getsizeof=_weight)
        self._reading: dict[Wanted, asyncio.Lock] = {}

    async def read(self, wanted: Wanted, read: Callable[[Wanted], Awaitable[Backlog]]) -> Backlog:
        """The rows, by `read` unless somebody just did."""
        rows = self._kept.get(wanted)
        if rows is not None:
            return rows
        async with self._reading.setdefault(wanted, asyncio.Lock()):
            try:
                rows = self._kept.get(wanted)
                if rows is None:
                    rows = await read(wanted)
                    if _weight(rows) <= KEPT_ROWS:
                        self._kept[wanted] = rows
            finally:
                self._reading.pop(wanted, None)
            return rows


def _weight(rows: Backlog) -> int:
    return len(rows) + 1
