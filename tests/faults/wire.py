"""The frames of one socket, as cheap as asyncio allows: the load of a case is here."""

import asyncio
import base64
import json
import os
import socket
from typing import Any

GONE = 1006

Json = dict[str, Any]


class Closed(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Wire:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int, token: str, sock: socket.socket | None = None) -> "Wire":
        """Over `sock` where one is given: connected, and with a small buffer."""
        where: Json = {"sock": sock, "limit": 4096} if sock else {"host": "127.0.0.1", "port": port}
        reader, writer = await asyncio.open_connection(**where)
        try:
            key = base64.b64encode(os.urandom(16)).decode()
            writer.write(
                f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
                f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                f"Sec-WebSocket-Version: 13\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 101 " not in head.split(b"\r\n")[0]:
                raise Closed(int(head.split(b" ")[1]))
        except BaseException:
            writer.transport.abort()
            raise
        return cls(reader, writer)

    def send(self, body: Json, opcode: int = 1) -> None:
        payload = json.dumps(body, separators=(",", ":")).encode()
        size = len(payload)
        head = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        self._writer.write(bytes((0x80 | opcode,)) + head + b"\0\0\0\0" + payload)

    async def next(self) -> Json:
        """The next text frame; pings are answered. `Closed` with the code, 1006 without one."""
        try:
            while True:
                first, size = await self.reader.readexactly(2)
                if size >= 126:
                    more = await self.reader.readexactly(2 if size == 126 else 8)
                    size = int.from_bytes(more, "big")
                payload = await self.reader.readexactly(size)
                if first & 15 == 1:
                    body: Json = json.loads(payload)
                    return body
                if first & 15 == 9:
                    self._writer.write(b"\x8a" + bytes((0x80 | size, 0, 0, 0, 0)) + payload)
                elif first & 15 == 8:
                    raise Closed(int.from_bytes(payload[:2], "big"))
        except (OSError, asyncio.IncompleteReadError):
            raise Closed(GONE) from None

    def abort(self) -> None:
        self._writer.transport.abort()
