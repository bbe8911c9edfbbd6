"""Acts that depend on the state, one at a time a topic: read, decide, append to what was read."""

from collections.abc import Awaitable, Callable

from elearn.errors import Unavailable
from elearn.events.base import Row
from elearn.log.appender import Appender
from elearn.log.catching_up import CatchingUp
from elearn.log.heads import Head
from elearn.log.new_events import NewEvent, TurnLostError
from elearn.log.projector import Projector
from elearn.log.topic_locks import TopicLocks
from elearn.models import events
from elearn.models.database import Database
from elearn.projections import applying as projections

TURNS = 50

Decision = Callable[[], Awaitable[NewEvent]]


class Decisions:
    def __init__(
        self,
        db: Database,
        appender: Appender,
        projector: Projector,
        catching_up: CatchingUp,
        append: Callable[[NewEvent], Awaitable[Row]],
    ) -> None:
        self._db = db
        self._appender = appender
        self._heads = appender.heads
        self._projector = projector
        self._catching_up = catching_up
        self._append = append
        self._locks = TopicLocks()

    async def decide(self, topic: str, decision: Decision) -> Row:
        """Take the topic's turn: `decision` reads the state and returns the event or raises.

        It is called again when another node wrote to the topic between reading and storing, after
        that node's rows were applied here, so it always decides against the state as of `expect`.
        """
        async with self._locks.take(topic):
            for _ in range(TURNS):
                expect = (await self._applied_head(topic)).seq
                draft = await decision()
                draft.expect = expect
                try:
                    return await self._append(draft)
                except TurnLostError:
                    await self._catching_up.absorb(topic, expect)
            raise Unavailable("Too much happens here at once. Try again.")

    async def _applied_head(self, topic: str) -> Head:
        """The topic's head, with the documents as of it. What another process stored may not be
        applied there yet; what this one stored may be on its way with the projector."""
        if self._appender.away:
            raise Unavailable("The store is away. Try again shortly.")
        await self._heads.head(topic)
        if self._heads.others_wrote(topic):
            await projections.apply(self._db, await events.unreacted_of(self._db, topic))
        await self._projector.left_by(topic)
        head = await self._heads.head(topic)
        if head.seq > head.visible:
            await self._catching_up.absorb(topic, head.visible)
        return head
