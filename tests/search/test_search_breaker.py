"""When an engine is relied on, and when it is tried again."""

from elearn.search.breaker import FAILURES, Breaker


def test_it_opens_after_failures_in_a_row_and_not_before():
    breaker = Breaker()
    for _ in range(3):
        for _ in range(FAILURES - 1):
            breaker.failed()
        assert not breaker.open
        breaker.succeeded()
    for _ in range(FAILURES):
        breaker.failed()
    assert breaker.open


def test_one_that_goes_well_closes_it_and_what_failed_is_forgotten():
    breaker = Breaker()
    for _ in range(FAILURES + 5):
        breaker.failed()
    breaker.succeeded()
    assert not breaker.open
    breaker.failed()
    assert not breaker.open
