"""A socket client without a library: it sends what it likes and answers only what it is told to."""

import asyncio
import base64
import json
import os
import socket
from typing import Any, Self

from tests.live import LIMIT_S, Person

CLOSE, PING, PONG = 8, 9, 10


class RawSocket:
    """Used as `async with RawSocket(person) as raw`; a small `receive_bytes` fills up soon."""

    def __init__(self, person: Person, *, receive_bytes: int | None = None) -> None:
        self._person = person
        self._receive_bytes = receive_bytes
        self.pings = 0

    async def __aenter__(self) -> Self:
        host, _, port = self._person.live.base.partition(":")
        sock = socket.socket()
        if self._receive_bytes:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_bytes)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (host, int(port)))
        self._reader, self._writer = await asyncio.open_connection(
            sock=sock, limit=self._receive_bytes or 2**16
        )
        self._writer.write(
            f"GET /ws HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
            f"Authorization: Bearer {self._person.token}\r\n\r\n".encode()
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head.splitlines()[0], head
        return self

    async def __aexit__(self, *error: object) -> None:
        self._writer.transport.abort()

    async def send(self, payload: bytes, *, opcode: int = 1, final: bool = True) -> None:
        """One masked frame (the mask is zero: that is allowed and keeps the bytes readable)."""
        size = len(payload)
        length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        self._writer.write(bytes(((0x80 if final else 0) | opcode,)) + length + bytes(4) + payload)
        await self._writer.drain()

    async def send_bytes(self, raw: bytes) -> None:
        """What no client would send: bytes that are taken for a frame."""
        self._writer.write(raw)
        await self._writer.drain()

    async def expect_reply(self, ref: object) -> dict[str, Any]:
        while True:
            opcode, payload = await self._frame()
            if opcode == 1 and (body := json.loads(payload)).get("ref", body) == ref:
                reply: dict[str, Any] = body
                return reply

    async def _frame(self) -> tuple[int, bytes]:
        async with asyncio.timeout(LIMIT_S):
            first, size = await self._reader.readexactly(2)
            if size in (126, 127):
                more = await self._reader.readexactly(2 if size == 126 else 8)
                size = int.from_bytes(more, "big")
            return first & 0x0F, await self._reader.readexactly(size)

    async def expect_push(self, event: str) -> dict[str, Any]:
        """The next push of this name; pings are counted and left without an answer."""
        while True:
            opcode, payload = await self._frame()
            if opcode == PING:
                self.pings += 1
            elif opcode == 1 and (body := json.loads(payload)).get("push") == event:
                data: dict[str, Any] = body["data"]
                return data

    async def closed(self) -> int:
        """The code of the close frame after everything else was read; 1006 without one."""
        try:
            while True:
                opcode, payload = await self._frame()
                if opcode == CLOSE:
                    return int.from_bytes(payload[:2], "big")
        except (asyncio.IncompleteReadError, ConnectionError):
            return 1006
