"""The deadlines of all connections behind one timer of the loop."""

import asyncio
import itertools
import logging
from heapq import heappop, heappush
from math import inf
from typing import Protocol

log = logging.getLogger("elearn.socket")


class Sleeper(Protocol):
    def woken(self, now_s: float) -> float:
        """Do what is due by the loop's clock; when to be woken next, `inf` for never."""


class Timers:
    """A timer of the loop costs some 400 bytes, and a connection would have three of them."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Sleeper]] = []
        self._numbers = itertools.count()
        self._handle: asyncio.TimerHandle | None = None

    def wake(self, sleeper: Sleeper, at_s: float) -> None:
        """Wake it then, and also at the times that were asked for before."""
        heappush(self._waiting, (at_s, next(self._numbers), sleeper))
        if self._waiting[0][2] is sleeper:
            self._set()

    def _set(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._handle = None
        if self._waiting:
            loop = asyncio.get_running_loop()
            self._handle = loop.call_at(self._waiting[0][0], self._due)

    def _due(self) -> None:
        now_s = asyncio.get_running_loop().time()
        while self._waiting and self._waiting[0][0] <= now_s:
            _, _, sleeper = heappop(self._waiting)
            try:
                at_s = sleeper.woken(now_s)
            except Exception:
                log.exception("a deadline could not be kept")
                continue
            if at_s < inf:
                heappush(self._waiting, (at_s, next(self._numbers), sleeper))
        self._set()
