"""What many missed alike is read once: after a restart a room's readers all ask from one place."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import msgspec

from elearn.events.base import Row

KEPT_ROWS = 1_000
# (topic, after, newest visible, limit). A row is changed by rows after it alone, so what was
# read up to a position stays true for as long as that is the newest.
Wanted = tuple[str, int, int, int]


class Backlog(list[Row]):
    """Rows that several read; `pushes` is what they were told, where that is the same for all."""

    pushes: "list[tuple[int, msgspec.Raw]] | None" = None


class Backlogs:
    """The last few reads, those under way included; at most `KEPT_ROWS` rows in memory."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Wanted, Backlog] = OrderedDict()
        self._reading: dict[Wanted, asyncio.Lock] = {}
        self._rows = 0

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
                    self._keep(wanted, rows)
            finally:
                self._reading.pop(wanted, None)
            return rows

    def _keep(self, wanted: Wanted, rows: Backlog) -> None:
        self._kept[wanted] = rows
        self._rows += len(rows)
        while self._rows > KEPT_ROWS or len(self._kept) > KEPT_ROWS:
            self._rows -= len(self._kept.popitem(last=False)[1])
