"""What a person has read, as places with exceptions, against a plain set of what was read."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from elearn.notices.state import (
    State,
    is_read,
    is_seen,
    read_through,
    seen_through,
    with_read,
)

TOPICS = ("user:1", "course:1")
NEWEST = 9

places = st.tuples(st.sampled_from(TOPICS), st.integers(1, NEWEST))
through = st.dictionaries(st.sampled_from(TOPICS), st.integers(0, NEWEST))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("seen"), through),
        st.tuples(st.just("all"), through),
        st.tuples(st.booleans(), st.lists(places, max_size=4)),
    ),
    max_size=8,
)


class Plain:
    """Everything seen and everything read, notice by notice."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, int]] = set()
        self.read: set[tuple[str, int]] = set()

    def take(self, step: tuple[Any, Any]) -> None:
        what, given = step
        if what in ("seen", "all"):
            below = {(topic, seq) for topic, most in given.items() for seq in range(1, most + 1)}
            self.seen |= below
            self.read |= below if what == "all" else set()
        elif what:
            self.read |= set(given)
            # Seen is one place a topic: whoever read one has seen those before it.
            self.seen |= {(topic, seq) for topic, most in given for seq in range(1, most + 1)}
        else:
            self.read -= set(given)


def taken(state: State, step: tuple[Any, Any]) -> State:
    what, given = step
    if what == "seen":
        return seen_through(state, given)
    if what == "all":
        return read_through(state, given)
    return with_read(state, given, read=what)


@given(steps)
def test_any_steps_leave_what_a_plain_set_would_hold(chosen: list[tuple[Any, Any]]) -> None:
    state: State = {}
    plain = Plain()
    for step in chosen:
        state = taken(state, step)
        plain.take(step)
    everything = [(topic, seq) for topic in TOPICS for seq in range(1, NEWEST + 1)]
    assert {place for place in everything if is_seen(state, *place)} == plain.seen
    assert {place for place in everything if is_read(state, *place)} == plain.read
