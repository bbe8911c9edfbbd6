"""Hears other nodes: their copies, and a look at the store where a copy may have been missed."""

import asyncio
from collections.abc import Awaitable, Callable

from pymongo.errors import PyMongoError

from elearn.delivery.broker import NEWS, Copy
from elearn.log.catching_up import CatchingUp
from elearn.log.heads import Heads
from elearn.log.publishing import Publisher
from elearn.log.waking import Waking
from elearn.models import events
from elearn.models.database import Database
from elearn.projections import applying as projections

LOOKS_AT_ONCE = 16
DEAF_CHECK_S = 2.0


class OtherNodes:
    """The broker's receiver. `on_missed` is told that copies may have passed by, `on_news` what
    another node says of itself."""

    def __init__(
        self,
        db: Database,
        heads: Heads,
        publisher: Publisher,
        catching_up: CatchingUp,
        waking: Waking,
        *,
        check_s: float,
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._db = db
        self._heads = heads
        self._publisher = publisher
        self._catching_up = catching_up
        self._waking = waking
        self._check_s = check_s
        self._pause = pause
        self._unsure: set[str] = set()
        self._looked: dict[str, int] = {}
        self._look_now = asyncio.Event()
        self.on_missed: list[Callable[[], None]] = []
        self.on_news: Callable[[bytes], None] = lambda news: None

    def unsure_of(self, topic: str) -> bool:
        """Whether the head that is known may be too low."""
        return not self._publisher.broker.hears or topic in self._unsure

    def leave(self, topic: str) -> None:
        """Nobody listens any more."""
        self._looked.pop(topic, None)
        self._unsure.discard(topic)

    def receive(self, copy: Copy) -> None:
        """What another node published. It stored and applied a row before: here it only shows."""
        if not copy.seq:
            if copy.topic == NEWS:
                self.on_news(copy.frame)
            else:
                self._publisher.hub.publish(copy.topic, copy.frame)
            return
        self._catching_up.adopt(copy.topic, copy.seq, copy.n)
        if copy.row is not None:
            self._publisher.publish(copy.row, copy.frame)
        elif copy.seq > self._publisher.published.get(copy.topic, copy.seq):
            self._catching_up.note(copy.topic)

    def missed(self) -> None:
        """What others published may have passed by: look at everything that is listened to."""
        for call in self.on_missed:
            call()
        self._unsure = self._forget_unlistened()
        self._looked.clear()
        self._look_now.set()

    def unheard(self) -> None:
        """Others look for themselves within a second."""
        self._waking.note()

    async def look_at(self, topic: str) -> None:
        """Read how far a topic is, with the documents as of it."""
        newest = await events.newest(self._db, topic)
        self._unsure.discard(topic)
        if newest is None:
            return
        if not newest.reacted:
            await projections.apply(self._db, await events.unreacted_of(self._db, topic))
        self._catching_up.adopt(topic, newest.seq, newest.n)
        if newest.seq > self._publisher.published.get(topic, newest.seq):
            self._catching_up.note(topic)

    async def look_for_others(self, *, idle: bool = False) -> None:
        """Another process wrote: look at the heads of the topics that are listened to. With `idle`
        only at those where nothing came since the last look: the others notice a gap by it."""
        listened = self._forget_unlistened()
        published = self._publisher.published
        before, self._looked = self._looked, {t: published[t] for t in listened}
        names = [
            t for t in listened if not idle or before.get(t, self._looked[t]) == self._looked[t]
        ]
        for start in range(0, len(names), LOOKS_AT_ONCE):
            await asyncio.gather(*map(self.look_at, names[start : start + LOOKS_AT_ONCE]))

    async def run(self) -> None:
        """Idle topics that are listened to are looked at now and then, all of them when copies
        may have been missed; often while other nodes are not heard."""
        broker = self._publisher.broker
        while True:
            wait_s = self._check_s if broker.hears else min(DEAF_CHECK_S, self._check_s)
            try:
                async with asyncio.timeout(wait_s):
                    await self._look_now.wait()
            except TimeoutError:
                if not broker.hears:
                    self.missed()
            self._look_now.clear()
            try:
                await self.look_for_others(idle=True)
            except PyMongoError:
                await self._pause(0.5)
                self._look_now.set()

    def _forget_unlistened(self) -> set[str]:
        """What nobody listens to is not read now: its head is read again when it is asked for.
        Gives the topics that are listened to."""
        listened = set(self._publisher.hub.topics())
        self._heads.forget(t for t in self._heads.topics if t not in listened)
        return listened
