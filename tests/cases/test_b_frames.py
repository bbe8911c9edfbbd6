"""B4, B7: frames that are too large or no commands."""

import json
from typing import Any

import pytest

from elearn.wire import protocol
from tests.live import CommandRefused, Live
from tests.wire import RawSocket

DEEP = "[" * 1000 + "]" * 1000
MALFORMED = {
    "half a text": '{"ref": 1, "cmd"',
    "an array": '[{"ref": 1, "cmd": "ping"}]',
    "nested a thousand deep": '{"ref": 1, "cmd": "ping", "args": {"x": ' + DEEP + "}}",
    "a key twice": '{"ref": 1, "cmd": "ping", "cmd": "auth"}',
    "a number of 400 digits": '{"ref": 1, "cmd": "ping", "args": {"x": ' + "9" * 400 + "}}",
    "a number without end": '{"ref": 1, "cmd": "ping", "args": {"x": 1e999}}',
    "not a number": '{"ref": 1, "cmd": "ping", "args": {"x": NaN}}',
    "no command": '{"ref": 1}',
    "a command that is no text": '{"ref": 1, "cmd": {"$ne": null}}',
    "arguments that are no object": '{"ref": 1, "cmd": "ping", "args": [1]}',
    "a ref that is an object": '{"ref": {}, "cmd": "ping"}',
    "a key of 65 characters": json.dumps({"ref": 1, "cmd": "chat.post", "key": "k" * 65}),
    "no key": '{"ref": 1, "cmd": "chat.post", "args": {}}',
    "an unknown command": '{"ref": 1, "cmd": "chat.shout", "args": {}}',
}


READABLE = {
    "no command",
    "a command that is no text",
    "arguments that are no object",
    "a key of 65 characters",
    "no key",
    "an unknown command",
}


@pytest.mark.parametrize("what", MALFORMED)
async def test_b7_a_malformed_frame_is_answered_and_the_connection_lives(
    live: Live, what: str
) -> None:
    client = await (await live.student()).connect()
    await client.send_raw(MALFORMED[what])
    reply = await client.reply(1 if what in READABLE else None)
    assert reply["ok"] is False
    assert reply["error"]["status"] == 400
    assert reply["error"]["code"] == (
        "unknown_command" if what == "an unknown command" else "bad_request"
    )
    assert "Traceback" not in str(reply)
    await client.do("ping")


@pytest.mark.parametrize(
    ("args", "code", "field"),
    [
        ({}, "invalid_field", "room"),
        ({"room": {"$ne": None}, "body": "x"}, "invalid_type", "room"),
        ({"room": ["a"], "body": "x"}, "invalid_type", "room"),
        ({"room": "f" * 24, "body": 7}, "invalid_type", "body"),
        ({"room": "short", "body": "x"}, "invalid_field", "room"),
    ],
)
async def test_b7_arguments_of_another_shape_are_named(
    live: Live, args: dict[str, Any], code: str, field: str
) -> None:
    client = await (await live.student()).connect()
    with pytest.raises(CommandRefused) as refusal:
        await client.do("chat.post", **args)
    assert (refusal.value.code, refusal.value.error["field"]) == (code, field)


async def test_b7_the_tenth_malformed_frame_in_a_minute_ends_the_connection(live: Live) -> None:
    client = await (await live.student()).connect()
    for _ in range(9):
        await client.send_raw("{")
        await client.reply(None)
    await client.do("ping")
    await client.send_raw("{")
    said = await client.last_words()
    assert (said["code"], said["reconnect"]) == (4400, "no")


async def test_b7_a_binary_frame_ends_the_connection(live: Live) -> None:
    client = await (await live.student()).connect()
    await client.send_raw(b'{"ref": 1, "cmd": "ping"}', binary=True)
    assert await client.expect_close() == 1003


def ping_of(size: int) -> str:
    return json.dumps({"ref": 7, "cmd": "ping", "args": {}}).ljust(size)


@pytest.mark.parametrize("size", [protocol.FRAME_BYTES - 1, protocol.FRAME_BYTES])
async def test_b4_a_frame_up_to_the_limit_is_served(live: Live, size: int) -> None:
    client = await (await live.student()).connect()
    await client.send_raw(ping_of(size))
    assert (await client.reply(7))["ok"]


async def test_b4_a_frame_of_one_byte_more_is_not(live: Live) -> None:
    client = await (await live.student()).connect()
    await client.send_raw(ping_of(protocol.FRAME_BYTES + 1))
    assert await client.expect_close() == 1009


async def test_b4_fragments_that_add_up_to_more_are_not_served(live: Live) -> None:
    async with RawSocket(await live.student()) as raw:
        await raw.expect_push("server.hello")
        for number in range(100):
            await raw.send(b"x" * 1000, opcode=1 if number == 0 else 0, final=False)
        assert await raw.closed() == 1009
