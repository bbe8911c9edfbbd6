"""A proxy before the store that reads each command, and may put another answer in place."""

import asyncio
import ssl
import struct
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import bson
from bson.codec_options import CodecOptions

from tests.faults.proxy import Line, Proxy

Json = dict[str, Any]
Ask = Callable[[Json], Awaitable[Json]]
Rule = Callable[[Json, Ask], Awaitable[Json]]
"""Answers a command, by asking the store (`ask`) or not."""

_HEAD = struct.Struct("<iiii")
_REPLY, _QUERY, _MESSAGE = 1, 2004, 2013
_AS_IT_IS: CodecOptions[Json] = CodecOptions(tz_aware=True)


class StoreProxy(Proxy):
    """Commands go through `rules`, the newest first; the last one asks the store itself.

    A line is one conversation, as the driver leads it: a command, then its answer.
    """

    def __init__(self, target_port: int, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(target_port, tls)
        self.rules: list[Rule] = []

    async def carry(self, near: Line, far: Line) -> None:
        asked: asyncio.Queue[bytes] = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            group.create_task(_hear(near[0], asked))
            group.create_task(self._answer(asked, near[1], far))

    async def _answer(
        self, asked: asyncio.Queue[bytes], answers: asyncio.StreamWriter, far: Line
    ) -> None:
        while True:
            message = await asked.get()
            if not await self.passes():
                continue
            answer = await self._answered(message, far)
            if not await self.passes():
                continue
            answers.write(answer)
            await answers.drain()

    async def _answered(self, message: bytes, far: Line) -> bytes:
        if not self.rules:
            return await _exchanged(message, far)
        ask: Ask = partial(_asked, far=far)
        for rule in self.rules:
            ask = partial(rule, ask=ask)
        _, number, _, kind = _HEAD.unpack_from(message)
        return _written(await ask(_read(message)), number, kind)


async def _hear(reader: asyncio.StreamReader, asked: asyncio.Queue[bytes]) -> None:
    """Who hangs up ends the line, whatever is being answered."""
    while True:
        asked.put_nowait(await _message(reader))


async def _message(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readexactly(_HEAD.size)
        if _HEAD.unpack(head)[3] not in (_REPLY, _QUERY, _MESSAGE):
            raise ConnectionResetError  # as a server does that is spoken to in another protocol
        return head + await reader.readexactly(_HEAD.unpack(head)[0] - _HEAD.size)
    except asyncio.IncompleteReadError:
        raise ConnectionResetError from None


async def _exchanged(message: bytes, far: Line) -> bytes:
    far[1].write(message)
    await far[1].drain()
    return await _message(far[0])


async def _asked(command: Json, far: Line) -> Json:
    return _read(await _exchanged(_written(command, 0, _MESSAGE), far))


def _read(message: bytes) -> Json:
    """A command or an answer; the documents that go beside a command are put into it."""
    kind, at = _HEAD.unpack_from(message)[3], _HEAD.size
    if kind == _QUERY:  # how the driver says its first hello
        at = message.index(b"\0", at + 4) + 1 + 8
        return {**bson.decode(message[at:], _AS_IT_IS), "$db": "admin"}
    assert kind == _MESSAGE, f"a message of kind {kind}"
    at, found = at + 4, Json()
    while at < len(message):
        size = int.from_bytes(message[at + 1 : at + 5], "little")
        section, at_next = message[at + 1 : at + 1 + size], at + 1 + size
        if message[at] == 0:
            found = {**bson.decode(section, _AS_IT_IS), **found}
        else:
            name, _, documents = section[4:].partition(b"\0")
            found[name.decode()] = bson.decode_all(documents, _AS_IT_IS)
        at = at_next
    return found


def _written(body: Json, answers: int, kind: int) -> bytes:
    """As an answer to a message of this number and kind; a command answers 0."""
    encoded = bson.encode(body)
    if kind == _QUERY:
        kind, head = _REPLY, struct.pack("<iqii", 8, 0, 0, 1)
    else:
        head = struct.pack("<ib", 0, 0)
    size = _HEAD.size + len(head) + len(encoded)
    return _HEAD.pack(size, 0, answers, kind) + head + encoded
