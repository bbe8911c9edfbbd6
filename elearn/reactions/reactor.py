"""Runs the reactions: takes rows from the log, appends what they cause, marks them done.

Durable: a row that needs some is stored with `reacted: false`. This process works off the rows it
stored from memory; left-overs of others are looked for at start, every 30 s and on a wake.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from pymongo.errors import AutoReconnect, NetworkTimeout, PyMongoError

from elearn.errors import ClientError, IdempotencyConflict, Unavailable
from elearn.events.base import Row
from elearn.log.new_events import NewEvent, NotStored
from elearn.models import store
from elearn.nodes.leftovers import Leftovers
from elearn.projections import applying as projections
from elearn.reactions.bell_counts import add_bell_counts
from elearn.reactions.following import react
from elearn.services import Services

SWEEP_S = 30.0
BATCH_ROWS = 200
START_ROWS = 10_000
FAILED_S = 1.0

Work = Callable[[Sequence[Row]], Awaitable[None]]

log = logging.getLogger("elearn.reactions")


class Reactor:
    def __init__(self, services: Services) -> None:
        self._services = services
        now = asyncio.get_running_loop().time
        self._leftovers = Leftovers(services.log, services.chores, services.pace.patience_s, now)

    async def start(self) -> None:
        """Before serving: what a crash cut is applied, so that pages are whole. Its reactions
        follow here too, unless there are other nodes: then whoever has the lease does them."""
        if self._services.chores is not None:
            rows = await self._services.log.reaction_queue.find_unreacted(START_ROWS)
            await self._each(rows, self._apply)
            self._services.log.reaction_queue.to_mend = True
        else:
            await self.mend()

    async def run(self) -> None:
        """Work off what the log hands over; left-overs when it says so, and now and then."""
        handover = self._services.log.reaction_queue
        while True:
            try:
                async with asyncio.timeout(self._leftovers.next_look_s or SWEEP_S):
                    await handover.to_react.wait()
            except TimeoutError:
                handover.to_mend = True
            handover.to_react.clear()
            try:
                await self.work_off()
                if handover.to_mend or self._leftovers.due:
                    handover.to_mend = False
                    await self.mend()
            except (PyMongoError, ClientError) as error:
                log.warning("reactions wait for the store: %s", type(error).__name__)
                handover.to_mend = True
                await asyncio.sleep(0.5)
                handover.to_react.set()
            except Exception:
                # Whatever it was: the next row's notices do not depend on it.
                log.exception("reactions failed")
                handover.to_mend = True
                await asyncio.sleep(FAILED_S)

    async def work_off(self) -> None:
        """The rows that this process stored, as many together as wait."""
        waiting = self._services.log.reaction_queue.unreacted
        while waiting:
            rows = [waiting.popleft() for _ in range(min(BATCH_ROWS, len(waiting)))]
            try:
                if await self._each(rows, self._react):
                    self._leftovers.retry_soon()
            finally:
                self._services.log.reaction_queue.let_go(rows)

    async def mend(self) -> None:
        """Rows whose reactions were cut: applied and reacted to again."""
        await self._leftovers.retry()
        while rows := await self._leftovers.find(BATCH_ROWS):
            await self._each(rows, self._apply_and_react)

    async def _each(self, rows: Sequence[Row], work: Work) -> int:
        """Work on rows in order and together; where that fails on ever fewer, so that one that
        cannot be worked on fails alone and is set aside. How many were."""
        try:
            await work(rows)
            return 0
        except Exception as error:
            await self._judge(error)
            if len(rows) > 1:
                half = len(rows) // 2
                return await self._each(rows[:half], work) + await self._each(rows[half:], work)
            log.exception("the reactions to %s failed: they are tried again", rows[0].id)
        await self._services.log.reaction_queue.set_aside(rows)
        self._services.metrics.reaction_failures.inc()
        return 1

    async def _judge(self, error: Exception) -> None:
        """Raise it again, or what comes in its place, if nothing can be stored at this moment."""
        if isinstance(error, Unavailable) and not isinstance(error, NotStored):
            raise error
        if isinstance(error, AutoReconnect) and not isinstance(error, NetworkTimeout):
            raise error  # the line broke, or the primary is another one now
        if isinstance(error, PyMongoError):
            await store.vouch(self._services.db)

    async def _apply(self, rows: Sequence[Row]) -> None:
        await projections.apply(self._services.db, rows)

    async def _apply_and_react(self, rows: Sequence[Row]) -> None:
        await self._apply(rows)
        await self._react(rows)

    async def _react(self, rows: Sequence[Row]) -> None:
        drafts = [draft for row in rows for draft in await react(self._services, row)]
        await add_bell_counts(self._services, drafts)
        await self._append(drafts)
        self._services.log.reaction_queue.let_go(rows)
        await self._services.log.reaction_queue.mark_reacted(rows)

    async def _append(self, drafts: Sequence[NewEvent]) -> None:
        """A key that something else has taken must not keep the others from being made."""
        try:
            await self._services.log.append_all(drafts)
        except IdempotencyConflict:
            for draft in drafts:
                try:
                    await self._services.log.append(draft)
                except IdempotencyConflict:
                    log.error(
                        "the key %s is taken: its %s is not made",
                        draft.key,
                        draft.data.declared.name,
                    )
