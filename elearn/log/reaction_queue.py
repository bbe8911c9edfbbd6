"""From the log to the reactor: rows that wait for their reactions, and who waits for those."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

from elearn.events.base import Row
from elearn.models import events
from elearn.models.database import Database

UNREACTED_ROWS = 10_000


class ReactionQueue:
    """`unreacted` are rows that this process stored, in memory; `to_mend` says that there may be
    more in the store; `to_react` is set by either."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock
        self._waited: dict[str, asyncio.Future[None]] = {}
        self._marking = asyncio.Lock()
        self.unreacted: deque[Row] = deque()
        self.to_react = asyncio.Event()
        self.to_mend = False

    @property
    def quiet(self) -> bool:
        return not (self._waited or self.unreacted)

    def give(self, row: Row) -> None:
        """To the reactor, from memory; what is beyond its measure it finds in the store."""
        if len(self.unreacted) < UNREACTED_ROWS:
            self._waited.setdefault(row.id, asyncio.get_running_loop().create_future())
            self.unreacted.append(row)
        else:
            self.to_mend = True
        self.to_react.set()

    def holds(self, row: Row) -> bool:
        return row.id in self._waited

    def let_go(self, rows: Sequence[Row]) -> None:
        """Nobody waits any longer for rows whose reactions were tried."""
        for row in rows:
            future = self._waited.pop(row.id, None)
            if future is not None and not future.done():
                future.set_result(None)

    async def reacted(self, row: Row, timeout_s: float) -> None:
        future = self._waited.get(row.id)
        if future is not None:
            await asyncio.wait((future,), timeout=timeout_s)

    async def all_reacted(self) -> None:
        """Return when nothing that this process stored waits for its reactions, and the store
        knows: a process that ends before would leave them to be found and made once more."""
        while self._waited:
            await asyncio.wait(list(self._waited.values()))
        async with self._marking:
            pass

    def mend_soon(self) -> None:
        """Somebody left rows whose reactions nobody holds in memory."""
        self.to_mend = True
        self.to_react.set()

    async def find_unreacted(self, limit: int) -> list[Row]:
        return await events.unreacted(self._db, limit)

    async def mark_reacted(self, rows: Sequence[Row]) -> None:
        async with self._marking:
            await events.mark_reacted(self._db, [row.id for row in rows])

    async def set_aside(self, rows: Sequence[Row]) -> None:
        """Their reactions failed: they are tried again another time."""
        await events.set_aside(self._db, [row.id for row in rows])

    async def take_back(self) -> None:
        await events.take_back(self._db)

    def lag_s(self) -> float:
        """The age of the oldest row that waits here for its reactions."""
        if not self.unreacted:
            return 0.0
        return max(0.0, (self._clock() - self.unreacted[0].at).total_seconds())
