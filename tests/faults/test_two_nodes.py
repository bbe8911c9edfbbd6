"""The quick version of the cases over two nodes, which are processes of their own."""

import pytest

from tests.faults.ground import Ground
from tests.faults.nodes import clock_set_back
from tests.faults.rights import c5_rights_are_lost, ch10_who_is_here
from tests.faults.several import a2_one_after_the_other, a8_a_clock_is_late, a9_redis_is_away
from tests.redis_server import RedisServer

pytestmark = pytest.mark.skipif(
    RedisServer.command() is None, reason="there is no redis-server: install it"
)


async def test_a2_two_nodes_that_are_stopped_in_turn_lose_nothing_and_leave_nothing_undone(
    ground: Ground, seed: int
) -> None:
    found, figures = await a2_one_after_the_other(ground, seed, people=6, messages=50, rounds=1)
    assert found.clean, (found.wrong, figures)
    assert found.acked == found.stored == 300
    assert found.delivered == 6 * 300
    assert 1012 in found.codes


async def test_a8_a_node_whose_clock_is_an_hour_late_changes_no_order(
    ground: Ground, seed: int
) -> None:
    clock = clock_set_back(hours=1)
    if clock is None:
        pytest.skip("there is no libfaketime: install faketime")
    found, _ = await a8_a_clock_is_late(ground, seed, clock, writers=8, messages=25)
    assert found.clean, found.wrong
    assert found.acked == found.stored == 200
    assert found.delivered == 8 * 200


async def test_a9_while_redis_is_away_nothing_is_lost(ground: Ground, seed: int) -> None:
    found, _ = await a9_redis_is_away(ground, seed, writers=4, messages=50, away_s=2)
    assert found.clean, found.wrong
    assert found.delivered == 4 * found.stored == 4 * 200


async def test_c5_rights_that_are_lost_on_one_node_are_lost_on_the_other(
    ground: Ground, seed: int
) -> None:
    figures = await c5_rights_are_lost(ground, seed, times=1)
    assert max(figures.values()) < 1_000, figures


async def test_ch10_people_at_two_nodes_see_each_other_and_those_of_a_stopped_one_are_gone(
    ground: Ground, seed: int
) -> None:
    figures = await ch10_who_is_here(ground, seed, killed=False)
    assert max(figures.values()) < 10, figures
