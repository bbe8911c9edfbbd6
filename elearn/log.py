"""The log: appends one row, applies it to the documents, publishes it, then answers.

Only this room publishes stored events. A row is the truth from the moment it is stored; what comes
after (projection, push, reactions) is idempotent and is mended at the next start when it was cut.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any

from pymongo.errors import PyMongoError

from elearn import projections, views
from elearn.appender import Appender, Draft, Head, Pending, TurnLostError, conflict
from elearn.errors import Unavailable
from elearn.models import events, wake
from elearn.models.events import Database, Row
from elearn.models.ids import new_id
from elearn.ws import protocol
from elearn.ws.hub import Hub, Subscriber

CATCH_UP_ROWS = 300
TURNS = 50

log = logging.getLogger("elearn.log")


class Log:
    """One a process. `serving` is False in a command beside the servers: it wakes them instead."""

    def __init__(
        self,
        db: Database,
        hub: Hub,
        clock: Callable[[], datetime],
        *,
        serving: bool = True,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.hub = hub
        self._db = db
        self._clock = clock
        self._serving = serving
        self._pause = pause
        self._appender = Appender(db, clock, self._stored, pause)
        self._turns: dict[str, tuple[asyncio.Lock, int]] = {}
        self._lane: deque[tuple[Pending | None, Row]] = deque()
        self._in_lane: Counter[str] = Counter()
        self._lane_more = asyncio.Event()
        self._lane_empty = asyncio.Event()
        self._lane_empty.set()
        self._lane_round = asyncio.Event()
        self._of_others: set[str] = set()
        self._published: dict[str, int] = {}
        self._behind: dict[str, None] = {}
        self._behind_more = asyncio.Event()
        self._unwoken = asyncio.Event()
        self._seen, self._announced = 0, 0
        self._reactions: dict[str, asyncio.Future[None]] = {}
        self.unreacted: deque[Row] = deque()
        self.to_react = asyncio.Event()
        self.on_row: list[Callable[[Row], None]] = []
        hub.on_idle = self._nobody_listens

    # Writing

    async def append(self, draft: Draft) -> Row:
        """Store, apply and publish one event; the row, or that of an earlier act with its key.

        Raises `IdempotencyConflict` (the key was used for something else) and `Unavailable`
        (the store is away or too far behind: nothing was acknowledged).
        """
        return await self._appender.put(draft)

    def put(self, draft: Draft) -> "asyncio.Future[Row]":
        """`append` in two steps: queued when this returns, stored and published when it is done."""
        return self._appender.put(draft)

    async def append_all(self, drafts: Sequence[Draft]) -> list[Row]:
        """Queue many in order, at once: they share the appender's writes."""
        return list(await asyncio.gather(*(self._appender.put(draft) for draft in drafts)))

    async def decide(self, topic: str, decision: Callable[[], Awaitable[Draft]]) -> Row:
        """Take the topic's turn: `decision` reads the state and returns the event or raises.

        It is called again when another node wrote to the topic between reading and storing, after
        that node's rows were applied here, so it always decides against the state as of `expect`.
        """
        async with self._turn(topic):
            for _ in range(TURNS):
                expect = (await self._applied_head(topic)).seq
                draft = await decision()
                draft.expect = expect
                try:
                    return await self.append(draft)
                except TurnLostError:
                    await self._absorb(topic, expect)
            raise TurnLostError

    async def _applied_head(self, topic: str) -> Head:
        """The topic's head, with the documents as of it. What another process stored may not be
        applied there yet; what this one stored may be on its way in the lane."""
        if self.away:
            raise Unavailable("The store is away. Try again shortly.")
        if self._appender.known_head(topic) is None or topic in self._of_others:
            self._of_others.discard(topic)
            await self._appender.head(topic)
            await projections.apply(self._db, await events.unreacted_of(self._db, topic))
        while self._in_lane[topic]:
            await self._lane_round.wait()
        return await self._appender.head(topic)

    def _turn(self, topic: str) -> "_Turn":
        return _Turn(self._turns, topic)

    async def _absorb(self, topic: str, after: int) -> None:
        for row in await events.since(self._db, topic, after, CATCH_UP_ROWS):
            await projections.apply(self._db, [row])
            head = await self._appender.head(topic)
            if row.seq > head.seq:
                head.seq, head.n = row.seq, row.n
        self._note_behind(topic)

    async def repeat(self, actor: str, key: str, digest: str) -> Row | None:
        """The row that this key already made, if any; `IdempotencyConflict` for another act."""
        row = await events.find_by_key(self._db, actor, key)
        if row is not None and row.digest != digest:
            raise conflict()
        return row

    def begin(self, topic: str) -> None:
        self._appender.begin(topic)

    # Reading

    async def head(self, topic: str) -> Head:
        return await self._appender.head(topic)

    async def heads(self, topics: Sequence[str]) -> dict[str, Head]:
        found = await asyncio.gather(*(self._appender.head(topic) for topic in topics))
        return dict(zip(topics, found, strict=True))

    async def since(self, topic: str, after: int, limit: int) -> list[Row]:
        """At most `limit` rows above `after` that are applied and published, oldest first."""
        head = await self._appender.head(topic)
        if after >= head.visible:
            return []
        rows = await events.since(self._db, topic, after, limit)
        return [row for row in rows if row.seq <= head.visible]

    @property
    def quiet(self) -> bool:
        """Nothing waits to be stored, applied, published or reacted to in this process."""
        return (
            not (self._lane or self._in_lane or self._behind or self._reactions or self.unreacted)
            and self._appender.quiet
        )

    @property
    def away(self) -> bool:
        return self._appender.away

    # Publishing

    async def watch(self, topics: Sequence[str], subscriber: Subscriber) -> dict[str, Head]:
        """Register a subscriber; it gets every row above the `visible` of the returned heads.

        Nothing is published between registering and returning, so what the caller sends before
        it next awaits comes before any push.
        """
        while True:
            heads = await self.heads(topics)
            if all(self._appender.known_head(topic) is heads[topic] for topic in topics):
                break
        for topic in topics:
            self._published.setdefault(topic, heads[topic].visible)
            self.hub.subscribe(topic, subscriber)
        return heads

    def tell(self, topic: str, event: str, data: dict[str, Any]) -> None:
        """Publish something ephemeral: no seq, never stored, never replayed."""
        if self.hub.listens(topic):
            push = {"push": event, "topic": topic, "data": data}
            self.hub.publish(topic, protocol.push_frame(push))

    def _stored(self, pending: Pending, row: Row) -> None:
        """Called by the appender, in the order of the rows."""
        if projections.concerns(row) or self._in_lane[row.topic]:
            self._in_lane[row.topic] += 1
            self._lane.append((pending, row))
            self._lane_empty.clear()
            self._lane_more.set()
        else:
            self._finish(pending, row)

    async def _run_lane(self) -> None:
        """Apply rows to the documents, as many together as wait, and let them be seen."""
        while True:
            while not self._lane:
                self._lane_empty.set()
                self._lane_more.clear()
                await self._lane_more.wait()
            waiting = list(self._lane)
            self._lane.clear()
            await self._apply([row for _, row in waiting])
            for pending, row in waiting:
                self._in_lane[row.topic] -= 1
                if not self._in_lane[row.topic]:
                    del self._in_lane[row.topic]
                self._finish(pending, row)
            self._lane_round.set()
            self._lane_round = asyncio.Event()

    async def _apply(self, rows: list[Row]) -> None:
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
                    await self._apply([row])
                return

    def _finish(self, pending: Pending | None, row: Row) -> None:
        head = self._appender.known_head(row.topic)
        if head is not None and row.seq > head.visible:
            if row.seq > head.visible + 1:
                self._of_others.add(row.topic)
            head.visible, head.visible_n = row.seq, row.n
        self._publish(row)
        if not self._serving:
            self._seen += 1
            self._unwoken.set()
        elif not row.reacted:
            self._reactions.setdefault(row.id, asyncio.get_running_loop().create_future())
            self.unreacted.append(row)
            self.to_react.set()
        if pending is not None:
            pending.resolve(row)

    def _publish(self, row: Row) -> None:
        for listener in self.on_row:
            listener(row)
        published = self._published.get(row.topic)
        if published is None or row.seq <= published:
            return
        if row.seq > published + 1:
            self._note_behind(row.topic)
            return
        self._published[row.topic] = row.seq
        self.hub.publish(row.topic, protocol.push_frame(views.push(row)))
        if views.changes_rights(row):
            self.hub.signal(row.topic, row)

    def _nobody_listens(self, topic: str) -> None:
        self._published.pop(topic, None)

    def _note_behind(self, topic: str) -> None:
        self._behind[topic] = None
        self._behind_more.set()

    async def _run_behind(self) -> None:
        """Read what others wrote to topics that are listened to here, and publish it in order."""
        while True:
            await self._behind_more.wait()
            self._behind_more.clear()
            while self._behind:
                topic = next(iter(self._behind))
                del self._behind[topic]
                try:
                    await self._catch_up(topic)
                except PyMongoError as error:
                    log.warning("catching up on %s waits: %s", topic, type(error).__name__)
                    self._behind[topic] = None
                    await self._pause(0.5)

    async def _catch_up(self, topic: str) -> None:
        while (published := self._published.get(topic)) is not None:
            rows = await events.since(self._db, topic, published, CATCH_UP_ROWS)
            if not rows:
                return
            head = await self._appender.head(topic)
            for row in rows:
                if row.seq > head.visible and self._in_lane[topic]:
                    return  # its own process applies it at this moment and publishes it after
                await projections.apply(self._db, [row])
                if row.seq > head.seq:
                    head.seq, head.n = row.seq, row.n
                if row.seq > head.visible:
                    head.visible, head.visible_n = row.seq, row.n
                self._publish(row)

    # Reactions

    async def reacted(self, row: Row, timeout_s: float = 5.0) -> None:
        """Wait until the row's reactions are done, so that a reply comes after what it caused."""
        future = self._reactions.get(row.id)
        if future is not None:
            await asyncio.wait((future,), timeout=timeout_s)

    async def mark_reacted(self, rows: Sequence[Row]) -> None:
        for row in rows:
            future = self._reactions.pop(row.id, None)
            if future is not None and not future.done():
                future.set_result(None)
        await events.mark_reacted(self._db, [row.id for row in rows])

    async def find_unreacted(self, limit: int) -> list[Row]:
        return await events.unreacted(self._db, limit)

    # Other processes

    async def _run_waking(self) -> None:
        while True:
            await self._unwoken.wait()
            self._unwoken.clear()
            try:
                await self._announce()
            except PyMongoError:
                await self._pause(0.5)
                self._unwoken.set()

    async def _announce(self) -> None:
        """Wake the servers. What is cut in the middle counts as not done: `close` does it again."""
        seen = self._seen
        await wake.ring(self._db)
        self._announced = seen

    async def look_for_others(self) -> None:
        """Another process wrote: look at the heads of the topics that are listened to."""
        # What nobody listens to is not read now: its head is read again when it is asked for.
        listened = set(self.hub.topics())
        self._appender.forget(t for t in self._appender.known_topics if t not in listened)
        for topic in self.hub.topics():
            newest = await events.newest(self._db, topic)
            if newest is not None and newest.seq > self._published.get(topic, newest.seq):
                self._note_behind(topic)
        self.to_react.set()

    async def close(self) -> None:
        """Wait until what was accepted is stored, applied and announced."""
        await self._appender.drained()
        await self._lane_empty.wait()
        if self._announced < self._seen:
            await self._announce()

    def background(self) -> dict[str, Coroutine[Any, Any, None]]:
        """The log's loops by name, for `services.tasks`."""
        loops: dict[str, Coroutine[Any, Any, None]] = {
            "log.append": self._appender.run(),
            "log.apply": self._run_lane(),
            "log.catch-up": self._run_behind(),
        }
        if not self._serving:
            loops["log.wake"] = self._run_waking()
        return loops


class _Turn:
    """A lock a topic that is forgotten when nobody holds or awaits it."""

    def __init__(self, turns: dict[str, tuple[asyncio.Lock, int]], topic: str) -> None:
        self._turns = turns
        self._topic = topic

    async def __aenter__(self) -> None:
        lock, holders = self._turns.get(self._topic) or (asyncio.Lock(), 0)
        self._turns[self._topic] = (lock, holders + 1)
        try:
            await lock.acquire()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *exc: object) -> None:
        self._turns[self._topic][0].release()
        self._leave()

    def _leave(self) -> None:
        lock, holders = self._turns[self._topic]
        if holders == 1:
            del self._turns[self._topic]
        else:
            self._turns[self._topic] = (lock, holders - 1)


def server_key() -> str:
    """A key for an act that brought none."""
    return new_id()
