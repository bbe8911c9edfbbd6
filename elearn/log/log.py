"""The log: appends one row, applies it to the documents, publishes it, then answers.

Only this room publishes stored events. A row is the truth from the moment it is stored; what comes
after (projection, push, reactions) is idempotent and is mended at the next start when it was cut.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any

from elearn.delivery.broker import Alone, Broker
from elearn.delivery.hub import Hub, Subscriber
from elearn.errors import Unavailable
from elearn.events.base import Row
from elearn.log.appender import Appender
from elearn.log.backlogs import Backlog, Backlogs, Wanted
from elearn.log.catching_up import CatchingUp
from elearn.log.decisions import Decision, Decisions
from elearn.log.heads import Head
from elearn.log.new_events import NewEvent, Pending, conflict
from elearn.log.other_nodes import OtherNodes
from elearn.log.projector import Projector
from elearn.log.publishing import Publisher
from elearn.log.reaction_queue import ReactionQueue
from elearn.log.replay import withdrawn_among
from elearn.log.waking import Waking
from elearn.metrics import Metrics
from elearn.models import events, wake
from elearn.models.database import Database
from elearn.parts import Part
from elearn.projections import applying as projections

TOGETHER_ROWS = 500


class Log(Part):
    """One a process. `serving` is False in a command beside the servers: it wakes them instead."""

    def __init__(
        self,
        db: Database,
        hub: Hub,
        clock: Callable[[], datetime],
        *,
        serving: bool = True,
        broker: Broker | None = None,
        check_s: float = 30.0,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._db = db
        self._serving = serving
        self._broker: Broker = broker or Alone()
        self._backlogs = Backlogs()
        self._appender = Appender(db, clock, self._stored, pause)
        self._heads = self._appender.heads
        self._projector = Projector(db, self._applied, pause)
        self._waking = Waking(db, wake.MOVED if serving else wake.LEFT, pause)
        self.publisher = Publisher(hub, self._broker, self._waking, serving=serving)
        self._catching_up = CatchingUp(db, self._heads, self._projector, self.publisher, pause)
        self._decisions = Decisions(
            db, self._appender, self._projector, self._catching_up, self.append
        )
        self.other_nodes = OtherNodes(
            db,
            self._heads,
            self.publisher,
            self._catching_up,
            self._waking,
            check_s=check_s,
            pause=pause,
        )
        self.reaction_queue = ReactionQueue(db, clock)
        self._appender.on_foreign = self._catching_up.foreign
        self._appender.on_doubt = self._catching_up.doubt
        self.publisher.on_gap = self._catching_up.note
        hub.on_idle = self._nobody_listens

    # Writing

    async def append(self, draft: NewEvent) -> Row:
        """Store, apply and publish one event; the row, or that of an earlier act with its key.

        Raises `IdempotencyConflict` (the key was used for something else) and `Unavailable`
        (the store is away or too far behind: nothing was acknowledged).
        """
        return await self.put(draft)

    def put(self, draft: NewEvent) -> "asyncio.Future[Row]":
        """`append` in two steps: queued when this returns, stored and published when it is done."""
        if self._projector.full:
            raise Unavailable("The store does not keep up right now. Try again shortly.")
        return self._appender.put(draft)

    async def append_all(self, drafts: Sequence[NewEvent]) -> list[Row]:
        """Queue many in order: they share the appender's writes, and leave room for others."""
        rows: list[Row] = []
        for begin in range(0, len(drafts), TOGETHER_ROWS):
            some = drafts[begin : begin + TOGETHER_ROWS]
            rows += await asyncio.gather(*(self.put(draft) for draft in some))
        return rows

    async def decide(self, topic: str, decision: Decision) -> Row:
        """Take the topic's turn: `decision` reads the state and returns the event or raises. It
        may be asked again, see `Decisions`."""
        return await self._decisions.decide(topic, decision)

    async def repeat(self, actor: str, key: str, digest: str) -> Row | None:
        """The row that this key already made, if any; `IdempotencyConflict` for another act."""
        row = await events.find_by_key(self._db, actor, key)
        if row is not None and row.digest != digest:
            raise conflict()
        return row

    def begin(self, topic: str) -> None:
        self._heads.begin(topic)

    # From the store to everyone

    def _stored(self, pending: Pending, row: Row) -> None:
        """Called by the appender, in the order of the rows."""
        if projections.concern(row) or self._projector.holds(row.topic):
            self._projector.put(pending, row)
        else:
            self._finish(pending, row)

    def _applied(self, pending: Pending, row: Row) -> None:
        self._finish(pending, row)
        self._catching_up.applied_to(row.topic)

    def _finish(self, pending: Pending, row: Row) -> None:
        head = self._heads.known(row.topic)
        if head is not None and row.seq > head.visible:
            self._heads.show(row.topic, head, row.seq, row.n)
        self.publisher.show(row)
        if self._serving and not row.reacted:
            self.reaction_queue.give(row)
        pending.resolve(row)

    async def reacted(self, row: Row, timeout_s: float = 5.0) -> None:
        """Wait until the row's reactions are done, so that a reply comes after what it caused."""
        await self.reaction_queue.reacted(row, timeout_s)

    def in_hand(self, row: Row) -> bool:
        """Whether this process holds the row's reactions already."""
        return self.reaction_queue.holds(row) or self._projector.holds(row.topic)

    # Reading

    async def head(self, topic: str) -> Head:
        if self.other_nodes.unsure_of(topic):
            await self.other_nodes.look_at(topic)
        return await self._heads.head(topic)

    async def guess_heads(self, guesses: Mapping[str, int], *, applied: bool = False) -> None:
        """Learn many heads at once; whoever asks for one that was guessed wrong reads it. With
        `applied` they are guessed by documents, which hold the rows up to there."""
        sure = {t: seq for t, seq in guesses.items() if not self.other_nodes.unsure_of(t)}
        await self._heads.guess(sure, applied=applied)

    async def heads(self, topics: Sequence[str]) -> dict[str, Head]:
        sure = {topic: self._sure(topic) for topic in topics}
        found = {topic: head for topic, head in sure.items() if head is not None}
        if unknown := sure.keys() - found.keys():  # a task costs more than a look
            read = await asyncio.gather(*(self.head(topic) for topic in unknown))
            found.update(zip(unknown, read, strict=True))
        return found

    def _sure(self, topic: str) -> Head | None:
        """The head, where it need not be read."""
        return None if self.other_nodes.unsure_of(topic) else self._heads.known(topic)

    async def since(self, topic: str, after: int, limit: int) -> Backlog:
        """At most `limit` rows above `after` that are applied and published, oldest first."""
        head = await self.head(topic)
        if after >= head.visible:
            return Backlog()
        return await self._backlogs.read((topic, after, head.visible, limit), self._read_backlog)

    async def _read_backlog(self, wanted: Wanted) -> Backlog:
        topic, after, visible, limit = wanted
        rows = await events.since(self._db, topic, after, limit)
        backlog = Backlog(row for row in rows if row.seq <= visible)
        backlog.withdrawn = await withdrawn_among(self._db, topic, backlog)
        return backlog

    async def watch(self, topics: Sequence[str], subscriber: Subscriber) -> dict[str, Head]:
        """Register a subscriber; it gets every row above the `visible` of the returned heads.

        Nothing is published between registering and returning, so what the caller sends before
        it next awaits comes before any push.
        """
        while True:
            heads = await self.heads(topics)
            if all(self._heads.known(topic) is heads[topic] for topic in topics):
                break
        self.publisher.register(topics, heads, subscriber)
        return heads

    def _nobody_listens(self, topic: str) -> None:
        self.publisher.leave(topic)
        self.other_nodes.leave(topic)

    # As a whole

    @property
    def quiet(self) -> bool:
        """Nothing waits to be stored, applied, published or reacted to in this process."""
        rooms = (self._projector, self._catching_up, self.reaction_queue, self._appender)
        return all(room.quiet for room in rooms)

    @property
    def away(self) -> bool:
        return self._appender.away

    @property
    def queue_rows(self) -> int:
        """Rows on their way: accepted, and not yet stored or not yet applied."""
        return self._appender.waiting + len(self._projector)

    def show(self, metrics: Metrics) -> None:
        metrics.queue_rows.set_function(lambda: self.queue_rows)
        metrics.store_away.set_function(lambda: self.away)
        metrics.reactions_waiting.set_function(lambda: len(self.reaction_queue.unreacted))
        metrics.reaction_lag.set_function(self.reaction_queue.lag_s)
        self._appender.on_batch = metrics.batch_rows.observe

    async def flush(self) -> None:
        """Wait until what was accepted is stored, applied and announced."""
        await self._appender.drained()
        await self._projector.drained()
        await self._waking.close()

    def loops(self) -> dict[str, Coroutine[Any, Any, None]]:
        loops: dict[str, Coroutine[Any, Any, None]] = {
            "log.append": self._appender.run(),
            "log.apply": self._projector.run(),
            "log.catch-up": self._catching_up.run(),
            "log.doubts": self._catching_up.run_doubts(),
        }
        if not self._serving or self._broker.shared:
            loops["log.wake"] = self._waking.run()
        if self._broker.shared:
            loops["log.broker"] = self._broker.run(self.other_nodes)
            loops["log.look"] = self.other_nodes.run()
        return loops
