"""How an index keeps up with the catalogue, for those who look after it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime


class IndexWatch:
    """Told by the indexer and by whoever wakes it."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self.failures = 0
        self.failed_at: datetime | None = None
        self._now_s = now_s
        self._behind_since: float | None = None

    @property
    def lag_s(self) -> float:
        """How long something has been waiting to be indexed; 0 when nothing does."""
        return 0.0 if self._behind_since is None else self._now_s() - self._behind_since

    def behind(self) -> None:
        if self._behind_since is None:
            self._behind_since = self._now_s()

    def reached(self) -> None:
        self._behind_since = None

    def failed(self) -> None:
        self.failures += 1
        self.failed_at = datetime.now(UTC)
        self.behind()
