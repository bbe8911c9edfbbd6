"""The one writer of a process: numbers what arrives for any topic and stores it in ordered batches.

While one write is in flight, the rest waits in a bounded queue. The unique index on (topic, seq)
lets one node win; what was refused is understood by reading, renumbered and written again.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

from pymongo.errors import BulkWriteError, PyMongoError

from elearn.errors import Internal, Unavailable
from elearn.events.base import Row
from elearn.log.heads import Heads
from elearn.log.new_events import NewEvent, NotStored, Pending, TurnLostError
from elearn.log.numbering import Numbered, number
from elearn.models import events, store
from elearn.models.database import Database
from elearn.models.portable import DUPLICATE_KEY, not_vouched_for

QUEUE_ROWS = 2_000
BATCH_ROWS = 200
RENUMBERINGS = 50

log = logging.getLogger("elearn.log")


class Appender:
    """See the module. `stored(pending, row)` is called in the order of the rows."""

    def __init__(
        self,
        db: Database,
        clock: Callable[[], datetime],
        stored: Callable[[Pending, Row], None],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._db = db
        self._clock = clock
        self._stored = stored
        self._pause = pause
        self.heads = Heads(db, self._topics_under_way)
        self._queue: deque[Pending] = deque()
        self._by_key: dict[tuple[str, str], Pending] = {}
        self._more = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self.on_batch: Callable[[int], None] = lambda rows: None
        # A topic with rows that this process did not know of, and topics that may get some.
        self.on_foreign: Callable[[str], None] = lambda topic: None
        self.on_doubt: Callable[[Iterable[str]], None] = lambda topics: None
        self._singly = 0  # so many of the next rows are written one by one
        self.away = False

    def put(self, draft: NewEvent) -> "asyncio.Future[Row]":
        """Queue a draft. `Unavailable` at once when the store is away or too far behind."""
        future: asyncio.Future[Row] = asyncio.get_running_loop().create_future()
        earlier = self._by_key.get((draft.actor, draft.key))
        if earlier is not None:
            earlier.repeats.append((draft.digest, future))
            return future
        if self.away or len(self._queue) >= QUEUE_ROWS:
            raise Unavailable("The store does not keep up right now. Try again shortly.")
        pending = Pending(draft, draft.at or self._clock(), future)
        self._by_key[draft.actor, draft.key] = pending
        self._queue.append(pending)
        self._idle.clear()
        self._more.set()
        return future

    async def run(self) -> None:
        while True:
            while not self._queue:
                self._idle.set()
                self._more.clear()
                await self._more.wait()
            size = 1 if self._singly else min(BATCH_ROWS, len(self._queue))
            self._singly = max(0, self._singly - 1)
            batch = [self._queue.popleft() for _ in range(size)]
            try:
                await self._write(batch)
            except PyMongoError as error:
                await self._outcome_unknown(batch, error)
            except Exception:
                self._not_understood(batch)

    def _not_understood(self, batch: list[Pending]) -> None:
        """One of them cannot be stored at all: each is tried by itself, so that it fails alone."""
        if len(batch) == 1:
            error, topic = Internal("This could not be stored."), batch[0].draft.topic
            log.exception("incident %s: a row of %s cannot be stored", error.incident, topic)
            self._fail(batch, error)
            return
        left = [p for p in batch if self._by_key.get((p.draft.actor, p.draft.key)) is p]
        self._singly = len(left)
        self._queue.extendleft(reversed(left))

    @property
    def quiet(self) -> bool:
        return self._idle.is_set()

    @property
    def waiting(self) -> int:
        """Rows that are accepted and not stored yet, those of the write in flight included."""
        return len(self._by_key)

    async def drained(self) -> None:
        """Return when nothing waits and no write is in flight."""
        await self._idle.wait()

    async def _write(self, batch: list[Pending]) -> None:
        await asyncio.gather(*(self.heads.head(topic) for topic in {p.draft.topic for p in batch}))
        numbered, late = number(batch, self.heads)
        for pending in late:
            self._fail([pending], TurnLostError())
        if not numbered:
            return
        self.on_batch(len(numbered))
        try:
            await events.insert(self._db, [row for _, row in numbered])
        except BulkWriteError as error:
            await self._understand(error, numbered)
        else:
            self._accept(numbered)

    def _accept(self, numbered: Iterable[Numbered]) -> None:
        for pending, row in numbered:
            self.heads.adopt(row.topic, row.seq, row.n)
            self._drop(pending)
            self._stored(pending, row)

    async def _understand(self, error: BulkWriteError, numbered: list[Numbered]) -> None:
        """The store stopped at the first refused row: those before it are stored, it and the rest
        are not. A repeat is answered from its row; a lost race is renumbered. Unless no majority
        vouches for what is stored: then nothing is known."""
        refusals = (error.details or {}).get("writeErrors") or []
        if not refusals or not_vouched_for(error):
            raise error
        index = refusals[0]["index"]
        self._accept(numbered[:index])
        refused, row = numbered[index]
        rest = [pending for pending, _ in numbered[index + 1 :]]
        if refusals[0].get("code") not in DUPLICATE_KEY:
            log.error("the store refused a row of %s: %s", row.topic, refusals[0].get("errmsg"))
            await self._refused(refused, rest)
            return
        try:
            repeated = await events.find_by_key(self._db, row.actor, row.key)
            if repeated is not None:
                # Repeats come in company (reactions done again): one look for all of them.
                rest = await self._without_repeats(rest)
        except PyMongoError as gone:
            await self._outcome_unknown([refused, *rest], gone)
            return
        if repeated is not None:
            self._repeated(refused, repeated)
        elif refused.draft.expect is not None:
            self._fail([refused], TurnLostError())
        else:
            refused.renumbered += 1
            if refused.renumbered > RENUMBERINGS:
                self._fail([refused], Unavailable("Too many others write here. Try again."))
            else:
                await self.heads.reread(row.topic)
                rest.insert(0, refused)
        self._queue.extendleft(reversed(rest))

    async def _refused(self, pending: Pending, rest: list[Pending]) -> None:
        """For what it holds, or does the store take nothing at all (a full disk)?"""
        try:
            await store.vouch(self._db)
        except PyMongoError as full:
            await self._outcome_unknown([pending, *rest], full)
            return
        self._fail([pending], NotStored("This could not be stored."))
        self._queue.extendleft(reversed(rest))

    async def _without_repeats(self, batch: list[Pending]) -> list[Pending]:
        """Answer those whose key is stored already; the others."""
        found = await asyncio.gather(
            *(events.find_by_key(self._db, p.draft.actor, p.draft.key) for p in batch)
        )
        for pending, row in zip(batch, found, strict=True):
            if row is not None:
                self._repeated(pending, row)
        return [pending for pending, row in zip(batch, found, strict=True) if row is None]

    def _repeated(self, pending: Pending, row: Row) -> None:
        """Answer from the row. It may be news here: stored by another node, or by a write of this
        one that came through after it was given up."""
        self._drop(pending)
        head = self.heads.known(row.topic)
        if head is not None and row.seq > head.visible:
            self.on_foreign(row.topic)
        pending.resolve(row)

    async def _outcome_unknown(self, batch: list[Pending], error: Exception) -> None:
        """The store may or may not have the batch. Everyone is told to try again (the key makes
        that safe); before the next write the truth is read, so that no stored row stays unseen."""
        log.warning("the store did not answer: %s", type(error).__name__)
        self.away = True
        sorry = Unavailable("The store is away. Nothing is lost: try again shortly.")
        for pending in (*batch, *self._queue):
            pending.fail(sorry)
        for pending in self._queue:
            self._drop(pending)
        self._queue.clear()
        batch = [p for p in batch if (p.draft.actor, p.draft.key) in self._by_key]
        while True:
            try:
                await store.vouch(self._db)
                found = [
                    await events.find_by_key(self._db, p.draft.actor, p.draft.key) for p in batch
                ]
                for topic in {p.draft.topic for p in batch}:
                    if self.heads.known(topic) is not None:
                        await self.heads.reread(topic)
                break
            except PyMongoError:
                await self._pause(0.5)
        self.away = False
        for pending, row in zip(batch, found, strict=True):
            self._drop(pending)
            if row is None:
                pending.fail(sorry)  # to those who repeated the key meanwhile
                continue
            row.duplicate = False
            self._stored(pending, row)
        self.on_doubt({pending.draft.topic for pending in batch})
        log.info("the store answers again")

    def _topics_under_way(self) -> set[str]:
        return {pending.draft.topic for pending in self._by_key.values()}

    def _drop(self, pending: Pending) -> None:
        self._by_key.pop((pending.draft.actor, pending.draft.key), None)

    def _fail(self, batch: list[Pending], error: Exception) -> None:
        for pending in batch:
            self._drop(pending)
            pending.fail(error)
