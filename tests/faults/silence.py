"""B2, B3: peers that say nothing, stop in the middle, or answer no ping, with the real limits."""

import asyncio

from tests.faults.ground import Ground, playing
from tests.faults.wire import Wire
from tests.live import until

_HEAD = "Host: 127.0.0.1\r\n"
_HANDSHAKE = (
    f"GET /ws HTTP/1.1\r\n{_HEAD}Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: c2l4dGVlbiBieXRlcyE9PQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
BEGUN = {
    "no_auth_s": _HANDSHAKE,
    "half_handshake_s": _HANDSHAKE[:-20],
    "half_body_s": f"POST /api/sessions HTTP/1.1\r\n{_HEAD}Content-Length: 90\r\n\r\n{{",
}


async def b3_they_say_nothing(ground: Ground, seed: int, *, each: int) -> dict[str, float]:
    """By what they began: until the last of them was let go. Somebody else is served meanwhile."""
    async with playing(ground, "b3", seed) as play:
        (other,) = await play.subscribers(1, lambda: play.node.port)
        port = play.node.port
        waiting = {
            name: asyncio.gather(*(_until_let_go(port, text) for _ in range(each)))
            for name, text in BEGUN.items()
        }
        slowest = 0.0
        loop = asyncio.get_running_loop()
        while not all(task.done() for task in waiting.values()):
            began = loop.time()
            await other.ping()
            slowest = max(slowest, loop.time() - began)
            await asyncio.sleep(0.1)
        return {name: max(await task) for name, task in waiting.items()} | {"ping_s": slowest}


async def _until_let_go(port: int, begun: str) -> float:
    """The end of the line, or of the connection: who is silent answers no close frame either."""
    loop = asyncio.get_running_loop()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = loop.time()
    writer.write(begun.encode())
    async with asyncio.timeout(60):
        heard = await _until(reader, b"4408")
    writer.close()
    assert begun != _HANDSHAKE or b"4408" in heard, heard
    return loop.time() - began


async def _until(reader: asyncio.StreamReader, word: bytes) -> bytes:
    heard = b""
    while word not in heard and (more := await reader.read(65536)):
        heard += more
    return heard


async def b2_no_pong(ground: Ground, seed: int) -> dict[str, float]:
    """One reads and answers no ping; until it is let go, and until nobody sees it any more."""
    async with playing(ground, "b2", seed) as play:
        (other,) = await play.subscribers(1, lambda: play.node.port)
        topic = f"room:{play.scene.room}"
        wire = await Wire.open(play.node.port, play.scene.tokens[2])
        wire.send({"ref": 1, "cmd": "subscribe", "args": {"topic": topic}})
        loop = asyncio.get_running_loop()
        began = loop.time()

        async def here(count: int) -> bool:
            return len((await other.ask("presence.list", topic=topic))["users"]) == count

        await until(lambda: here(2))
        async with asyncio.timeout(60):
            heard = await _until(wire.reader, b"4441")
        assert b"4441" in heard, heard[-300:]
        found = {"let_go_s": loop.time() - began}
        await until(lambda: here(1), 60)
        found["gone_s"] = loop.time() - began
        assert other.connects == 1, "the healthy one was let go"
        wire.abort()
        return found
