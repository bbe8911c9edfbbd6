"""A part of a running process: what it hears, does in the background, writes at the end, shows."""

from collections.abc import Coroutine
from typing import Any

from elearn.events.listeners import Listeners
from elearn.metrics import Metrics


class Part:
    """Each says what it needs of these; the others are nothing."""

    def listen(self, listeners: Listeners) -> None:
        """Name the rows that it hears."""

    def forget(self) -> None:
        """Rows may have been missed: what was kept of them may be wrong."""

    def loops(self) -> dict[str, Coroutine[Any, Any, None]]:
        """Its work in the background, by name."""
        return {}

    async def flush(self) -> None:
        """The process ends: write what waits."""

    def show(self, metrics: Metrics) -> None:
        """Name the figures that are read off it."""
