"""A connection's waiting frames: bounded, and written once a loop turn for all connections.

A quiet plain socket is written to directly; what the kernel does not take, and everything on TLS,
goes through Tornado's stream. Nothing waits for a reader here, so a slow one costs the others
nothing: beyond its limit the outbox reports an overflow and takes nothing more. One frame that is
larger than the limit says nothing about the reader, and does not count.
"""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

OUTBOX_BYTES = 1024 * 1024


class Flusher:
    """Collects the outboxes that got frames in this turn of the loop and writes each once."""

    def __init__(self) -> None:
        self._dirty: list[Outbox] = []

    def add(self, outbox: "Outbox") -> None:
        if not self._dirty:
            asyncio.get_running_loop().call_soon(self._flush)
        self._dirty.append(outbox)

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, []
        frames: list[bytes] = []
        joined = b""
        for outbox in dirty:
            # Subscribers of one topic hold the same frames: join them once.
            if outbox.frames != frames:
                frames = outbox.frames
                joined = frames[0] if len(frames) == 1 else b"".join(frames)
            outbox.flush(joined)


class Outbox:
    __slots__ = (
        "_direct",
        "_flusher",
        "_limit",
        "_on_overflow",
        "_scheduled",
        "_spared",
        "_stream",
        "closed",
        "frames",
        "waiting",
    )

    def __init__(
        self,
        stream: Any,
        flusher: Flusher,
        on_overflow: Callable[[], None],
        limit: int = OUTBOX_BYTES,
    ) -> None:
        self._stream = stream
        self._flusher = flusher
        self._on_overflow = on_overflow
        self._limit = limit
        self._direct = not isinstance(stream.socket, ssl.SSLSocket)
        self._scheduled = False
        self._spared = 0
        self.frames: list[bytes] = []
        self.waiting = 0
        self.closed = False

    def send(self, frame: bytes) -> None:
        if self.closed:
            return
        if not self.waiting:
            self._spared = 0
        if len(frame) > self._limit and not self._spared:
            self._spared = len(frame)
        self.waiting += len(frame)
        if self._overflows and self.frames:
            # A large burst within one turn of the loop says nothing about the reader yet.
            self.flush(b"".join(self.frames))
        if self._overflows:
            self.closed = True
            self.frames = []
            self._on_overflow()
            return
        self.frames.append(frame)
        if not self._scheduled:
            self._scheduled = True
            self._flusher.add(self)

    @property
    def _overflows(self) -> bool:
        return self.waiting - self._spared > self._limit

    def flush(self, joined: bytes) -> None:
        """Write `joined`, which is `frames` put together."""
        self._scheduled = False
        if not self.frames:
            return
        self.frames = []
        stream = self._stream
        size = len(joined)
        sent = 0
        if stream.closed():
            self.waiting -= size
            return
        if self._direct and not stream.writing():
            try:
                sent = stream.socket.send(joined)
            except BlockingIOError:
                sent = 0
            except OSError:
                stream.close()
                return
            self.waiting -= sent
        if sent < size:
            left = size - sent
            written = stream.write(joined[sent:] if sent else joined)
            written.add_done_callback(lambda done: self._written(left, done))

    def close(self, *last: bytes) -> None:
        """Forget what waits, write the last frames after what is already on its way."""
        pending = b"".join((*self.frames, *last)) if not self.closed else b"".join(last)
        self.closed = True
        self.frames = []
        if pending and not self._stream.closed():
            self._stream.write(pending).add_done_callback(lambda done: self._written(0, done))

    def _written(self, size: int, done: "asyncio.Future[None]") -> None:
        self.waiting -= size
        if not done.cancelled():
            done.exception()  # a closed stream is told to the connection by Tornado
