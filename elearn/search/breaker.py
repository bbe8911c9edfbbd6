"""Whether an engine is worth asking: not after several failures in a row, then one try at a time,
further and further apart, until one goes well."""

import logging
from collections.abc import Callable

FAILURES = 3
FIRST_REST_S = 0.5
LONGEST_REST_S = 4.0

logger = logging.getLogger(__name__)


class Breaker:
    """Every `admits` that says yes is followed by `succeeded`, `failed` or `abandoned`."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._failures = 0
        self._rest_s = 0.0
        self._rests_until = 0.0
        self._trying = False

    @property
    def open(self) -> bool:
        """True while the engine is not relied on."""
        return self._rest_s > 0

    def admits(self) -> bool:
        if not self.open:
            return True
        if self._trying or self._now_s() < self._rests_until:
            return False
        self._trying = True
        return True

    def succeeded(self) -> None:
        if self.open:
            logger.warning("the search engine answers again")
        self._failures = 0
        self._rest_s = self._rests_until = 0.0
        self._trying = False

    def failed(self) -> None:
        """Those that were asked before it opened fail while it rests, and change nothing."""
        now_s = self._now_s()
        self._failures += 1
        if self._failures < FAILURES or now_s < self._rests_until:
            return
        if not self.open:
            logger.warning("the search engine does not answer in time; search goes on reduced")
        self._rest_s = min(2 * self._rest_s, LONGEST_REST_S) or FIRST_REST_S
        self._rests_until = now_s + self._rest_s
        self._trying = False

    def abandoned(self) -> None:
        """Nobody waited for the outcome: it says nothing, and the next one may try."""
        self._trying = False
