"""A long poll that waits, as the hub and the list of connections see it."""

import asyncio
from contextlib import suppress

from elearn.errors import ClientError, LimitExceeded, ShuttingDown
from elearn.wire import budgets

REPLACED = 4409


class Poller:
    """Collects what a socket would be sent, until its answer takes it."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.rights_moved = False
        self.ending: ClientError | None = None
        self.gone = False
        self.collecting = True
        self._bytes = 0
        self._news = asyncio.Event()

    def send(self, frame: bytes) -> None:
        """What passes the limit is left: the next poll reads it from the log."""
        self._bytes += len(frame)
        if self.collecting and self._bytes <= budgets.REPLY_BYTES:
            self.frames.append(frame)
        self._news.set()

    @property
    def bytes_waiting(self) -> int:
        return 0

    def signal(self, topic: str, row: object) -> None:
        self.rights_moved = True
        self._news.set()

    def close_with(self, code: int, error: str, retry_after_ms: int | None = None) -> None:
        if code == REPLACED:
            self.ending = LimitExceeded("elearn is open in many other tabs.")
        else:
            self.ending = ShuttingDown("The server is being restarted.")
        self._news.set()

    @property
    def hurried(self) -> bool:
        return self.gone or self.rights_moved or self.ending is not None

    def abandon(self) -> None:
        self.gone = True
        self._news.set()

    async def news(self, wait_s: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._news.wait()
        return self._news.is_set()
