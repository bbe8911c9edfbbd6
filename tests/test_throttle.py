"""Limits on how often, by an injected clock."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from elearn.errors import LimitExceeded, LoginThrottled, Unauthenticated, Unavailable
from elearn.throttle import (
    FREE_AT_ADDRESS,
    FREE_FAILURES,
    FREE_FOR_ACCOUNT,
    Bucket,
    Failures,
    Rates,
    SignInThrottle,
)


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


HOME, SCHOOL = "198.51.100.1", "203.0.113.9"
WRONG = Unauthenticated("wrong")


@pytest.fixture
def throttle(clock: Clock) -> SignInThrottle:
    return SignInThrottle(clock)


def fails(throttle: SignInThrottle, account: str, source: str, *, known: bool = False) -> float:
    """A try with a wrong password; the seconds to wait where it was not even looked at."""
    try:
        with throttle.trying(account, source, known=known):
            raise WRONG
    except LoginThrottled as refused:
        return (refused.retry_after_ms or 0) / 1000
    except Unauthenticated:
        return 0.0


def opens(throttle: SignInThrottle, account: str, source: str, *, known: bool = False) -> bool:
    try:
        with throttle.trying(account, source, known=known):
            return True
    except LoginThrottled:
        return False


def addresses() -> Iterator[str]:
    return (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in itertools.count())


def test_after_five_failures_a_wait_begins_that_doubles(
    throttle: SignInThrottle, clock: Clock
) -> None:
    assert [fails(throttle, "ana", HOME) for _ in range(FREE_FAILURES)] == [0] * FREE_FAILURES
    waits = []
    for _ in range(4):
        waits.append(round(fails(throttle, "ana", HOME)))
        clock.advance(waits[-1] + 0.01)
        assert fails(throttle, "ana", HOME) == 0, "after its time the next try is free"
    assert waits == [2, 4, 8, 16]


def test_who_fails_elsewhere_keeps_nobody_out(throttle: SignInThrottle, clock: Clock) -> None:
    """An attacker who asks each second for a day, and the person at a clean address."""
    for second in range(86_400):
        clock.advance(1)
        fails(throttle, "ana", SCHOOL)
        if second % 3_600 == 0:
            assert opens(throttle, "ana", f"192.0.2.{second // 3_600}"), second


def test_a_patient_attacker_leaves_a_clean_address_open_for_a_day(
    throttle: SignInThrottle, clock: Clock
) -> None:
    for _ in range(86_400):
        clock.advance(1)
        fails(throttle, "ana", SCHOOL)
    assert opens(throttle, "ana", HOME)


def test_strangers_everywhere_fail_a_hundred_times_in_a_row_at_most(
    throttle: SignInThrottle, clock: Clock
) -> None:
    looked_at = 0
    for address in itertools.islice(addresses(), 10_000):
        looked_at += fails(throttle, "ana", address) == 0
        clock.advance(3_600)
    assert FREE_FOR_ACCOUNT < looked_at <= 100
    assert not opens(throttle, "ana", "192.0.2.1"), "a stranger waits, whatever they type"
    assert opens(throttle, "ana", HOME, known=True), "and who signed in there before does not"
    assert opens(throttle, "ana", "192.0.2.1"), "after which the count begins anew"


def test_no_stranger_locks_an_account_for_good(throttle: SignInThrottle, clock: Clock) -> None:
    for address in itertools.islice(addresses(), FREE_FOR_ACCOUNT + 5):
        while wait_s := fails(throttle, "ana", address):
            clock.advance(wait_s)
    wait_s = fails(throttle, "ana", HOME)
    assert 0 < wait_s < 300
    clock.advance(wait_s)
    assert opens(throttle, "ana", HOME)


def test_a_known_device_is_counted_by_itself(throttle: SignInThrottle, clock: Clock) -> None:
    """Somebody in the same room does not keep a person out of their own machine."""
    for _ in range(1_000):
        fails(throttle, "ana", SCHOOL)
    assert not opens(throttle, "ana", SCHOOL)
    assert opens(throttle, "ana", "device 1", known=True)


def test_an_address_that_tries_many_accounts_waits_too(throttle: SignInThrottle) -> None:
    for number in range(FREE_AT_ADDRESS):
        assert fails(throttle, f"account {number}", SCHOOL) == 0
    assert fails(throttle, "another account", SCHOOL) > 0
    assert fails(throttle, "another account", HOME) == 0
    assert opens(throttle, "account 1", SCHOOL, known=True)


def test_a_class_that_signs_in_at_one_address_is_no_attack(throttle: SignInThrottle) -> None:
    for number in range(10 * FREE_AT_ADDRESS):
        assert opens(throttle, f"account {number}", SCHOOL)


def test_one_subscriber_of_ipv6_is_one_address(throttle: SignInThrottle) -> None:
    for number in range(FREE_FAILURES):
        assert fails(throttle, "ana", f"2001:db8:1:2::{number:x}") == 0
    assert fails(throttle, "ana", "2001:db8:1:2:ffff::1") > 0
    assert fails(throttle, "ana", "2001:db8:1:3::1") == 0


def test_a_right_password_clears_the_account(throttle: SignInThrottle) -> None:
    for _ in range(FREE_FAILURES - 1):
        fails(throttle, "ana", HOME)
    assert opens(throttle, "ana", HOME)
    assert [fails(throttle, "ana", HOME) for _ in range(FREE_FAILURES)] == [0] * FREE_FAILURES


def test_kinds_of_names_never_meet(throttle: SignInThrottle) -> None:
    """An account may be called like an address, or like another account and its address."""
    for name in (HOME, f"ana {HOME}", "change:ana"):
        for address in itertools.islice(addresses(), FREE_FOR_ACCOUNT):
            fails(throttle, name, address)
    assert opens(throttle, "ana", HOME)
    assert fails(throttle, "jun", HOME) == 0


def test_old_failures_are_forgotten(clock: Clock) -> None:
    failures = Failures(clock, 5, window=timedelta(minutes=30))
    for _ in range(5):
        failures.count("ana")
    assert failures.wait_s("ana") > 0
    clock.advance(30 * 60)
    failures.count("ana")
    assert failures.wait_s("ana") == 0


@pytest.mark.parametrize("ending", [Unavailable("full"), KeyError("a fault of ours")])
def test_a_try_without_an_answer_is_no_failure(throttle: SignInThrottle, ending: Exception) -> None:
    for _ in range(2 * FREE_AT_ADDRESS):
        with pytest.raises(type(ending)), throttle.trying("ana", HOME, known=False):
            raise ending
    assert opens(throttle, "ana", HOME)


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


def test_tries_under_way_count_like_failures(throttle: SignInThrottle) -> None:
    with ExitStack() as stack:
        for _ in range(FREE_FAILURES):
            stack.enter_context(throttle.trying("ada", HOME, known=False))
        assert not opens(throttle, "ada", HOME)
        assert opens(throttle, "ben", HOME)
    assert opens(throttle, "ada", HOME)
