"""Whether an engine is worth asking: not after several failures in a row, until a try goes well.
Tries without an answer are further and further apart."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

FAILURES = 3
FIRST_REST_S = 0.5
LONGEST_REST_S = 4.0

logger = logging.getLogger(__name__)


class Breaker:
    def __init__(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._pause = pause
        self._failures = 0
        self._opened = asyncio.Event()

    @property
    def open(self) -> bool:
        """True while the engine is not relied on."""
        return self._opened.is_set()

    def succeeded(self) -> None:
        if self.open:
            logger.warning("the search engine answers again")
        self._failures = 0
        self._opened.clear()

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= FAILURES and not self.open:
            logger.warning("the search engine refuses, or is late; search goes on reduced")
            self._opened.set()

    async def run(self, attempt: Callable[[], Awaitable[bool]]) -> None:
        """Make tries while it is open, for ever. `attempt` tells how it went, and gives whether
        there was an answer, be it late: an engine that has just started needs questions to get
        warm, and is not left alone for long."""
        while True:
            await self._opened.wait()
            rest_s = FIRST_REST_S
            while self.open:
                await self._pause(rest_s)
                answered = await attempt()
                rest_s = FIRST_REST_S if answered else min(2 * rest_s, LONGEST_REST_S)
