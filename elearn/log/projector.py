"""Applies stored rows to the documents, in the order of the log, before anyone sees the rows."""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable

from pymongo.errors import PyMongoError

from elearn.events.base import Row
from elearn.log.new_events import Pending
from elearn.models.database import Database
from elearn.projections import applying as projections

PROJECTOR_ROWS = 2_000

log = logging.getLogger("elearn.log")


class Projector:
    """One a process. `applied(pending, row)` is called for each row, in the order of coming."""

    def __init__(
        self,
        db: Database,
        applied: Callable[[Pending, Row], None],
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._db = db
        self._applied = applied
        self._pause = pause
        self._rows: deque[tuple[Pending, Row]] = deque()
        self._of_topic: Counter[str] = Counter()
        self._more = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._round = asyncio.Event()

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def full(self) -> bool:
        return len(self._rows) >= PROJECTOR_ROWS

    @property
    def quiet(self) -> bool:
        return not (self._rows or self._of_topic)

    def holds(self, topic: str) -> bool:
        return topic in self._of_topic

    def put(self, pending: Pending, row: Row) -> None:
        self._of_topic[row.topic] += 1
        self._rows.append((pending, row))
        self._empty.clear()
        self._more.set()

    async def left_by(self, topic: str) -> None:
        """Return when no row of the topic is with the projector."""
        while topic in self._of_topic:
            await self._round.wait()

    async def drained(self) -> None:
        await self._empty.wait()

    async def run(self) -> None:
        """Apply rows to the documents, as many together as wait, and let them be seen."""
        while True:
            while not self._rows:
                self._empty.set()
                self._more.clear()
                await self._more.wait()
            waiting = list(self._rows)
            self._rows.clear()
            await self.apply([row for _, row in waiting])
            for pending, row in waiting:
                self._of_topic[row.topic] -= 1
                if not self._of_topic[row.topic]:
                    del self._of_topic[row.topic]
                self._applied(pending, row)
            self._round.set()
            self._round = asyncio.Event()

    async def apply(self, rows: list[Row]) -> None:
        while True:
            try:
                await projections.apply(self._db, rows)
                return
            except PyMongoError as error:
                # The rows are stored: they will be applied, now or by the next start.
                log.warning("a projection waits for the store: %s", type(error).__name__)
                await self._pause(0.5)
            except Exception:
                if len(rows) == 1:
                    log.exception("projection of %s failed", rows[0].id)
                    return
                for row in rows:
                    await self.apply([row])
                return
