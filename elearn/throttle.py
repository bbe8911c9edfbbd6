"""Limits on how often: sign-in tries, sign-ups, handshakes, what a person posts. Kept in the
process's memory."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from elearn.errors import ClientError, LimitExceeded, LoginThrottled

FIRST_DELAY_S = 2.0
KNOWN = 50_000
# From one address or device for one account: five, and some twenty a day of who goes on.
FREE_FAILURES = 5
# One person's wrong enrolment keys, whatever the course.
FREE_KEYS = 10
# A long text takes a tenth of a second of everybody's time.
PREVIEWS_PER_S, PREVIEWS_AT_ONCE = 2, 20
# From one address for all accounts: a whole school may sit behind it.
FREE_AT_ADDRESS = 50
# From strangers everywhere for one account, where the delay doubles without an end: more than two
# years until the hundredth failure in a row, the most that NIST SP 800-63B (3.2.2) allows.
FREE_FOR_ACCOUNT = 75
TEN_YEARS_S = 10 * 365 * 86_400.0


class Failures:
    """Tries that failed, by name: the first `free` cost nothing, then each waits twice as long as
    the one before. Nothing is locked for good."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        free: int,
        *,
        window: timedelta = timedelta(minutes=30),
        longest_s: float = 900.0,
    ) -> None:
        self._clock = clock
        self._free = free
        self._window = window
        self._longest_s = longest_s
        self._failed: OrderedDict[str, list[datetime]] = OrderedDict()

    def require_patience(self, name: str) -> None:
        _require_patience(self.wait_s(name))

    def wait_s(self, name: str) -> float:
        """How long this name still has to wait; 0 when the next try is free."""
        recent = self._recent(name)
        over = len(recent) - self._free
        if over < 0:
            return 0.0
        delay_s = min(self._longest_s, FIRST_DELAY_S * 2.0**over)
        return max(0.0, delay_s - (self._clock() - recent[-1]).total_seconds())

    def _recent(self, name: str) -> list[datetime]:
        now = self._clock()
        return [at for at in self._failed.get(name, ()) if now - at < self._window]

    def count(self, name: str) -> None:
        self._failed[name] = [*self._recent(name), self._clock()][-200:]
        self._failed.move_to_end(name)
        while len(self._failed) > KNOWN:
            self._failed.popitem(last=False)

    def uncount(self, name: str) -> None:
        """The newest one was no failure after all."""
        if failed := self._failed.get(name):
            failed.pop()
        if not failed:
            self._failed.pop(name, None)

    def forget(self, name: str) -> None:
        self._failed.pop(name, None)

    @contextmanager
    def trying(self, name: str) -> Iterator[None]:
        """`LoginThrottled` while the name has to wait. A refusal in the block is a failure; without
        one all are forgotten."""
        self.require_patience(name)
        with _counted((self, name)):
            yield
        self.forget(name)


@contextmanager
def _counted(*kinds: tuple[Failures, str]) -> Iterator[None]:
    """A try counts like a failure from its beginning: many at once would else all be free. What
    ends it without an answer was none."""
    for failures, name in kinds:
        failures.count(name)
    try:
        yield
    except BaseException as error:
        if not isinstance(error, ClientError) or error.status >= 500:
            for failures, name in kinds:
                failures.uncount(name)
        raise


def _require_patience(wait_s: float) -> None:
    if wait_s > 0:
        raise LoginThrottled(
            "Too many tries. Wait a moment, then try again.", retry_after_ms=int(wait_s * 1000) + 1
        )


class SignInThrottle:
    """Tries to sign in, counted by account and source (an address, or a device that proves to be
    the account's); those of strangers also by account and by address. Each kind has names of its
    own, whatever stands in them."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        day, four_hours_s = timedelta(days=1), 4 * 3600.0
        self._pairs = Failures(clock, FREE_FAILURES, window=day, longest_s=four_hours_s)
        self._addresses = Failures(clock, FREE_AT_ADDRESS)
        self._accounts = Failures(
            clock, FREE_FOR_ACCOUNT, window=timedelta(seconds=TEN_YEARS_S), longest_s=TEN_YEARS_S
        )

    def strangers_wait(self, account: str, address: str) -> bool:
        """Whether only those may try at whose address or device the account signed in before."""
        return self._strangers_wait_s(account, network_of(address)) > 0

    def _strangers_wait_s(self, account: str, network: str) -> float:
        return max(self._accounts.wait_s(account), self._addresses.wait_s(network))

    @contextmanager
    def trying(self, account: str, source: str, *, known: bool) -> Iterator[None]:
        """As `Failures.trying`. A right password clears the account, and not its address."""
        network = network_of(source)
        pair = (self._pairs, f"{account} {network}")
        strangers = [] if known else [(self._accounts, account), (self._addresses, network)]
        waits_s = 0.0 if known else self._strangers_wait_s(account, network)
        _require_patience(max(waits_s, self._pairs.wait_s(pair[1])))
        with _counted(pair, *strangers):
            yield
        self._pairs.forget(pair[1])
        self._accounts.forget(account)
        if not known:
            self._addresses.uncount(network)


def network_of(address: str) -> str:
    """Whom a limit counts as one: an IPv4 address, or the /64 that one subscriber has of IPv6."""
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        return address
    return address if version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


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

    def require(self, name: str, message: str, refusal: type[ClientError] = LimitExceeded) -> None:
        if (wait_s := self.take(name)) > 0:
            raise refusal(message, retry_after_ms=int(wait_s * 1000) + 1)
