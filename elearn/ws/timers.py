"""The named timers of one connection: setting one anew forgets the one before."""

import asyncio
from collections.abc import Callable


class Timers:
    def __init__(self) -> None:
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._ended = False

    def set(self, name: str, delay_s: float, call: Callable[[], None]) -> None:
        self.cancel(name)
        if not self._ended:
            loop = asyncio.get_running_loop()
            self._timers[name] = loop.call_later(delay_s, self._due, name, call)

    def _due(self, name: str, call: Callable[[], None]) -> None:
        self._timers.pop(name, None)
        call()

    def cancel(self, name: str) -> bool:
        """Whether it was running."""
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()
        return timer is not None

    def end(self) -> None:
        self._ended = True
        for name in list(self._timers):
            self.cancel(name)
