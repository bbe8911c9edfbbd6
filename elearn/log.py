"""The log: appends one row, applies it to the documents, publishes it, then answers.

Only this room publishes stored events. A row is the truth from the moment it is stored; what comes
after (projection, push, reactions) is idempotent and is mended at the next start when it was cut.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from datetime import datetime
from typing import Any

from pymongo.errors import PyMongoError

from elearn import projections, views
from elearn.appender import Appender, Draft, Head, Pending, TurnLostError, conflict
from elearn.backlogs import Backlogs, Wanted
from elearn.errors import Unavailable
from elearn.models import events, wake
from elearn.models.events import Database, Row
from elearn.turns import Turns
from elearn.ws import protocol
from elearn.ws.broker import NEWS, Alone, Broker, Copy
from elearn.ws.hub import Hub, Subscriber

CATCH_UP_ROWS = 300
LOOKS_AT_ONCE = 16
DEAF_CHECK_S = 2.0
TURNS = 50
UNREACTED_ROWS = 10_000
LANE_ROWS = 2_000
OF_OTHERS = 100_000
TOGETHER_ROWS = 500
# Longer than the driver waits for an answer: a write that was given up has come through by then.
DOUBT_S = 10.0

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
        broker: Broker | None = None,
        check_s: float = 30.0,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.hub = hub
        self._db = db
        self._clock = clock
        self._serving = serving
        self._broker: Broker = broker or Alone()
        self._check_s = check_s
        self._pause = pause
        self._appender = Appender(db, clock, self._stored, pause)
        self._backlogs = Backlogs()
        self._turns = Turns()
        self._lane: deque[tuple[Pending | None, Row]] = deque()
        self._in_lane: Counter[str] = Counter()
        self._lane_more = asyncio.Event()
        self._lane_empty = asyncio.Event()
        self._lane_empty.set()
        self._lane_round = asyncio.Event()
        self._of_others: set[str] = set()
        self._published: dict[str, int] = {}
        self._behind: dict[str, None] = {}
        self._behind_lane: set[str] = set()
        self._unsure: set[str] = set()
        self._looked: dict[str, int] = {}
        self._look_now = asyncio.Event()
        self._behind_more = asyncio.Event()
        self._unwoken = asyncio.Event()
        self._doubtful: set[str] = set()
        self._doubt_more = asyncio.Event()
        self._appender.on_foreign, self._appender.on_doubt = self._foreign, self._doubt
        self._seen, self._announced = 0, 0
        self._reactions: dict[str, asyncio.Future[None]] = {}
        self.unreacted: deque[Row] = deque()
        self.to_react = asyncio.Event()
        self.to_mend = False
        self.on_row: list[Callable[[Row], None]] = []
        self.on_missed: list[Callable[[], None]] = []
        self.on_news: Callable[[bytes], None] = lambda news: None
        hub.on_idle = self._nobody_listens

    # Writing

    async def append(self, draft: Draft) -> Row:
        """Store, apply and publish one event; the row, or that of an earlier act with its key.

        Raises `IdempotencyConflict` (the key was used for something else) and `Unavailable`
        (the store is away or too far behind: nothing was acknowledged).
        """
        return await self.put(draft)

    def put(self, draft: Draft) -> "asyncio.Future[Row]":
        """`append` in two steps: queued when this returns, stored and published when it is done."""
        if len(self._lane) >= LANE_ROWS:
            raise Unavailable("The store does not keep up right now. Try again shortly.")
        return self._appender.put(draft)

    async def append_all(self, drafts: Sequence[Draft]) -> list[Row]:
        """Queue many in order: they share the appender's writes, and leave room for others."""
        rows: list[Row] = []
        for begin in range(0, len(drafts), TOGETHER_ROWS):
            some = drafts[begin : begin + TOGETHER_ROWS]
            rows += await asyncio.gather(*(self.put(draft) for draft in some))
        return rows

    async def decide(self, topic: str, decision: Callable[[], Awaitable[Draft]]) -> Row:
        """Take the topic's turn: `decision` reads the state and returns the event or raises.

        It is called again when another node wrote to the topic between reading and storing, after
        that node's rows were applied here, so it always decides against the state as of `expect`.
        """
        async with self._turns.take(topic):
            for _ in range(TURNS):
                expect = (await self._applied_head(topic)).seq
                draft = await decision()
                draft.expect = expect
                try:
                    return await self.append(draft)
                except TurnLostError:
                    await self._absorb(topic, expect)
            raise Unavailable("Too much happens here at once. Try again.")

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
        head = await self._appender.head(topic)
        if head.seq > head.visible:
            await self._absorb(topic, head.visible)
        return head

    async def _absorb(self, topic: str, after: int) -> None:
        for row in await events.since(self._db, topic, after, CATCH_UP_ROWS):
            await projections.apply(self._db, [row])
            self._adopt(topic, row.seq, row.n)
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
        if not self._broker.hears or topic in self._unsure:
            await self._look_at(topic)
        return await self._appender.head(topic)

    async def heads(self, topics: Sequence[str]) -> dict[str, Head]:
        found = await asyncio.gather(*(self.head(topic) for topic in topics))
        return dict(zip(topics, found, strict=True))

    async def since(self, topic: str, after: int, limit: int) -> list[Row]:
        """At most `limit` rows above `after` that are applied and published, oldest first."""
        head = await self.head(topic)
        if after >= head.visible:
            return []
        return await self._backlogs.read((topic, after, head.visible, limit), self._read_backlog)

    async def _read_backlog(self, wanted: Wanted) -> list[Row]:
        topic, after, visible, limit = wanted
        rows = await events.since(self._db, topic, after, limit)
        return [row for row in rows if row.seq <= visible]

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

    @property
    def queue_rows(self) -> int:
        """Rows on their way: accepted, and not yet stored or not yet applied."""
        return self._appender.waiting + len(self._lane)

    def reaction_lag_s(self) -> float:
        """The age of the oldest row that waits here for its reactions."""
        if not self.unreacted:
            return 0.0
        return max(0.0, (self._clock() - self.unreacted[0].at).total_seconds())

    def observe_batches(self, observe: Callable[[int], None]) -> None:
        """Be told the size of each write."""
        self._appender.on_batch = observe

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
            if not self.hub.listens(topic):
                self._broker.listen(topic)
            self.hub.subscribe(topic, subscriber)
        return heads

    def tell(self, topic: str, event: str, data: dict[str, Any]) -> None:
        """Publish something ephemeral on every node: no seq, never stored, never replayed."""
        if self._broker.shared or self.hub.listens(topic):
            frame = protocol.push_frame({"push": event, "topic": topic, "data": data})
            self.hub.publish(topic, frame)
            self._broker.publish(Copy(topic, 0, 0, frame))

    def tell_here(self, topic: str, event: str, data: dict[str, Any]) -> None:
        """`tell` on this node alone: the others find out for themselves."""
        if self.hub.listens(topic):
            push = {"push": event, "topic": topic, "data": data}
            self.hub.publish(topic, protocol.push_frame(push))

    def _stored(self, pending: Pending, row: Row) -> None:
        """Called by the appender, in the order of the rows."""
        if projections.concern(row.topic, row.event) or self._in_lane[row.topic]:
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
                if row.topic in self._behind_lane:
                    self._behind_lane.discard(row.topic)
                    self._note_behind(row.topic)
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
                self._remember_others(row.topic)
            head.visible, head.visible_n = row.seq, row.n
        self._show(row)
        if self._serving and not row.reacted:
            self._hand_over(row)
        if pending is not None:
            pending.resolve(row)

    def _show(self, row: Row) -> None:
        """To those who listen here, and to the other processes."""
        if not self._serving:
            self._seen += 1
            self._unwoken.set()
        frame = self._publish(row)
        if self._serving and not self._broker.publish(Copy(row.topic, row.seq, row.n, frame, row)):
            self.unheard()

    def _publish(self, row: Row, frame: bytes = b"") -> bytes:
        """Hand it to who listens here, in its turn; its frame if one was made.

        The row is stored: when it cannot be shown, that must not end the showing of the others.
        """
        for listener in self.on_row:
            try:
                listener(row)
            except Exception:
                log.exception("a listener failed on %s", row.id)
        try:
            return self._hand_out(row, frame)
        except Exception:
            log.exception("%s could not be published", row.id)
            return frame

    def _hand_out(self, row: Row, frame: bytes) -> bytes:
        published = self._published.get(row.topic)
        if published is None or row.seq <= published:
            return frame
        if row.seq > published + 1:
            self._note_behind(row.topic)
            return frame
        self._published[row.topic] = row.seq
        frame = frame or protocol.push_frame(views.push(row))
        self.hub.publish(row.topic, frame)
        if views.changes_rights(row):
            self.hub.signal(row.topic, row)
        return frame

    def _nobody_listens(self, topic: str) -> None:
        self._published.pop(topic, None)
        self._looked.pop(topic, None)
        self._unsure.discard(topic)
        self._broker.leave(topic)

    def _foreign(self, topic: str) -> None:
        """The topic holds rows that did not come by here: publish them, or read it anew."""
        self._remember_others(topic)
        if topic in self._published:
            self._note_behind(topic)
        else:
            self._appender.forget([topic])

    def _remember_others(self, topic: str) -> None:
        """Only for topics whose head is known: the others are read anew in any case."""
        if len(self._of_others) >= OF_OTHERS:
            self._of_others.intersection_update(self._appender.known_topics)
        self._of_others.add(topic)

    def _doubt(self, topics: Iterable[str]) -> None:
        self._doubtful.update(topics)
        self._doubt_more.set()

    async def _run_doubts(self) -> None:
        """After an outage: a write that was given up may still come through. It is looked for, so
        that its rows show also when nobody repeats them."""
        while True:
            await self._doubt_more.wait()
            await self._pause(DOUBT_S)
            self._doubt_more.clear()
            topics, self._doubtful = self._doubtful, set()
            for topic in topics:
                head = self._appender.known_head(topic)
                try:
                    newest = await events.newest(self._db, topic)
                except PyMongoError:
                    self._doubt([topic])
                    continue
                if head is not None and newest is not None and newest.seq > head.seq:
                    self._foreign(topic)

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
                except Exception:
                    log.exception("catching up on %s failed", topic)

    async def _catch_up(self, topic: str) -> None:
        while (published := self._published.get(topic)) is not None:
            rows = await events.since(self._db, topic, published, CATCH_UP_ROWS)
            if not rows:
                return
            head = await self._appender.head(topic)
            for row in rows:
                if row.seq > head.visible and self._in_lane[topic]:
                    # Its own process applies it at this moment and publishes it after.
                    self._behind_lane.add(topic)
                    return
                await self._apply([row])
                self._adopt(topic, row.seq, row.n)
                self._publish(row)

    # Reactions

    async def reacted(self, row: Row, timeout_s: float = 5.0) -> None:
        """Wait until the row's reactions are done, so that a reply comes after what it caused."""
        future = self._reactions.get(row.id)
        if future is not None:
            await asyncio.wait((future,), timeout=timeout_s)

    async def mark_reacted(self, rows: Sequence[Row]) -> None:
        await events.mark_reacted(self._db, [row.id for row in rows])

    def _hand_over(self, row: Row) -> None:
        """To the reactor, from memory; what is beyond its measure it finds in the store."""
        if len(self.unreacted) < UNREACTED_ROWS:
            self._reactions.setdefault(row.id, asyncio.get_running_loop().create_future())
            self.unreacted.append(row)
        else:
            self.to_mend = True
        self.to_react.set()

    def in_hand(self, row: Row) -> bool:
        """Whether this process holds the row's reactions already."""
        return row.id in self._reactions or self._in_lane[row.topic] > 0

    async def all_reacted(self) -> None:
        """Return when nothing that this process stored waits for its reactions."""
        while self._reactions:
            await asyncio.wait(list(self._reactions.values()))

    def let_go(self, rows: Sequence[Row]) -> None:
        """Nobody waits any longer for rows whose reactions were tried."""
        for row in rows:
            future = self._reactions.pop(row.id, None)
            if future is not None and not future.done():
                future.set_result(None)

    async def find_unreacted(self, limit: int) -> list[Row]:
        return await events.unreacted(self._db, limit)

    # Other nodes

    def receive(self, copy: Copy) -> None:
        """What another node published. It stored and applied a row before: here it only shows."""
        if not copy.seq:
            if copy.topic == NEWS:
                self.on_news(copy.frame)
            else:
                self.hub.publish(copy.topic, copy.frame)
            return
        self._adopt(copy.topic, copy.seq, copy.n)
        if copy.row is not None:
            self._publish(copy.row, copy.frame)
        elif copy.seq > self._published.get(copy.topic, copy.seq):
            self._note_behind(copy.topic)

    def missed(self) -> None:
        """What others published may have passed by: look at everything that is listened to."""
        for call in self.on_missed:
            call()
        self._unsure = self._forget_unlistened()
        self._looked.clear()
        self._look_now.set()

    def unheard(self) -> None:
        """Others look for themselves within a second."""
        self._seen += 1
        self._unwoken.set()

    def _adopt(self, topic: str, seq: int, n: int) -> None:
        """A row of another node, applied already, moves the topic's head."""
        head = self._appender.adopt(topic, seq, n)
        if seq > head.visible and not self._in_lane[topic]:
            if seq > head.visible + 1:
                self._remember_others(topic)
            head.visible, head.visible_n = seq, n

    async def _look_at(self, topic: str) -> None:
        """Read how far a topic is, with the documents as of it."""
        newest = await events.newest(self._db, topic)
        self._unsure.discard(topic)
        if newest is None:
            return
        if not newest.reacted:
            await projections.apply(self._db, await events.unreacted_of(self._db, topic))
        self._adopt(topic, newest.seq, newest.n)
        if newest.seq > self._published.get(topic, newest.seq):
            self._note_behind(topic)

    async def _run_looking(self) -> None:
        """Idle topics that are listened to are looked at now and then, all of them when copies
        may have been missed; often while other nodes are not heard."""
        while True:
            wait_s = self._check_s if self._broker.hears else min(DEAF_CHECK_S, self._check_s)
            try:
                async with asyncio.timeout(wait_s):
                    await self._look_now.wait()
            except TimeoutError:
                if not self._broker.hears:
                    self.missed()
            self._look_now.clear()
            try:
                await self.look_for_others(idle=True)
            except PyMongoError:
                await self._pause(0.5)
                self._look_now.set()

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
        await wake.ring(self._db, wake.LEFT if not self._serving else wake.MOVED)
        self._announced = seen

    async def look_for_others(self, *, idle: bool = False) -> None:
        """Another process wrote: look at the heads of the topics that are listened to. With `idle`
        only at those where nothing came since the last look: the others notice a gap by it."""
        listened = self._forget_unlistened()
        before, self._looked = self._looked, {t: self._published[t] for t in listened}
        names = [
            t for t in listened if not idle or before.get(t, self._looked[t]) == self._looked[t]
        ]
        for start in range(0, len(names), LOOKS_AT_ONCE):
            await asyncio.gather(*map(self._look_at, names[start : start + LOOKS_AT_ONCE]))

    def _forget_unlistened(self) -> set[str]:
        """What nobody listens to is not read now: its head is read again when it is asked for.
        Gives the topics that are listened to."""
        listened = set(self.hub.topics())
        self._appender.forget(t for t in self._appender.known_topics if t not in listened)
        return listened

    def mend_soon(self) -> None:
        """Somebody left rows whose reactions nobody holds in memory."""
        self.to_mend = True
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
            "log.doubts": self._run_doubts(),
        }
        if not self._serving or self._broker.shared:
            loops["log.wake"] = self._run_waking()
        if self._broker.shared:
            loops["log.broker"] = self._broker.run(self)
            loops["log.look"] = self._run_looking()
        return loops
