"""Limits on how often: sign-in tries, sign-ups and handshakes. Kept in the process's memory."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from elearn.errors import LimitExceeded, LoginThrottled

WINDOW = timedelta(minutes=30)
FREE_FAILURES = 5
FIRST_DELAY_S = 2.0
LONGEST_DELAY_S = 900.0
KNOWN = 50_000


class SignInThrottle:
    """After five failures in 30 minutes the next try waits, twice as long each time; it never
    locks for good, so that a stranger cannot keep somebody out."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, list[datetime]] = OrderedDict()
        self._under_way: Counter[str] = Counter()

    def check(self, *names: str) -> None:
        """`LoginThrottled` while one of the names (an account, an address) has to wait."""
        now = self._clock()
        for name in names:
            recent = [at for at in self._failures.get(name, ()) if now - at < WINDOW]
            if len(recent) < FREE_FAILURES:
                continue
            delay = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** (len(recent) - FREE_FAILURES))
            left = delay - (now - recent[-1]).total_seconds()
            if left > 0:
                raise LoginThrottled(
                    "Too many tries. Wait a moment, then try again.",
                    retry_after_ms=int(left * 1000) + 1,
                )

    @contextmanager
    def trying(self, account: str) -> Iterator[None]:
        """A try under way counts like a failure: many at once would else all pass `check`."""
        under_way = self._under_way[account]
        if under_way >= FREE_FAILURES:
            raise LoginThrottled("Too many tries at once. Wait a moment, then try again.")
        self._under_way[account] += 1
        try:
            yield
        finally:
            self._under_way[account] -= 1
            if not self._under_way[account]:
                del self._under_way[account]

    def failed(self, *names: str) -> None:
        now = self._clock()
        for name in names:
            recent = [at for at in self._failures.pop(name, ()) if now - at < WINDOW]
            self._failures[name] = [*recent, now][-100:]
        while len(self._failures) > KNOWN:
            self._failures.popitem(last=False)

    def succeeded(self, account: str) -> None:
        """A right password clears the account, not the address it came from."""
        self._failures.pop(account, None)


class Bucket:
    """A token bucket: `burst` at once, then `per_s` a second; `per_s` 0 lifts the limit."""

    __slots__ = ("_at", "_burst", "_left", "_per_s")

    def __init__(self, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._left = burst
        self._at = 0.0

    def take(self, now_s: float) -> float:
        """0 when there was room, else the seconds until there is."""
        if not self._per_s:
            return 0.0
        self._left = min(self._burst, self._left + (now_s - self._at) * self._per_s)
        self._at = now_s
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self._per_s


class Rates:
    """Buckets by name (an address, a user); the least recently used are forgotten."""

    def __init__(self, per_s: float, burst: float, now_s: Callable[[], float]) -> None:
        self._per_s = per_s
        self._burst = burst
        self._now_s = now_s
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, name: str) -> float:
        if not self._per_s:
            return 0.0
        bucket = self._buckets.pop(name, None) or Bucket(self._per_s, self._burst)
        self._buckets[name] = bucket
        if len(self._buckets) > KNOWN:
            self._buckets.popitem(last=False)
        return bucket.take(self._now_s())

    def require(self, name: str, message: str) -> None:
        if (wait_s := self.take(name)) > 0:
            raise LimitExceeded(message, retry_after_ms=int(wait_s * 1000) + 1)
