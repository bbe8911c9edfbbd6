"""Values kept in the process, each read once for all who ask for it meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Spawn = Callable[[str, Coroutine[Any, Any, Any]], "asyncio.Task[Any]"]


class SharedReads(Generic[T]):
    """The values read last, up to the weight `most`, each for the time `fresh`. It is read in a
    task: who types on gives up the answer, not the reading."""

    def __init__(
        self,
        read: Callable[[str], Awaitable[T]],
        clock: Callable[[], datetime],
        spawn: Spawn,
        fresh: timedelta,
        weigh: Callable[[T], int],
        most: int,
    ) -> None:
        self._read = read
        self._clock = clock
        self._spawn = spawn
        self._fresh = fresh
        self._weigh = weigh
        self._most = most
        self._weight = 0
        self._values: dict[str, tuple[T, datetime, int]] = {}
        self._reading: dict[str, asyncio.Task[Any]] = {}
        self._changes: dict[str, list[Callable[[T], None]]] = {}

    def get(self, ident: str) -> T | None:
        known = self._values.get(ident)
        return None if known is None else known[0]

    def ask(self, ids: Iterable[str]) -> set["asyncio.Task[Any]"]:
        """The readings that must end before all of `ids` are there and fresh."""
        return {task for ident in ids if (task := self._ask(ident)) is not None}

    def _ask(self, ident: str) -> "asyncio.Task[Any] | None":
        known = self._values.get(ident)
        if known is not None:
            if timedelta(0) <= self._clock() - known[1] < self._fresh:
                return None
            self._forget(ident)
        if ident not in self._reading:
            self._changes[ident] = []
            self._reading[ident] = self._spawn("kept", self._keep(ident))
        return self._reading[ident]

    async def _keep(self, ident: str) -> None:
        task, at = asyncio.current_task(), self._clock()
        try:
            value = await self._read(ident)
            if self._reading.get(ident) is task:  # else it was dropped meanwhile
                for change in self._changes[ident]:
                    change(value)
                self._put(ident, value, at)
        finally:
            if self._reading.get(ident) is task:
                del self._reading[ident], self._changes[ident]

    def _put(self, ident: str, value: T, at: datetime) -> None:
        weight = self._weigh(value) + 1
        self._values[ident] = (value, at, weight)
        self._weight += weight
        while self._weight > self._most and len(self._values) > 1:
            self._forget(next(iter(self._values)))

    def _forget(self, ident: str) -> None:
        known = self._values.pop(ident, None)
        if known is not None:
            self._weight -= known[2]

    def change(self, ident: str, change: Callable[[T], None]) -> None:
        """What is being read may be older than the change: it is made there afterwards too."""
        if ident in self._changes:
            self._changes[ident].append(change)
        elif (known := self._values.get(ident)) is not None:
            change(known[0])

    def drop(self, ident: str) -> None:
        self._forget(ident)
        if self._reading.pop(ident, None) is not None:
            del self._changes[ident]

    def clear(self) -> None:
        self._values.clear()
        self._weight = 0
        self._reading.clear()
        self._changes.clear()
