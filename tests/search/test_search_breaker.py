"""When an engine is asked, by a clock that only the test moves."""

from elearn.search.breaker import FAILURES, FIRST_REST_S, LONGEST_REST_S, Breaker


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        assert breaker.admits()
        breaker.failed()
    assert breaker.open
    return breaker


def test_it_opens_after_failures_in_a_row_and_not_before():
    breaker = Breaker(Clock())
    for _ in range(3):
        for _ in range(FAILURES - 1):
            breaker.failed()
        assert not breaker.open
        breaker.succeeded()
    for _ in range(FAILURES):
        breaker.failed()
    assert breaker.open
    assert not breaker.admits()


def test_an_open_one_lets_one_try_through_when_it_has_rested():
    clock = Clock()
    breaker = opened(clock)
    clock.now_s += FIRST_REST_S - 0.01
    assert not breaker.admits()
    clock.now_s += 0.01
    assert breaker.admits()
    assert not breaker.admits()
    assert breaker.open


def test_a_try_that_goes_well_closes_it():
    clock = Clock()
    breaker = opened(clock)
    clock.now_s += FIRST_REST_S
    assert breaker.admits()
    breaker.succeeded()
    assert not breaker.open
    assert breaker.admits()
    breaker.failed()
    assert not breaker.open


def test_tries_that_fail_come_further_and_further_apart():
    clock = Clock()
    breaker = opened(clock)
    rests = []
    for _ in range(7):
        begun = clock.now_s
        while not breaker.admits():
            clock.now_s += 0.25
        rests.append(clock.now_s - begun)
        breaker.failed()
    assert rests[:4] == [FIRST_REST_S, 2 * FIRST_REST_S, 4 * FIRST_REST_S, 8 * FIRST_REST_S]
    assert rests[-2:] == [LONGEST_REST_S, LONGEST_REST_S]


def test_what_was_asked_before_it_opened_does_not_lengthen_the_rest():
    clock = Clock()
    breaker = opened(clock)
    for _ in range(20):
        breaker.failed()
    clock.now_s += FIRST_REST_S
    assert breaker.admits()


def test_a_try_that_nobody_waited_for_is_made_by_the_next():
    clock = Clock()
    breaker = opened(clock)
    clock.now_s += FIRST_REST_S
    assert breaker.admits()
    breaker.abandoned()
    assert breaker.open
    assert breaker.admits()
