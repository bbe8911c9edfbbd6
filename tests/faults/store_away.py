"""A10: the store refuses, stalls, freezes, is killed, has a full disk, or cannot vouch for what it
took."""

import asyncio
import json
import signal
from collections.abc import Callable

from tests.faults.client import Client
from tests.faults.continuity import write
from tests.faults.ground import Ground, Play, on_proxied_store, playing
from tests.faults.ledger import Judgement, Ledger
from tests.faults.nodes import ApiError, Node
from tests.faults.replica_set import not_vouched_for
from tests.faults.store_proxy import StoreProxy

# What was on its way when the outage began has arrived, or never will.
SETTLED_S = 1.0
# Here the store goes on answering what is only read.
READABLE = ("full", "unsure")


async def a10_the_store_is_away(
    ground: Ground, seed: int, how: str, *, readers: int, messages: int, away_s: float
) -> tuple[Judgement, dict[str, float]]:
    """The store `refuses`, is `stalled` by the proxy, `frozen` (SIGSTOP), `killed`, `full` (no byte
    more fits on its disk) or `unsure` (a majority is away: it writes and does not vouch for it).

    Sockets stay open and answer; what is refused comes with a time to try again; nothing that is
    not durable is acknowledged or shown; afterwards all goes on by itself.
    """
    async with (
        on_proxied_store(ground, f"{how}-{seed}") as (node, line),
        playing(ground, f"a10-{how}", seed, node) as play,
    ):
        if how == "full":
            node.may_log = ("the store refused a row",)
        there = await play.subscribers(readers, lambda: node.port)
        writing = asyncio.create_task(write(play, lambda: node.port, messages, per_s=300))
        await asyncio.sleep(0.5)
        begin, end = _outage(ground, line, how)
        begin()
        over_http = asyncio.create_task(_say_over_http(play, "over-http"))
        figures = await _meanwhile(play, there, how, away_s)
        assert all(reader.connects == 1 for reader in there), "a socket was closed"
        end()
        loop = asyncio.get_running_loop()
        back = loop.time()
        await asyncio.gather(writing, over_http)
        figures["written_s_after"] = loop.time() - back
        found = await play.judged()
        if figures["shown_meanwhile"]:
            found.wrong.append("rows were shown while the store did not vouch for them")
        if set(found.refusals) - {"unavailable"}:
            found.wrong.append(f"refused otherwise: {found.refusals}")
        figures["node_alive"] = float(await _serves(node))
        return found, figures


def _outage(
    ground: Ground, line: StoreProxy, how: str
) -> tuple[Callable[[], None], Callable[[], None]]:
    def kill() -> None:
        line.refuse()
        ground.signal_store(signal.SIGKILL)

    return {
        "refuses": (line.refuse, line.resume),
        "stalled": (line.stall, line.resume),
        "frozen": (
            lambda: ground.signal_store(signal.SIGSTOP),
            lambda: ground.signal_store(signal.SIGCONT),
        ),
        "killed": (kill, line.resume),
        "full": (ground.fill_disk, lambda: ground.fill_disk(full=False)),
        "unsure": (
            lambda: line.rules.append(not_vouched_for()),
            line.rules.clear,
        ),
    }[how]


async def _meanwhile(
    play: Play, readers: list[Client], how: str, away_s: float
) -> dict[str, float]:
    """Everyone asks all the time, and somebody new comes where the store can still be read."""
    loop = asyncio.get_running_loop()
    until, settled, slowest = loop.time() + away_s, loop.time() + SETTLED_S, 0.0
    newcomer = play.client("newcomer", 1, lambda: play.node.port) if how in READABLE else None
    shown: int | None = None
    while loop.time() < until:
        began = loop.time()
        await asyncio.gather(*(reader.ping() for reader in readers))
        slowest = max(slowest, loop.time() - began)
        if how in READABLE:
            page = await readers[0].ask("chat.history", room=play.scene.room, limit=5)
            assert page["messages"], "nothing could be read"
        if shown is None and loop.time() > settled:
            shown = max(reader.cursor for reader in readers)
        await asyncio.sleep(0.1)
    assert newcomer is None or newcomer.ready.is_set(), "nobody new could come"
    now = max(reader.cursor for reader in readers)
    return {"pings_slowest_s": slowest, "shown_meanwhile": float(now - (shown or now))}


async def _say_over_http(play: Play, key: str) -> None:
    """One message by HTTP, tried until it is stored."""
    ledger = Ledger(play.folder, key)
    while True:
        try:
            args = {"room": play.scene.room, "body": key}
            said = await play.scene.command(play.scene.tokens[0], "chat.post", key, **args)
            break
        except ApiError as refused:
            error = json.loads(refused.body)["error"]
            code, retry_ms = error["code"], error.get("retry_after_ms")
            if refused.status != 503:
                code = f"{code} with status {refused.status}"
            ledger.write("refused", key=key, code=code, retry_after_ms=retry_ms)
            await asyncio.sleep((retry_ms or 1000) / 1000)
    message = said["message"]
    ledger.write("acked", key=key, id=message["id"], seq=message["seq"], duplicate=False)
    ledger.close()


async def _serves(node: Node) -> bool:
    return bool((await node.api("GET", "/readyz"))["status"] == "ready")
