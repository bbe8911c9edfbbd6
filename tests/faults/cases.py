"""The cases at full length, what each is held to, and which are played at the same time."""

import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.engines import FOLDER, NotStarted, elasticsearch
from tests.faults.continuity import (
    a1_lines_are_cut,
    a2_a3_the_server_ends,
    b9_all_come_back_at_once,
)
from tests.faults.ground import Ground
from tests.faults.load import b10_churn, b11_hostile_text
from tests.faults.nodes import clock_set_back
from tests.faults.outcomes import Outcome, bounded, by_ledger
from tests.faults.rights import c5_rights_are_lost, ch10_who_is_here
from tests.faults.search_away import a11_elasticsearch_is_away
from tests.faults.several import (
    a2_one_after_the_other,
    a8_a_clock_is_late,
    a9_a_message_is_swallowed,
    a9_redis_is_away,
)
from tests.faults.silence import b2_no_pong, b3_they_say_nothing
from tests.faults.slow_reader import b1_a_reader_stops
from tests.faults.store_away import a10_the_store_is_away

MESSAGES = 10_000
CLIENTS = 5_000

Case = Callable[[Ground, int], Awaitable[Outcome]]


async def _a1(ground: Ground, seed: int) -> Outcome:
    return by_ledger(
        await a1_lines_are_cut(ground, seed, readers=50, messages=MESSAGES, every_s=0.2)
    )


def _ends(number: int) -> Case:
    async def case(ground: Ground, seed: int) -> Outcome:
        return by_ledger(
            await a2_a3_the_server_ends(ground, seed, number, readers=20, messages=3_000, times=3)
        )

    return case


def _away(how: str) -> Case:
    async def case(ground: Ground, seed: int) -> Outcome:
        found, figures = await a10_the_store_is_away(
            ground, seed, how, readers=10, messages=3_000, away_s=20
        )
        return by_ledger(found, figures)

    return case


def _search_away(engines: Path, how: str) -> Case:
    async def case(ground: Ground, seed: int) -> Outcome:
        try:
            with elasticsearch(engines) as url:
                found, figures = await a11_elasticsearch_is_away(
                    ground, seed, url, how, messages=1_500, away_s=20
                )
        except NotStarted as error:
            return Outcome(skipped=str(error))
        outcome = by_ledger(found, figures)
        within = bounded(figures, search_slowest_ms=(0, 300), caught_up_s=(0, 35))
        outcome.wrong += within.wrong
        return outcome

    return case


async def _a2_two(ground: Ground, seed: int) -> Outcome:
    found = await a2_one_after_the_other(ground, seed, people=20, messages=150, rounds=3)
    return by_ledger(*found)


async def _a8(ground: Ground, seed: int) -> Outcome:
    clock = clock_set_back(hours=1)
    if clock is None:
        return Outcome(wrong=["libfaketime is missing: apt install faketime"])
    return by_ledger(*await a8_a_clock_is_late(ground, seed, clock, writers=20, messages=500))


async def _a9(ground: Ground, seed: int) -> Outcome:
    return by_ledger(*await a9_redis_is_away(ground, seed, writers=6, messages=500, away_s=30))


async def _a9_swallowed(ground: Ground, seed: int) -> Outcome:
    found, figures = await a9_a_message_is_swallowed(ground, seed)
    outcome = by_ledger(found, figures)
    outcome.wrong += bounded(figures, noticed_s=(0, 40)).wrong
    return outcome


async def _c5(ground: Ground, seed: int) -> Outcome:
    figures = await c5_rights_are_lost(ground, seed, times=10)
    return bounded(figures, **dict.fromkeys(figures, (0, 1_000)))


async def _ch10(ground: Ground, seed: int) -> Outcome:
    figures = await ch10_who_is_here(ground, seed, killed=True)
    return bounded(figures, **dict.fromkeys(figures, (0, 62)))


