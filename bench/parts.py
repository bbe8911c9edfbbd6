"""What a chat message costs in each part of its way, taken by wrapping the functions it passes."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from bench.server import Json
from elearn.models import events
from elearn.services import Services
from elearn.wire import protocol


class Parts:
    """Seconds by part, from making it to `end`. What waits (access, store) is taken as it is
    waited for: a batch's write counts once, however many messages it holds."""

    def __init__(self, services: Services) -> None:
        self._seconds: Counter[str] = Counter()
        self._undo: list[Callable[[], None]] = []
        self._wrap("decode", protocol, "decode_command")
        self._wrap_waiting("access", services.write_access, "require_writable")
        self._wrap_waiting("store", events, "insert")
        self._wrap("publish", services.log, "_finish")

    def _put(self, owner: Any, name: str, made: Callable[..., Any]) -> None:
        before = getattr(owner, name)
        setattr(owner, name, made)
        self._undo.append(lambda: setattr(owner, name, before))

    def _wrap(self, part: str, owner: Any, name: str) -> None:
        inner = getattr(owner, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return inner(*args, **kwargs)
            finally:
                self._seconds[part] += time.perf_counter() - began

        self._put(owner, name, timed)

    def _wrap_waiting(self, part: str, owner: Any, name: str) -> None:
        inner = getattr(owner, name)

        async def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return await inner(*args, **kwargs)
            finally:
                self._seconds[part] += time.perf_counter() - began

        self._put(owner, name, timed)

    def end(self) -> Json:
        for undo in self._undo:
            undo()
        return dict(self._seconds)
