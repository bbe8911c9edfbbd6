"""What moves all the time is told at most once a second a thing, with its newest state."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any

from pymongo.errors import PyMongoError

from elearn.events.base import Event

INTERVAL_S = 1.0
REMEMBERED = 20_000

Tell = Callable[[str, Event], None]
Spawn = Callable[[str, Coroutine[Any, Any, None]], Any]
Allowed = Callable[[], Awaitable[bool]]


class Throttled:
    """The first telling goes at once, what comes within the interval after it goes together."""

    def __init__(self, tell: Tell, spawn: Spawn, interval_s: float = INTERVAL_S) -> None:
        self._tell = tell
        self._spawn = spawn
        self._interval_s = interval_s
        self._resting: dict[str, tuple[str, Event, Allowed] | None] = {}
        self._days: OrderedDict[str, tuple[str, str]] = OrderedDict()

    def offer(self, name: str, topic: str, event: Event, allowed: Allowed) -> None:
        """`allowed` reads anew whether the topic may have it: while this waits, or before this
        node heard of it, another one may have decided that it may not."""
        telling = (topic, event, allowed)
        if name in self._resting:
            self._resting[name] = telling
        else:
            self._begin(name, telling)

    def _begin(self, name: str, telling: tuple[str, Event, Allowed]) -> None:
        self._spawn("telling", self._tell_if_allowed(*telling))
        self._resting[name] = None
        asyncio.get_running_loop().call_later(self._interval_s, self._wake, name)

    async def _tell_if_allowed(self, topic: str, event: Event, allowed: Allowed) -> None:
        with suppress(PyMongoError):  # the next one will tell
            if await allowed():
                self._tell(topic, event)

    def _wake(self, name: str) -> None:
        waiting = self._resting.pop(name)
        if waiting is not None:
            self._begin(name, waiting)

    def begun_today(self, name: str, at: datetime) -> bool:
        """Whether this process knows of a first one of `name` on this day; a hint that saves a
        write, never a promise."""
        return name in self._days and self._days[name][0] == f"{at:%Y-%m-%d}"

    def first_today(self, name: str, at: datetime, row: str) -> bool:
        """Whether the stored `row` is the day's first of `name`; asked again it is still."""
        if not self.begun_today(name, at):
            self._days[name] = (f"{at:%Y-%m-%d}", row)
            self._days.move_to_end(name)
            if len(self._days) > REMEMBERED:
                self._days.popitem(last=False)
        return self._days[name][1] == row
