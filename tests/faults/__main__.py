"""All cases at full length, one after another, and a table of what came of them.

python -m tests.faults [--case A1] [--seed N] [--out FILE] [--b10-seconds 300]
"""

import argparse
import asyncio
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.server import raise_file_limit
from tests.faults.continuity import (
    a1_lines_are_cut,
    a2_a3_the_server_ends,
    b9_all_come_back_at_once,
)
from tests.faults.ground import Ground
from tests.faults.ledger import Judgement
from tests.faults.load import b10_churn, b11_hostile_text
from tests.faults.nodes import clock_set_back
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


@dataclass
class Outcome:
    """A case's three counts (where it has a ledger), its figures, and what was wrong."""

    judgement: Judgement | None = None
    figures: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


Case = Callable[[Ground, int], Awaitable[Outcome]]


def _ledger(found: Judgement, figures: dict[str, float] | None = None) -> Outcome:
    told = {
        "subscribers": float(found.subscribers),
        "lines_broken": float(found.reconnects),
        "caught_up": float(found.recovered),
        "refused": float(found.refused),
        **(figures or {}),
    }
    wrong = list(found.wrong)
    if found.acked != found.stored or found.delivered != found.due:
        wrong.append("the three counts differ")
    return Outcome(found, told, wrong)


def _bounded(figures: dict[str, float], **bounds: tuple[float, float]) -> Outcome:
    wrong = [
        f"{name} is {figures[name]:.1f}, not within {low:g}..{high:g}"
        for name, (low, high) in bounds.items()
        if not low <= figures[name] <= high
    ]
    return Outcome(None, figures, wrong)


async def _a1(ground: Ground, seed: int) -> Outcome:
    return _ledger(await a1_lines_are_cut(ground, seed, readers=50, messages=MESSAGES, every_s=0.2))


def _ends(number: int) -> Case:
    async def case(ground: Ground, seed: int) -> Outcome:
        return _ledger(
            await a2_a3_the_server_ends(ground, seed, number, readers=20, messages=3_000, times=3)
        )

    return case


def _away(how: str) -> Case:
    async def case(ground: Ground, seed: int) -> Outcome:
        found, figures = await a10_the_store_is_away(
            ground, seed, how, readers=10, messages=3_000, away_s=20
        )
        return _ledger(found, figures)

    return case


def _search_away(url: str, how: str) -> Case:
    async def case(ground: Ground, seed: int) -> Outcome:
        found, figures = await a11_elasticsearch_is_away(
            ground, seed, url, how, messages=1_500, away_s=20
        )
        outcome = _ledger(found, figures)
        within = _bounded(figures, search_p99_ms=(0, 300), caught_up_s=(0, 35))
        outcome.wrong += within.wrong
        return outcome

    return case


async def _a2_two(ground: Ground, seed: int) -> Outcome:
    found = await a2_one_after_the_other(ground, seed, people=20, messages=150, rounds=3)
    return _ledger(*found)


async def _a8(ground: Ground, seed: int) -> Outcome:
    clock = clock_set_back(hours=1)
    if clock is None:
        return Outcome(wrong=["libfaketime is missing: apt install faketime"])
    return _ledger(*await a8_a_clock_is_late(ground, seed, clock, writers=20, messages=500))


async def _a9(ground: Ground, seed: int) -> Outcome:
    return _ledger(*await a9_redis_is_away(ground, seed, writers=6, messages=500, away_s=30))


async def _a9_swallowed(ground: Ground, seed: int) -> Outcome:
    found, figures = await a9_a_message_is_swallowed(ground, seed)
    outcome = _ledger(found, figures)
    outcome.wrong += _bounded(figures, noticed_s=(0, 40)).wrong
    return outcome


async def _c5(ground: Ground, seed: int) -> Outcome:
    figures = await c5_rights_are_lost(ground, seed, times=10)
    return _bounded(figures, **dict.fromkeys(figures, (0, 1_000)))


async def _ch10(ground: Ground, seed: int) -> Outcome:
    figures = await ch10_who_is_here(ground, seed, killed=True)
    return _bounded(figures, **dict.fromkeys(figures, (0, 62)))


async def _b1(ground: Ground, seed: int) -> Outcome:
    figures = await b1_a_reader_stops(ground, seed, megabytes=30, calm_megabytes=30, turns=15)
    ratio = figures["p99_beside_ms"] / figures["p99_without_ms"]
    return _bounded(
        {**figures, "p99_ratio": ratio},
        close_code=(4440, 4440),
        grown_mb=(-1_000, 6),
        p99_ratio=(0, 1.5),
    )


async def _b2(ground: Ground, seed: int) -> Outcome:
    return _bounded(await b2_no_pong(ground, seed), let_go_s=(32.9, 35), gone_s=(32.9, 40))


