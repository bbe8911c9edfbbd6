"""A WebSocket client for load: plain blocking sockets for the set-up, counting under load.

It costs as little as Python allows, so that what is measured is the server.
"""

import base64
import json
import os
import select
import socket
import time
from typing import Any

MARK = b"@bench@"
_CHUNK = 512 * 1024
_KEEP = len(MARK) - 1
_END = ord("}")
_PING = b"\x89\x00"
_PONG = b"\x8a\x80\0\0\0\0"

Json = dict[str, Any]


def marked(size: int) -> str:
    """A text of `size` characters that a crowd counts once; it ends like every JSON push."""
    return MARK.decode() + "x" * (size - len(MARK) - 1) + "}"


def masked(payload: bytes) -> bytes:
    """A client's text frame; a mask of zeros is a mask (RFC 6455, 5.3) and costs nothing."""
    size = len(payload)
    if size < 126:
        head = bytes((0x81, 0x80 | size))
    else:
        head = bytes((0x81, 0x80 | 126)) + size.to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload


def take_frame(held: bytes) -> tuple[int, bytes, bytes] | None:
    """The first frame of what a server sent: its kind, its payload, and what comes after it."""
    if len(held) < 2:
        return None
    start, size = 2, held[1]
    if size == 126:
        start, size = 4, int.from_bytes(held[2:4], "big")
    elif size == 127:
        start, size = 10, int.from_bytes(held[2:10], "big")
    if len(held) < start + size:
        return None
    return held[0] & 0x0F, held[start : start + size], held[start + size :]


class Wire:
    """One connection: whole frames for the set-up, and raw bytes while counting."""

    def __init__(self, port: int, path: str = "/ws", token: str | None = None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = b""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            *([f"Authorization: Bearer {token}"] if token else []),
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self._held:
            self._read()
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(head.decode(errors="replace"))

    def fileno(self) -> int:
        return self.socket.fileno()

    def close(self) -> None:
        self.socket.close()

    def send(self, body: Json) -> None:
        self.say(json.dumps(body, separators=(",", ":")).encode())

    def say(self, payload: bytes) -> None:
        self.socket.sendall(masked(payload))

    def ask(self, cmd: str, *, key: str | None = None, **args: Any) -> Json:
        """Send a command and wait for its reply; what comes before it is dropped."""
        self.send({"ref": cmd, "cmd": cmd, "args": args, **({"key": key} if key else {})})
        while True:
            body = json.loads(self.frame())
            if body.get("ref") == cmd:
                if not body["ok"]:
                    raise ConnectionError(f"{cmd}: {body['error']}")
                result: Json = body["result"]
                return result

    def frame(self) -> bytes:
        """The next text frame's payload, waited for."""
        while True:
            for payload in self.frames():
                return payload
            self._read()

    def arrived(self) -> list[bytes]:
        """The whole text frames that one read brings (the socket is readable)."""
        self._read()
        return list(self.frames())

    def frames(self) -> "Frames":
        return Frames(self)

    def take(self) -> bytes | None:
        """One whole text frame out of what was read, if there is one."""
        while True:
            found = take_frame(self._held)
            if found is None:
                return None
            kind, payload, self._held = found
            if kind == 9:
                self.socket.sendall(_PONG)
            elif kind == 8:
                raise ConnectionError(f"closed by the server: {payload[:40]!r}")
            else:
                return payload

    def _read(self) -> None:
        data = self.socket.recv(_CHUNK)
        if not data:
            raise ConnectionError("closed by the server")
        self._held = self._held + data if self._held else data


class Frames:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def __iter__(self) -> "Frames":
        return self

    def __next__(self) -> bytes:
        payload = self._wire.take()
        if payload is None:
            raise StopIteration
        return payload


class Crowd:
    """Many connections that only listen: every message carries `MARK` once, and marks are counted
    in the raw bytes, across the borders of reads."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._tails: dict[int, bytes] = {}
        self._into = bytearray(_CHUNK)
        self.count = 0

    def add(self, wire: Wire) -> None:
        wire.socket.setblocking(False)
        self._sockets[wire.fileno()] = wire.socket
        self._epoll.register(wire.fileno(), select.EPOLLIN)

    def __len__(self) -> int:
        return len(self._sockets)

    def wait(self, count: int, idle: "Crowd | None" = None, timeout_s: float = 60.0) -> None:
        """Read until so many marks have been counted since the beginning; the pings of a crowd
        that idles meanwhile are answered too."""
        began = pump = time.monotonic()
        while self.count < count:
            self.read(1.0)
            if (now := time.monotonic()) > pump + 2:
                pump = now
                if idle is not None:
                    idle.read(0)
            if now > began + timeout_s:
                raise TimeoutError(f"{count - self.count} deliveries are missing")

    def read(self, timeout_s: float) -> None:
        """Read what is there, and answer pings."""
        into, sockets, tails = self._into, self._sockets, self._tails
        for fd, _ in self._epoll.poll(timeout_s):
            try:
                size = sockets[fd].recv_into(into)
            except BlockingIOError:
                continue
            if not size:
                raise ConnectionError("a listener was closed by the server")
            if tails and fd in tails:
                self.count += (tails.pop(fd) + into[:_KEEP]).count(MARK)
            self.count += into.count(MARK, 0, size)
            if into[size - 1] != _END:
                # A mark that is whole is not in the tail: the tail is shorter.
                tails[fd] = bytes(into[max(0, size - _KEEP) : size])
            if into.find(_PING, 0, size) >= 0:
                sockets[fd].sendall(_PONG)

    def close(self) -> None:
        for one in self._sockets.values():
            one.close()
        self._epoll.close()
