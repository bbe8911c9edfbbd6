"""The requests that are being answered: a process that ends waits for them."""

import asyncio


class UnderWay:
    def __init__(self) -> None:
        self._requests: set[object] = set()
        self._none = asyncio.Event()
        self._none.set()

    def begin(self, request: object) -> None:
        self._requests.add(request)
        self._none.clear()

    def end(self, request: object) -> None:
        """Answered, or nobody waits for the answer any more; a second call does nothing."""
        self._requests.discard(request)
        if not self._requests:
            self._none.set()

    async def ended(self) -> None:
        await self._none.wait()
