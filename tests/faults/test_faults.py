"""The quick version of each case, with real servers; `make faults` plays them at full length."""

import asyncio
import os
import signal

import pytest

from tests.faults.continuity import (
    a1_lines_are_cut,
    a2_a3_the_server_ends,
    b9_all_come_back_at_once,
)
from tests.faults.ground import Ground
from tests.faults.load import b10_churn, b11_hostile_text
from tests.faults.search_away import a11_elasticsearch_is_away
from tests.faults.slow_reader import b1_a_reader_stops
from tests.faults.store_away import a10_the_store_is_away

ELASTICSEARCH = os.environ.get("ELEARN_TEST_ELASTICSEARCH_URL", "")


@pytest.fixture(scope="module")
def ground(ground: Ground) -> Ground:
    asyncio.run(ground.node.start())
    return ground


async def test_a1_subscribers_whose_lines_are_cut_miss_nothing(ground: Ground, seed: int) -> None:
    found = await a1_lines_are_cut(ground, seed, readers=8, messages=300, every_s=0.05)
    assert found.clean, found.wrong
    assert found.acked == found.stored == 300
    assert found.delivered == 8 * 300
    assert found.reconnects >= 3  # lines were cut while it was said


async def test_a2_a_server_that_is_stopped_under_load_loses_nothing(
    ground: Ground, seed: int
) -> None:
    found = await a2_a3_the_server_ends(
        ground, seed, signal.SIGTERM, readers=4, messages=300, times=1
    )
    assert found.clean, found.wrong
    assert found.acked == found.stored == 300
    assert set(found.codes) == {1012}


async def test_a3_a_server_that_is_killed_under_load_loses_nothing(
    ground: Ground, seed: int
) -> None:
    found = await a2_a3_the_server_ends(
        ground, seed, signal.SIGKILL, readers=4, messages=300, times=1
    )
    assert found.clean, found.wrong
    assert found.acked == found.stored == 300
    assert set(found.codes) == {1006}


@pytest.mark.parametrize(
    ("how", "away_s"),
    [("refuses", 2.0), ("stalled", 6.5), ("killed", 1.0), ("full", 2.5), ("unsure", 2.5)],
)
async def test_a10_while_the_store_is_away_nothing_is_promised_and_no_line_closes(
    ground: Ground, seed: int, how: str, away_s: float
) -> None:
    found, _ = await a10_the_store_is_away(
        ground, seed, how, readers=3, messages=300, away_s=away_s
    )
    assert found.clean, found.wrong
    assert found.acked == found.stored == 301  # one of them over HTTP
    assert found.delivered == found.due >= 3 * 301
    # A killed store is started again so soon that every send may find it back.
    assert found.refused > 0 or how == "killed"


@pytest.mark.skipif(not ELASTICSEARCH, reason="no Elasticsearch was given")
@pytest.mark.parametrize("how", ["refuses", "stalled"])
async def test_a11_search_goes_on_without_elasticsearch_which_then_catches_up(
    ground: Ground, seed: int, how: str
) -> None:
    found, figures = await a11_elasticsearch_is_away(
        ground, seed, ELASTICSEARCH, how, messages=150, away_s=3
    )
    assert found.clean, found.wrong
    assert found.refused == 0
    # The slowest are the first three, which wait 100 ms each: a busy machine adds its own.
    assert figures["search_p95_ms"] < 300, figures
    assert figures["caught_up_s"] < 15, figures


async def test_b1_a_reader_that_stops_is_closed_and_costs_next_to_nothing(
    ground: Ground, seed: int
) -> None:
    figures = await b1_a_reader_stops(ground, seed, megabytes=7, calm_megabytes=2, turns=1)
    assert figures["close_code"] == 4440
    assert figures["grown_mb"] < 5 + 1


async def test_b9_everyone_is_back_soon_after_a_restart(ground: Ground, seed: int) -> None:
    found, figures = await b9_all_come_back_at_once(ground, seed, clients=60)
    assert found.clean, found.wrong
    assert figures["back_s"] < 10


async def test_b10_nothing_is_left_of_people_who_came_and_went(ground: Ground, seed: int) -> None:
    figures = await b10_churn(ground, seed, seconds=2.0, people=10)
    assert figures["visits"] > 20
    for name in ("connections", "topics"):
        assert figures[f"{name}_after"] == figures[f"{name}_before"] == 0
    for name in ("tasks", "files"):
        assert figures[f"{name}_after"] <= figures[f"{name}_before"] + 1
    assert figures["rss_mb_after"] < figures["rss_mb_before"] * 1.1


async def test_b11_text_made_to_be_slow_does_not_hold_up_the_loop(
    ground: Ground, seed: int
) -> None:
    figures = await b11_hostile_text(ground, seed, per_s=100, seconds=2)
    assert figures["sent"] == 200
    # Two seconds are forty looks at the loop, and a busy machine is late with harmless text too.
    assert figures["lag_p90_ms"] <= max(50, 4 * figures["calm_p90_ms"]), figures
