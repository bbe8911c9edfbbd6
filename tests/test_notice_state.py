"""What a person has seen and read of a topic, as places and their exceptions."""

import copy

import pytest

from elearn.notices.state import (
    EXCEPTIONS,
    State,
    is_read,
    is_seen,
    read_through,
    seen_through,
    with_read,
)

TOPIC = "course:1"


def read_of(state: State, upto: int = 9) -> list[int]:
    return [seq for seq in range(1, upto + 1) if is_read(state, TOPIC, seq)]


def test_nothing_is_seen_or_read_at_first() -> None:
    assert not is_seen({}, TOPIC, 1)
    assert not is_read({}, TOPIC, 1)


def test_seen_is_apart_from_read_and_never_moves_back() -> None:
    state = seen_through({}, {TOPIC: 5})
    assert is_seen(state, TOPIC, 5)
    assert not is_seen(state, TOPIC, 6)
    assert read_of(state) == []
    assert is_seen(seen_through(state, {TOPIC: 2}), TOPIC, 5)
    assert not is_seen(state, "course:2", 1)


def test_reading_through_makes_all_below_read_and_seen() -> None:
    state = read_through({}, {TOPIC: 4})
    assert read_of(state) == [1, 2, 3, 4]
    assert is_seen(state, TOPIC, 4)
    assert not is_seen(state, TOPIC, 5)
    assert read_of(read_through(state, {TOPIC: 2})) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("through", "steps", "read"),
    [
        (0, [(3, True)], [3]),
        (0, [(3, True), (3, False)], []),
        (4, [(2, False)], [1, 3, 4]),
        (4, [(2, False), (2, True)], [1, 2, 3, 4]),
        (4, [(6, True), (2, False)], [1, 3, 4, 6]),
        (4, [(6, True), (6, True)], [1, 2, 3, 4, 6]),
        (4, [(2, False), (2, False)], [1, 3, 4]),
        (4, [(4, True), (5, False)], [1, 2, 3, 4]),
    ],
)
def test_single_notices_are_exceptions(
    through: int, steps: list[tuple[int, bool]], read: list[int]
) -> None:
    state = read_through({}, {TOPIC: through}) if through else {}
    for seq, wanted in steps:
        state = with_read(state, [(TOPIC, seq)], read=wanted)
    assert read_of(state) == read


def test_reading_through_forgets_the_exceptions_below_it_alone() -> None:
    state = with_read(read_through({}, {TOPIC: 3}), [(TOPIC, 2)], read=False)
    state = with_read(state, [(TOPIC, 5), (TOPIC, 9)], read=True)
    state = read_through(state, {TOPIC: 6})
    assert read_of(state) == [1, 2, 3, 4, 5, 6, 9]
    assert (state[TOPIC].unread, state[TOPIC].extra) == ([], [9])


def test_reading_through_an_older_place_leaves_what_is_unread_above_it() -> None:
    state = with_read(read_through({}, {TOPIC: 5}), [(TOPIC, 2), (TOPIC, 4)], read=False)
    assert read_of(read_through(state, {TOPIC: 3})) == [1, 2, 3, 5]


def test_a_notice_that_is_read_was_seen() -> None:
    state = with_read({}, [(TOPIC, 7)], read=True)
    assert is_seen(state, TOPIC, 7)
    assert not is_seen(with_read({}, [(TOPIC, 7)], read=False), TOPIC, 7)


def test_exceptions_are_bounded_and_the_newest_stay() -> None:
    places = [(TOPIC, seq) for seq in range(1, EXCEPTIONS + 51)]
    state = with_read({}, places, read=True)
    assert len(state[TOPIC].extra) == EXCEPTIONS
    assert is_read(state, TOPIC, EXCEPTIONS + 50)
    assert not is_read(state, TOPIC, 50)


def test_a_change_leaves_the_state_before_it_alone() -> None:
    before = read_through({}, {TOPIC: 3})
    kept = copy.deepcopy(before)
    with_read(before, [(TOPIC, 2)], read=False)
    seen_through(before, {TOPIC: 9})
    read_through(before, {TOPIC: 9})
    assert before == kept