async def _b1(ground: Ground, seed: int) -> Outcome:
    figures = await b1_a_reader_stops(ground, seed, megabytes=30, calm_megabytes=30, turns=15)
    ratio = figures["p99_beside_ms"] / figures["p99_without_ms"]
    return bounded(
        {**figures, "p99_ratio": ratio},
        close_code=(4440, 4440),
        grown_mb=(-1_000, 6),
        p99_ratio=(0, 1.5),
    )


async def _b2(ground: Ground, seed: int) -> Outcome:
    return bounded(await b2_no_pong(ground, seed), let_go_s=(32.9, 35), gone_s=(32.9, 40))


async def _b3(ground: Ground, seed: int) -> Outcome:
    return bounded(
        await b3_they_say_nothing(ground, seed, each=20),
        no_auth_s=(9.9, 12),
        half_handshake_s=(14.9, 17),
        half_body_s=(29.9, 32),
        ping_s=(0, 1),
    )


async def _b9(ground: Ground, seed: int) -> Outcome:
    found, figures = await b9_all_come_back_at_once(ground, seed, clients=CLIENTS)
    outcome = by_ledger(found, figures)
    outcome.wrong += bounded(figures, back_s=(0, 30), reads_a_client=(0, 1)).wrong
    return outcome


def _b10(seconds: float) -> Case:
    async def case(ground: Ground, seed: int) -> Outcome:
        figures = await b10_churn(ground, seed, seconds=seconds, people=20)
        bounds = {
            f"{name}_after": (0.0, figures[f"{name}_before"] * 1.05 + more)
            for name, more in (("connections", 0), ("topics", 0), ("tasks", 1), ("files", 2))
        }
        bounds["rss_mb_after"] = (0.0, figures["rss_mb_before"] * 1.05 + 2)
        return bounded(figures, **bounds)

    return case


async def _b11(ground: Ground, seed: int) -> Outcome:
    figures = await b11_hostile_text(ground, seed, per_s=100, seconds=20)
    # The histogram's buckets double: one more than for harmless text is no news.
    return bounded(figures, lag_p99_ms=(0, max(50, 2 * figures["calm_p99_ms"])))


def groups(b10_s: float, engines: Path = FOLDER) -> list[dict[str, Case]]:
    """In their order. Those of a group are played at the same time: they wait more than they work,
    and measure nothing that another one could slow down."""
    return [
        {"A1 lines cut": _a1},
        {"A2 SIGTERM": _ends(signal.SIGTERM)},
        {"A2 two nodes": _a2_two},
        {"A3 SIGKILL": _ends(signal.SIGKILL)},
        {"A8 clock late": _a8},
        {"A9 Redis away": _a9},
        {
            "A10 store refuses": _away("refuses"),
            "A10 store stalled": _away("stalled"),
            "A10 store frozen": _away("frozen"),
        },
        {
            "A10 store killed": _away("killed"),
            "A10 disk full": _away("full"),
            "A10 write concern missed": _away("unsure"),
        },
        {"A11 Elasticsearch refuses": _search_away(engines, "refuses")},
        {"A11 Elasticsearch stalled": _search_away(engines, "stalled")},
        {"A11 Elasticsearch swallowed": _search_away(engines, "swallowed")},
        {"B1 reader stops": _b1},
        {
            "A9 message swallowed": _a9_swallowed,
            "B2 no pong": _b2,
            "B3 say nothing": _b3,
            "B10 churn": _b10(b10_s),
            "CH-10 presence": _ch10,
        },
        {"B9 all come back": _b9},
        {"B11 hostile text": _b11},
        {"C5 rights lost": _c5},
    ]


def picked(number: str, found: list[dict[str, Case]]) -> list[dict[str, Case]]:
    """The groups with the cases of this number alone; all of them for none."""
    wanted = number.lower()
    found = [
        {name: case for name, case in group.items() if wanted in ("", name.split()[0].lower())}
        for group in found
    ]
    return [group for group in found if group]
