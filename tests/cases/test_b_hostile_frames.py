"""B4, B8: bytes that are no frames, and frames that are larger than they look."""

import json
import logging
import resource
import zlib

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tests.live import Live, until
from tests.wire import RawSocket

MASK = bytes(4)
PING = json.dumps({"ref": 1, "cmd": "ping", "args": {}}).encode()
# Bytes on the wire: final bit and opcode, mask bit and length, mask, payload.
BROKEN = {
    "text that is no UTF-8": b"\x81\x82" + MASK + b"\xc3\x28",
    "half a character": b"\x81\x81" + MASK + b"\xe2",
    "a reserved bit": b"\xa1\x80" + MASK,
    "every reserved bit": b"\xf1\x80" + MASK,
    "a reserved kind of frame": b"\x83\x80" + MASK,
    "a continuation of nothing": b"\x80\x81" + MASK + b"x",
    "a beginning within a message": b"\x01\x81" + MASK + b"x" + b"\x81\x81" + MASK + b"y",
    "a ping of 126 bytes": b"\x89\xfe\x00\x7e" + MASK + b"x" * 126,
    "a ping in pieces": b"\x09\x81" + MASK + b"x",
}


@pytest.mark.parametrize("what", BROKEN)
async def test_b8_a_broken_frame_ends_its_connection_alone(
    live: Live, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    person = await live.student()
    other = await person.connect()
    with caplog.at_level(logging.INFO):
        async with RawSocket(person) as raw:
            await raw.expect_push("server.hello")
            caplog.clear()
            await raw.send_bytes(BROKEN[what])
            assert await raw.closed() in (1002, 1006, 1007)
        await until(lambda: len(live.node.connections) == 1)
    await other.do("ping")
    ours = [record for record in caplog.records if record.name.startswith("elearn")]
    assert [record.getMessage().split()[0] for record in ours] == ["closed"]
    assert not [record for record in caplog.records if record.exc_info]


async def test_b8_a_frame_without_a_mask_is_served_which_is_a_known_difference(live: Live) -> None:
    """RFC 6455 wants it refused; Tornado serves it, and no browser can send one."""
    async with RawSocket(await live.student()) as raw:
        await raw.expect_push("server.hello")
        await raw.send_bytes(bytes((0x81, len(PING))) + PING)
        assert (await raw.expect_reply(1))["ok"]


async def test_b8_a_length_that_is_only_claimed_costs_nothing(live: Live) -> None:
    async with RawSocket(await live.student()) as raw:
        await raw.expect_push("server.hello")
        await raw.send_bytes(b"\x81\xff" + (2**40).to_bytes(8, "big") + MASK)
        assert await raw.closed() in (1006, 1009)


async def test_b4_compression_is_not_agreed_to(live: Live) -> None:
    person = await live.student()
    headers = {
        "Authorization": f"Bearer {person.token}",
        "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
    }
    request = HTTPRequest(f"ws://{live.base}/ws", headers=headers)
    connection = await websocket_connect(request)
    assert "Sec-WebSocket-Extensions" not in connection.headers
    connection.close()


def peak_kb() -> int:
    """The most memory this process, with the server in it, ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def test_b4_a_deflated_frame_is_never_inflated(live: Live) -> None:
    bomb = zlib.compress(b"x" * 8 * 1024 * 1024)
    assert len(bomb) < 16_000
    async with RawSocket(await live.student()) as raw:
        await raw.expect_push("server.hello")
        before = peak_kb()
        await raw.send_bytes(b"\xc1\xfe" + len(bomb).to_bytes(2, "big") + MASK + bomb)
        assert await raw.closed() in (1002, 1006)
        assert peak_kb() - before < 4 * 1024


async def test_b4_many_fragments_within_the_limit_are_one_message(live: Live) -> None:
    async with RawSocket(await live.student()) as raw:
        await raw.expect_push("server.hello")
        for number, byte in enumerate(PING):
            last = number == len(PING) - 1
            await raw.send(bytes((byte,)), opcode=1 if number == 0 else 0, final=last)
        assert (await raw.expect_reply(1))["ok"]


async def test_b4_fragments_without_end_are_bounded_with_pings_between_them(live: Live) -> None:
    async with RawSocket(await live.student()) as raw:
        await raw.expect_push("server.hello")
        await raw.send(b"x" * 60_000, final=False)
        for _ in range(5):
            await raw.send(b"", opcode=9)
            await raw.send(b"x" * 2_000, opcode=0, final=False)
        assert await raw.closed() == 1009


async def test_b4_empty_fragments_without_end_are_let_go(live: Live) -> None:
    """They add up to no bytes at all: nothing is kept of them."""
    async with RawSocket(await live.student()) as raw:
        await raw.expect_push("server.hello")
        await raw.send(b"", final=False)
        for _ in range(1_000):
            await raw.send(b"", opcode=0, final=False)
        await raw.send(PING, opcode=0)
        assert (await raw.expect_reply(1))["ok"]
