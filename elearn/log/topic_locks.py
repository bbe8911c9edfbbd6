"""A lock a topic, for acts that are decided on its state; forgotten when nobody holds it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class TopicLocks:
    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def take(self, topic: str) -> AsyncIterator[None]:
        """One at a time a topic, in the order of asking."""
        lock, holders = self._locks.get(topic) or (asyncio.Lock(), 0)
        self._locks[topic] = (lock, holders + 1)
        try:
            async with lock:
                yield
        finally:
            _, holders = self._locks[topic]
            if holders == 1:
                del self._locks[topic]
            else:
                self._locks[topic] = (lock, holders - 1)
