"""What moves all the time is told at most once a second a thing, with its newest state."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Any

INTERVAL_S = 1.0
REMEMBERED = 20_000


class Tellings:
    """The first telling goes at once, what comes within the interval after it goes together."""

    def __init__(
        self, tell: Callable[[str, str, dict[str, Any]], None], interval_s: float = INTERVAL_S
    ) -> None:
        self._tell = tell
        self._interval_s = interval_s
        self._resting: dict[str, tuple[str, str, dict[str, Any]] | None] = {}
        self._days: OrderedDict[str, str] = OrderedDict()

    def offer(self, name: str, topic: str, event: str, data: dict[str, Any]) -> None:
        if name in self._resting:
            self._resting[name] = (topic, event, data)
            return
        self._tell(topic, event, data)
        self._rest(name)

    def _rest(self, name: str) -> None:
        self._resting[name] = None
        asyncio.get_running_loop().call_later(self._interval_s, self._wake, name)

    def _wake(self, name: str) -> None:
        waiting = self._resting.pop(name)
        if waiting is not None:
            self._tell(*waiting)
            self._rest(name)

    def first_today(self, name: str, at: datetime) -> bool:
        """Whether this process sees `name` for the first time on this day; a hint that saves
        a write, never a promise."""
        day = f"{at:%Y-%m-%d}"
        if self._days.get(name) == day:
            return False
        self._days[name] = day
        self._days.move_to_end(name)
        if len(self._days) > REMEMBERED:
            self._days.popitem(last=False)
        return True