async def _b3(ground: Ground, seed: int) -> Outcome:
    return _bounded(
        await b3_they_say_nothing(ground, seed, each=20),
        no_auth_s=(9.9, 12),
        half_handshake_s=(14.9, 17),
        half_body_s=(29.9, 32),
        ping_s=(0, 1),
    )


async def _b9(ground: Ground, seed: int) -> Outcome:
    found, figures = await b9_all_come_back_at_once(ground, seed, clients=CLIENTS)
    outcome = _ledger(found, figures)
    outcome.wrong += _bounded(figures, back_s=(0, 30), reads_a_client=(0, 1)).wrong
    return outcome


def _b10(seconds: float) -> Case:
    async def case(ground: Ground, seed: int) -> Outcome:
        figures = await b10_churn(ground, seed, seconds=seconds, people=20)
        bounds = {
            f"{name}_after": (0.0, figures[f"{name}_before"] * 1.05 + more)
            for name, more in (("connections", 0), ("topics", 0), ("tasks", 1), ("files", 2))
        }
        bounds["rss_mb_after"] = (0.0, figures["rss_mb_before"] * 1.05 + 2)
        return _bounded(figures, **bounds)

    return case


async def _b11(ground: Ground, seed: int) -> Outcome:
    figures = await b11_hostile_text(ground, seed, per_s=100, seconds=20)
    # The histogram's buckets double: one more than for harmless text is no news.
    return _bounded(figures, lag_p99_ms=(0, max(50, 2 * figures["calm_p99_ms"])))


CLIENTS = 5_000


def groups(b10_s: float) -> list[dict[str, Case]]:
    """In their order. Those of a group are played at the same time: they wait more than they work,
    and measure nothing that another one could slow down."""
    url = os.environ.get("ELEARN_TEST_ELASTICSEARCH_URL")
    engine_away: dict[str, Case] = {
        f"A11 Elasticsearch {how}": _search_away(url, how)
        for how in ("refuses", "stalled", "swallowed")
        if url
    }
    alone: list[dict[str, Case]] = [{name: case} for name, case in engine_away.items()]
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
        *alone,
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


def picked(number: str, b10_s: float) -> list[dict[str, Case]]:
    """The groups with the cases of this number alone; all of them for none."""
    wanted = number.lower()
    found = [
        {name: case for name, case in group.items() if wanted in ("", name.split()[0].lower())}
        for group in groups(b10_s)
    ]
    return [group for group in found if group]


async def _played(case: Case, seed: int) -> tuple[Outcome, float]:
    """On ground of its own: what one case leaves behind is not the next one's."""
    folder = Path(tempfile.mkdtemp(prefix="elearn-faults-"))
    began = time.monotonic()
    try:
        ground = Ground(folder)
        try:
            await ground.node.start()
            outcome = await case(ground, seed)
        finally:
            await ground.close()
    except Exception as error:
        outcome = Outcome(wrong=[f"{type(error).__name__}: {' '.join(str(error).split())[-300:]}"])
    if outcome.wrong:
        print(f"ledgers and logs stay in {folder}", file=sys.stderr)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return outcome, time.monotonic() - began


def _row(name: str, seed: int, outcome: Outcome, took_s: float) -> str:
    counts = outcome.judgement
    three = f"{counts.acked} | {counts.stored} | {counts.delivered}" if counts else "– | – | –"
    figures = ", ".join(f"{key} {value:g}" for key, value in _rounded(outcome.figures).items())
    verdict = "clean" if not outcome.wrong else "; ".join(outcome.wrong[:3])
    return f"| {name} | {seed} | {three} | {figures} | {verdict} | {took_s:.0f} s |"


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {
        name: float(f"{value:.3g}") if value < 1000 else round(value)
        for name, value in figures.items()
    }


async def main(options: argparse.Namespace) -> bool:
    lines = [
        "| case | seed | acked | stored | delivered | figures | verdict | took |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    print(*lines, sep="\n", flush=True)
    well = True
    for group in picked(options.case, options.b10_seconds):
        played = await asyncio.gather(*(_played(case, options.seed) for case in group.values()))
        for name, (outcome, took_s) in zip(group, played, strict=True):
            well = well and not outcome.wrong
            lines.append(_row(name, options.seed, outcome, took_s))
            print(lines[-1], flush=True)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text("\n".join(lines) + "\n")
    return well


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", default="", help="only those of this number")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--out", type=Path, help="write the table there too")
    parser.add_argument("--b10-seconds", type=float, default=300.0)
    return parser.parse_args()


if __name__ == "__main__":
    raise_file_limit()
    sys.exit(0 if asyncio.run(main(_options())) else 1)
