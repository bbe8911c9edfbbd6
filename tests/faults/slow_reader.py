"""B1: a reader that stops, and what it costs the server's memory and the others."""

import asyncio
import socket

from tests.faults.client import Client
from tests.faults.ground import Ground, Play, playing
from tests.faults.nodes import Node
from tests.faults.wire import Closed, Wire

BODY = 3_900
BEHIND = 20
TURN_MEGABYTES = 1.0


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
