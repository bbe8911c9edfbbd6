"""B10, B11: people who come and go, text that is made to hurt."""

import asyncio
import contextlib
from collections import Counter
from typing import Any

from tests.faults.client import Client
from tests.faults.ground import Ground, Play, all_ready, playing
from tests.faults.nodes import Node
from tests.faults.wire import Closed, Wire

WARM_S = 120.0
RENEW_S = 600.0
ROUNDS = 4
HARMLESS = ("x" * 3_900,)
HOSTILE = (
    "[" * 10_000,
    "[" * 4_000,
    "*" * 4_000,
    "_" * 4_000,
    "`" * 4_000,
    ">" * 4_000,
    "a**" * 1_333,
    "*a _b " * 660,
    "|" * 4_000,
    "a|b\n-|-\n" + "|x" * 1_990,
    "<" * 4_000,
    "~" * 4_000,
    "(" * 4_000,
    "[a](" * 1_000,
    "`a" * 2_000,
    "> " * 2_000,
    "- " * 2_000,
    "\\" * 4_000,
    "http://a.b/" + "(" * 3_900,
    "a@b." * 1_000,
    "www." * 1_000,
    "&#x;" * 1_000,
    "![" * 2_000,
    "\n".join(["- x"] * 1_000),
)


WATCHED = ("elearn_connections", "elearn_topics", "elearn_tasks")


async def b10_churn(ground: Ground, seed: int, *, seconds: float, people: int) -> dict[str, float]:
    """People join, write, leave and are cut for a while; then everyone goes. What is left?"""
    async with playing(ground, "b10", seed) as play:
        # Caches fill and pools open: growth counts from where these have their size.
        await _come_and_go(play, people, min(WARM_S, seconds / 2))
        before = await _left(play.node)
        visits = await _come_and_go(play, people, seconds)
        after = await _left(play.node)
        return {
            "visits": float(visits),
            **{f"{name}_before": value for name, value in before.items()},
            **{f"{name}_after": value for name, value in after.items()},
        }


async def _come_and_go(play: Play, people: int, seconds: float) -> int:
    loop = asyncio.get_running_loop()
    until, visits = loop.time() + seconds, 0

    async def one(number: int) -> None:
        nonlocal visits
        while loop.time() < until:
            token = play.scene.tokens[number % len(play.scene.tokens)]
            with contextlib.suppress(Closed, OSError):
                await _visit(play, token, f"b10-{play.seed}-{number}-{loop.time()}")
                visits += 1

    async def renew() -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            await play.scene.renew()

    renewing = asyncio.create_task(renew())
    try:
        await asyncio.gather(*(one(number) for number in range(people)))
    finally:
        renewing.cancel()
    return visits


async def _visit(play: Play, token: str, key: str) -> None:
    wire = await Wire.open(play.node.port, token)
    try:
        room = play.scene.room
        steps: list[tuple[str, dict[str, Any]]] = [
            ("subscribe", {"topic": f"room:{room}"}),
            ("subscribe", {"topic": "catalog"}),
            ("chat.post", {"room": room, "body": key}),
            ("chat.history", {"room": room, "limit": 5}),
            ("unsubscribe", {"topic": "catalog"}),
        ]
        for ref, (cmd, args) in enumerate(steps):
            wire.send({"ref": ref, "cmd": cmd, "args": args, "key": f"{key}-{ref}"})
            # Some leave in the middle of an answer.
            if play.random.random() < 0.1:
                return
            while (await wire.next()).get("ref") != ref:
                pass
    finally:
        wire.abort()


async def _left(node: Node) -> dict[str, float]:
    """What the server still holds when everyone has gone."""
    async with asyncio.timeout(15):
        while (await node.metrics())["elearn_connections"] > 0:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    # The last visits' commands and tellings come to their end.
    for _ in range(30):
        await asyncio.sleep(0.1)
        metrics = await node.metrics()
        if metrics.get("elearn_queue_rows") == 0 and metrics.get("elearn_reactions_waiting") == 0:
            break
    found = {name.removeprefix("elearn_"): metrics[name] for name in WATCHED}
    return {**found, "files": float(node.open_files), "rss_mb": node.rss_mb}


async def b11_hostile_text(
    ground: Ground, seed: int, *, per_s: float, seconds: float
) -> dict[str, float]:
    """Five people send what is slow to parse; how late does the server's loop come round? Between,
    they send as much that is harmless: on a busy machine the loop is late with that too."""
    async with playing(ground, "b11", seed) as play:
        people = [
            play.client(f"loud-{n}", n, lambda: play.node.port, listens=False) for n in range(5)
        ]
        await all_ready(people)
        calm, loud, outcomes = Lags(), Lags(), Counter[str]()
        for _ in range(ROUNDS):
            for lags, texts in ((calm, HARMLESS), (loud, HOSTILE)):
                before = await play.node.metrics()
                said = await asyncio.gather(
                    *(_shout(play, each, per_s / 5, seconds / ROUNDS, texts) for each in people)
                )
                lags.add(before, await play.node.metrics())
                if texts is HOSTILE:
                    outcomes.update(code for codes in said for code in codes)
        return {
            "sent": float(outcomes.total()),
            "taken": float(outcomes["ok"]),
            "calm_p90_ms": calm.percentile(0.9) * 1000,
            "calm_p99_ms": calm.percentile(0.99) * 1000,
            "lag_p90_ms": loud.percentile(0.9) * 1000,
            "lag_p99_ms": loud.percentile(0.99) * 1000,
        }


async def _shout(
    play: Play, client: Client, per_s: float, seconds: float, texts: tuple[str, ...]
) -> list[str]:
    """How each was answered."""
    outcomes: list[str] = []
    for _ in range(int(per_s * seconds)):
        # Never the same text twice: a cached rendering would prove nothing.
        text = f"{play.random.randrange(10**9)} " + play.random.choice(texts)
        reply = await client.try_to_say(text if len(text) > 5_000 else text[:4_000])
        outcomes.append("ok" if reply["ok"] else reply["error"]["code"])
        assert outcomes[-1] in ("ok", "invalid_field", "too_large"), reply
        await asyncio.sleep(1 / per_s)
    return outcomes


class Lags:
    """How late the server's loop was, over some spans of its life."""

    def __init__(self) -> None:
        self._counts = Counter[float]()

    def add(self, before: dict[str, float], after: dict[str, float]) -> None:
        name = 'elearn_loop_lag_seconds_bucket{le="'
        for key, value in after.items():
            if key.startswith(name):
                bound = float(key.removeprefix(name).rstrip('"}'))
                self._counts[bound] += int(value - before.get(key, 0.0))

    def percentile(self, share: float) -> float:
        """The upper bound of the histogram's bucket in which that share of the turns lies."""
        whole = self._counts[float("inf")]
        return min(bound for bound, count in self._counts.items() if count >= share * whole)
