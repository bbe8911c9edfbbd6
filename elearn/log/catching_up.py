"""Reads what others wrote to topics that are listened to here, and publishes it in order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from pymongo.errors import PyMongoError

from elearn.log.heads import Heads
from elearn.log.projector import Projector
from elearn.log.publishing import Publisher
from elearn.models import events
from elearn.models.database import Database
from elearn.projections import applying as projections

CATCH_UP_ROWS = 300
# Longer than the driver waits for an answer: a write that was given up has come through by then.
DOUBT_S = 10.0

log = logging.getLogger("elearn.log")


class CatchingUp:
    def __init__(
        self,
        db: Database,
        heads: Heads,
        projector: Projector,
        publisher: Publisher,
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._db = db
        self._heads = heads
        self._projector = projector
        self._publisher = publisher
        self._pause = pause
        self._behind: dict[str, None] = {}
        self._catching: str | None = None
        self._behind_projector: set[str] = set()
        self._more = asyncio.Event()
        self._doubtful: set[str] = set()
        self._doubt_more = asyncio.Event()

    @property
    def quiet(self) -> bool:
        return not self._behind and self._catching is None

    def note(self, topic: str) -> None:
        """The topic may hold rows that were not published here."""
        self._behind[topic] = None
        self._more.set()

    def applied_to(self, topic: str) -> None:
        """A row of the topic was applied: what waited for it may go on."""
        if topic in self._behind_projector:
            self._behind_projector.discard(topic)
            self.note(topic)

    def foreign(self, topic: str) -> None:
        """The topic holds rows that did not come by here: publish them, or read it anew."""
        self._heads.remember_others(topic)
        if topic in self._publisher.published:
            self.note(topic)
        else:
            self._heads.forget([topic])

    def adopt(self, topic: str, seq: int, n: int) -> None:
        """A row of another node, applied already, moves the topic's head."""
        head = self._heads.adopt(topic, seq, n)
        if seq > head.visible and not self._projector.holds(topic):
            self._heads.show(topic, head, seq, n)

    async def absorb(self, topic: str, after: int) -> None:
        """Apply what others wrote above a place now, and publish it soon."""
        for row in await events.since(self._db, topic, after, CATCH_UP_ROWS):
            await projections.apply(self._db, [row])
            self.adopt(topic, row.seq, row.n)
        self.note(topic)

    async def run(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            while self._behind:
                topic = self._catching = next(iter(self._behind))
                del self._behind[topic]
                try:
                    await self._catch_up(topic)
                except PyMongoError as error:
                    log.warning("catching up on %s waits: %s", topic, type(error).__name__)
                    self._behind[topic] = None
                    await self._pause(0.5)
                except Exception:
                    log.exception("catching up on %s failed", topic)
                finally:
                    self._catching = None

    async def _catch_up(self, topic: str) -> None:
        while (published := self._publisher.published.get(topic)) is not None:
            rows = await events.since(self._db, topic, published, CATCH_UP_ROWS)
            if not rows:
                return
            head = await self._heads.head(topic)
            for row in rows:
                if row.seq > head.visible and self._projector.holds(topic):
                    # Its own process applies it at this moment and publishes it after.
                    self._behind_projector.add(topic)
                    return
                await self._projector.apply([row])
                self.adopt(topic, row.seq, row.n)
                self._publisher.publish(row)

    def doubt(self, topics: Iterable[str]) -> None:
        self._doubtful.update(topics)
        self._doubt_more.set()

    async def run_doubts(self) -> None:
        """After an outage: a write that was given up may still come through. It is looked for, so
        that its rows show also when nobody repeats them."""
        while True:
            await self._doubt_more.wait()
            await self._pause(DOUBT_S)
            self._doubt_more.clear()
            topics, self._doubtful = self._doubtful, set()
            for topic in topics:
                head = self._heads.known(topic)
                try:
                    newest = await events.newest(self._db, topic)
                except PyMongoError:
                    self.doubt([topic])
                    continue
                if head is not None and newest is not None and newest.seq > head.seq:
                    self.foreign(topic)
