"""Wakes the other processes, for what does not come to them as a copy: they look for themselves."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from pymongo.errors import PyMongoError

from elearn.models import wake
from elearn.models.database import Database

RETRY_S = 0.5

log = logging.getLogger("elearn.log")


class Waking:
    """`counter` of the document `wake` says what is told: rows left to others, or moved ones."""

    def __init__(
        self, db: Database, counter: str, pause: Callable[[float], Awaitable[None]]
    ) -> None:
        self._db = db
        self._counter = counter
        self._pause = pause
        self._unwoken = asyncio.Event()
        self._seen, self._announced = 0, 0

    def note(self) -> None:
        """Something was stored that others do not hear of."""
        self._seen += 1
        self._unwoken.set()

    async def run(self) -> None:
        while True:
            await self._unwoken.wait()
            self._unwoken.clear()
            try:
                await self._announce()
            except PyMongoError:
                await self._pause(RETRY_S)
                self._unwoken.set()
            except Exception:
                # Whatever it was: without this task others never hear again.
                log.exception("other processes could not be woken")
                await self._pause(RETRY_S)
                self._unwoken.set()

    async def close(self) -> None:
        if self._announced < self._seen:
            await self._announce()

    async def _announce(self) -> None:
        """What is cut in the middle counts as not done: `close` does it again."""
        seen = self._seen
        await wake.ring(self._db, self._counter)
        self._announced = seen
