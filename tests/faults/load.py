"""B1, B10, B11: a reader that stops, people who come and go, text that is made to hurt."""

import asyncio
import contextlib
import socket
from collections import Counter
from typing import Any

from tests.faults.client import Client, Closed, Wire
from tests.faults.ground import Ground, Play, all_ready, playing
from tests.faults.nodes import Node

BODY = 3_900
BEHIND = 20
TURN_MEGABYTES = 1.0
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


def percentile(values: list[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))] if ranked else 0.0


async def b1_a_reader_stops(
    ground: Ground, seed: int, *, megabytes: float, calm_megabytes: float, turns: int
) -> dict[str, float]:
    """A flood beside a reader that stopped reading: what that costs the server's memory. Then many
    small ones, in turns beside one and without: what it costs the waiting of the others."""
    async with playing(ground, "b1", seed) as play:
        readers = await play.subscribers(5, lambda: play.node.port)
        await _flood(play, readers, calm_megabytes)
        _, calm_mb = await _flood(play, readers, calm_megabytes)
        wire = await _stopped_reader(play)
        told = asyncio.create_task(_reads_again_when_closed(play.node, wire))
        _, peak_mb = await _flood(play, readers, megabytes)
        async with asyncio.timeout(20):
            code = await told
        without, beside = await _in_turns(play, readers, turns)
        assert all(reader.connects == 1 for reader in readers), "a healthy reader was closed"
        return {
            "p99_without_ms": percentile(without, 0.99) * 1000,
            "p99_beside_ms": percentile(beside, 0.99) * 1000,
            "peak_mb": peak_mb,
            "grown_mb": peak_mb - calm_mb,
            "close_code": float(code),
        }


async def _in_turns(
    play: Play, readers: list[Client], turns: int
) -> tuple[list[float], list[float]]:
    """The times to the answers; other work on the machine falls on both sides alike."""
    without: list[float] = []
    beside: list[float] = []
    for _ in range(turns):
        without += (await _flood(play, readers, TURN_MEGABYTES))[0]
        wire = await _stopped_reader(play)
        beside += (await _flood(play, readers, TURN_MEGABYTES))[0]
        wire.abort()
    return without, beside


async def _reads_again_when_closed(node: Node, wire: Wire) -> int:
    """The code that it then finds behind all that waited for it."""
    while "slow consumer" not in node.log():  # noqa: ASYNC110 - another process says so
        await asyncio.sleep(0.1)
    return await _last_code(wire)


async def _settled(node: Node) -> None:
    async with asyncio.timeout(60):
        while True:
            metrics = await node.metrics()
            if not (metrics["elearn_queue_rows"] or metrics["elearn_reactions_waiting"]):
                return
            await asyncio.sleep(0.1)


async def _flood(play: Play, readers: list[Client], megabytes: float) -> tuple[list[float], float]:
    """Messages of one text until that much went to each reader; the times to the answers, and
    the most memory that the server had meanwhile. No faster than the readers read, so that what
    waits in the server is not theirs."""
    await _settled(play.node)
    # A push carries the text twice, as it was written and as HTML.
    count = max(1, int(megabytes * 1_000_000 / (2 * BODY + 600)))
    wire = await Wire.open(play.node.port, play.scene.tokens[0])
    loop = asyncio.get_running_loop()
    times: list[float] = []
    peak_mb = 0.0
    try:
        await wire.next()
        sent: dict[int, float] = {}
        newest = 0
        for number in range(count):
            args = {"room": play.scene.room, "body": "x" * BODY}
            key = f"b1-{play.seed}-{number}-{loop.time()}"
            wire.send({"ref": number, "cmd": "chat.post", "args": args, "key": key})
            sent[number] = loop.time()
            if number % 20 == 0:
                peak_mb = max(peak_mb, play.node.rss_mb)
            while len(sent) >= 8 or (sent and number == count - 1):
                body = await wire.next()
                if "ref" in body:
                    assert body["ok"], body
                    times.append(loop.time() - sent.pop(body["ref"]))
                    newest = body["result"]["message"]["seq"]
            await asyncio.gather(*(reader.reach(newest - BEHIND) for reader in readers))
    finally:
        wire.abort()
    return times, peak_mb


async def _stopped_reader(play: Play) -> Wire:
    """Listens to the room and then never reads again; its kernel takes next to nothing."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", play.node.port))
    wire = await Wire.open(play.node.port, play.scene.tokens[1], sock)
    await wire.next()
    args = {"topic": f"room:{play.scene.room}"}
    wire.send({"ref": "s", "cmd": "subscribe", "args": args})
    while (await wire.next()).get("ref") != "s":
        pass
    return wire


async def _last_code(wire: Wire) -> int:
    """What the stopped reader finds when it reads again."""
    code = 1006
    try:
        async with asyncio.timeout(10):
            while True:
                body = await wire.next()
                if body.get("push") == "server.closing":
                    code = body["data"]["code"]
    except Closed as closed:
        return closed.code if closed.code != 1006 else code
    finally:
        wire.abort()


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
