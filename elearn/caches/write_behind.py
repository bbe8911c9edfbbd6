"""What is kept for a moment and then written for many at once; a crash loses that moment of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from pymongo.errors import PyMongoError

K = TypeVar("K")
V = TypeVar("V", bound=Any)
Pause = Callable[[float], Awaitable[None]]

log = logging.getLogger("elearn.behind")


class WriteBehind(Generic[K, V]):
    """The greatest value a key. It waits until the store has it, and is written once more when it
    grew meanwhile."""

    def __init__(
        self,
        what: str,
        write: Callable[[dict[K, V]], Awaitable[None]],
        every_s: float,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self.waiting: dict[K, V] = {}
        self._what = what
        self._write = write
        self._every_s = every_s
        self._pause = pause
        self._more = asyncio.Event()

    def put(self, key: K, value: V) -> None:
        self.waiting[key] = max(value, self.waiting.get(key, value))
        self._more.set()

    async def flush(self) -> None:
        written = dict(self.waiting)
        try:
            await self._write(written)
        except PyMongoError as error:
            log.warning("%s wait for the store: %s", self._what, type(error).__name__)
            self._more.set()
            return
        for key, value in written.items():
            if self.waiting.get(key) == value:
                del self.waiting[key]

    async def run(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            await self._pause(self._every_s)
            await self.flush()
