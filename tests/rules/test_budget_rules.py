"""Lists within one reply: whatever they hold, each part comes once, in order, and fits."""

from hypothesis import given
from hypothesis import strategies as st

from elearn.wire import budgets, protocol

# As weights: some beside the budget, most far below it.
weights = st.lists(
    st.one_of(st.integers(0, 2_000), st.integers(60_000, budgets.REPLY_BYTES)), max_size=40
)


@given(weights, st.integers(1, 100))
def test_a_list_is_read_to_its_end_in_replies_that_fit(sizes: list[int], limit: int) -> None:
    parts = [f"{number}:" + "x" * size for number, size in enumerate(sizes)]
    read: list[str] = []
    while True:
        left = parts[len(read) : len(read) + limit + 1]
        shown, more = budgets.fitted(left, limit)
        weight = len(protocol.encode({"list": shown, "next": "somewhere", "total": len(parts)}))
        assert weight <= budgets.REPLY_BYTES or len(shown) == 1
        assert len(shown) <= limit
        read += shown
        assert more == (len(read) < len(parts))
        if not more:
            break
        assert shown, "a list that does not go on would be asked for ever"
    assert read == parts


@given(st.integers(1, 20), st.integers(0, 19))
def test_what_is_left_out_is_not_made(limit: int, number: int) -> None:
    made: list[int] = []

    def parts() -> object:
        for one in range(limit + 1):
            made.append(one)
            yield "x" * (budgets.REPLY_BYTES if one == number else 10)

    shown, _ = budgets.fitted(parts(), limit)  # type: ignore[arg-type]
    assert len(made) <= len(shown) + 1
