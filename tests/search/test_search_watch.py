"""How long an index has been behind, by a clock that only the test moves."""

import asyncio

import pytest

from elearn.search.indexer import Indexer
from elearn.search.watch import IndexWatch
from tests.search.test_search_indexer import Store, opened


def test_the_lag_is_counted_from_the_first_change_that_waits():
    now_s = [10.0]
    watch = IndexWatch(lambda: now_s[0])
    assert watch.lag_s == 0
    watch.behind()
    now_s[0] += 2
    watch.behind()
    now_s[0] += 1
    assert watch.lag_s == 3
    watch.reached()
    assert watch.lag_s == 0


def test_a_failure_is_counted_and_leaves_the_index_behind():
    now_s = [10.0]
    watch = IndexWatch(lambda: now_s[0])
    watch.failed()
    now_s[0] += 5
    watch.failed()
    assert (watch.failures, watch.lag_s) == (2, 5)
    assert watch.failed_at is not None


@pytest.mark.parametrize("woken", [False, True])
async def test_an_indexer_says_that_it_reached_the_head_unless_it_was_woken_meanwhile(
    tmp_path, woken
):
    store, search = Store(), await opened(tmp_path)
    watch, wake, looks = IndexWatch(), asyncio.Event(), []
    store.put(1, "Algebra")

    async def pause(event, timeout_s):
        looks.append(watch.lag_s > 0)
        raise asyncio.CancelledError

    def mine() -> bool:
        if woken:
            wake.set()
        return True

    watch.behind()
    with pytest.raises(asyncio.CancelledError):
        await Indexer(search, store.catalog, pause=pause, mine=mine, watch=watch).run(wake)
    assert looks == [woken]
    await search.close()
