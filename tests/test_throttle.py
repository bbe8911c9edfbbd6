"""Limits on how often, by an injected clock."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from elearn.errors import LimitExceeded, LoginThrottled
from elearn.throttle import FREE_FAILURES, LONGEST_DELAY_S, Bucket, Rates, SignInThrottle


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2030, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> SignInThrottle:
    return SignInThrottle(clock)


def delay_s(throttle: SignInThrottle, *names: str) -> float:
    try:
        throttle.check(*names)
    except LoginThrottled as refused:
        return (refused.retry_after_ms or 0) / 1000
    return 0.0


def fail(throttle: SignInThrottle, times: int, *names: str) -> None:
    for _ in range(times):
        throttle.failed(*names)


def test_the_fifth_failure_begins_a_wait_that_doubles(
    throttle: SignInThrottle, clock: Clock
) -> None:
    fail(throttle, FREE_FAILURES - 1, "ana")
    assert delay_s(throttle, "ana") == 0
    waits = []
    for _ in range(4):
        throttle.failed("ana")
        waits.append(round(delay_s(throttle, "ana")))
        clock.advance(waits[-1] + 0.01)
        assert delay_s(throttle, "ana") == 0, "after its time the next try is free"
    assert waits == [2, 4, 8, 16]


def test_no_stranger_locks_an_account_for_good(throttle: SignInThrottle, clock: Clock) -> None:
    fail(throttle, 1_000, "ana")
    assert delay_s(throttle, "ana") <= LONGEST_DELAY_S + 0.01
    clock.advance(LONGEST_DELAY_S + 1)
    assert delay_s(throttle, "ana") == 0


def test_old_failures_are_forgotten(throttle: SignInThrottle, clock: Clock) -> None:
    fail(throttle, FREE_FAILURES, "ana")
    clock.advance(30 * 60)
    fail(throttle, 1, "ana")
    assert delay_s(throttle, "ana") == 0


def test_an_address_that_tries_many_accounts_waits_too(throttle: SignInThrottle) -> None:
    for number in range(FREE_FAILURES):
        throttle.failed(f"account {number}", "203.0.113.9")
    assert delay_s(throttle, "another account", "203.0.113.9") > 0
    assert delay_s(throttle, "another account", "198.51.100.1") == 0


def test_a_right_password_clears_the_account_and_not_the_address(throttle: SignInThrottle) -> None:
    fail(throttle, FREE_FAILURES, "ana", "203.0.113.9")
    throttle.succeeded("ana")
    assert delay_s(throttle, "ana") == 0
    assert delay_s(throttle, "203.0.113.9") > 0


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(per_s=2, burst=3)
    assert [bucket.take(100.0) for _ in range(3)] == [0, 0, 0]
    assert bucket.take(100.0) == pytest.approx(0.5)
    assert bucket.take(100.5) == 0
    assert bucket.take(100.5) > 0
    assert [bucket.take(200.0) for _ in range(4)].count(0) == 3, "and never saves up more"


def test_a_rate_of_nothing_lifts_the_limit() -> None:
    bucket, rates = Bucket(0, 0), Rates(0, 0, lambda: 0.0)
    assert {bucket.take(0.0) for _ in range(1_000)} == {0.0}
    for _ in range(1_000):
        rates.require("ana", "no")


def test_each_name_has_its_own_bucket() -> None:
    rates = Rates(per_s=1, burst=2, now_s=lambda: 50.0)
    for name in ("ana", "ana", "jun"):
        rates.require(name, "Slower.")
    with pytest.raises(LimitExceeded, match="Slower") as refused:
        rates.require("ana", "Slower.")
    assert refused.value.retry_after_ms == pytest.approx(1_000, abs=2)
    rates.require("jun", "Slower.")


def test_tries_under_way_count_like_failures() -> None:
    throttle = SignInThrottle(Clock())
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(throttle.trying("ada"))
        with pytest.raises(LoginThrottled), throttle.trying("ada"):
            pass
        with throttle.trying("ben"):
            pass
    with throttle.trying("ada"):
        pass
