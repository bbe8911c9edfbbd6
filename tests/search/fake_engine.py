"""Something at the address of an Elasticsearch that stops at any point of an answer."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

NOTHING_FOUND = {"timed_out": False, "hits": {"total": {"value": 0}, "hits": []}}


def answer(status: str, body: bytes, *, claimed: int | None = None) -> bytes:
    """Its whole answer; `claimed` bytes are announced instead of those that come."""
    length = len(body) if claimed is None else claimed
    head = (
        f"HTTP/1.1 {status}\r\nX-Elastic-Product: Elasticsearch\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
    return head.encode() + body


EMPTY = answer("200 OK", json.dumps(NOTHING_FOUND).encode())


class FakeEngine:
    """Answers requests with what it was given, in turn and over again. It stays on the line after
    each, unless it `hangs_up`."""

    def __init__(self, answers: Sequence[bytes], *, hangs_up: bool = False) -> None:
        self._answers = answers
        self._hangs_up = hangs_up
        self._writers: list[asyncio.StreamWriter] = []
        self.asked = 0
        self.on_asked: Callable[[], None] = lambda: None

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            for writer in self._writers:
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                _, _, length = head.partition("content-length: ")
                await reader.readexactly(int(length.split()[0]) if length else 0)
                self.on_asked()
                writer.write(self._answers[self.asked % len(self._answers)])
                self.asked += 1
                if self._hangs_up:
                    writer.close()
                    return


@contextlib.contextmanager
def nobody_takes_calls() -> Iterator[str]:
    """An address where connecting hangs: its queue of callers is full."""
    with contextlib.ExitStack() as held:
        listening = held.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        address = listening.getsockname()
        for _ in range(4):
            caller = held.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(address)
        yield f"http://127.0.0.1:{address[1]}"
