"""A TCP proxy between any two parts that can be told to misbehave."""

import asyncio
import contextlib
import socket
import ssl
import struct
from types import TracebackType
from typing import Self

CHUNK = 64 * 1024
# Until a line that was accepted is known here.
ACCEPTING_TURNS = 5
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_AT_ONCE = struct.pack("ii", 1, 0)  # linger 0: closing sends RST instead of FIN


class Link:
    """One connection through the proxy, both of its halves."""

    def __init__(self, *writers: asyncio.StreamWriter) -> None:
        self._writers = writers

    def cut(self) -> None:
        """Both sides see the line reset."""
        for writer in self._writers:
            sock = writer.get_extra_info("socket")
            if sock is not None and not writer.transport.is_closing():
                with contextlib.suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            writer.transport.abort()


class Proxy:
    """`async with Proxy(port) as proxy:` then clients call `proxy.port`.

    `stall` keeps lines open and moves nothing; `resume` lets go of what was held. `drop` swallows
    what comes from then on. `delay` holds every chunk back. `refuse` cuts all lines and resets
    new ones. `cut` resets lines, the next call is let through. With `tls` those who call speak it.
    """

    def __init__(self, target_port: int, tls: ssl.SSLContext | None = None) -> None:
        self._target_port = target_port
        self._tls = tls
        self.links: list[Link] = []
        self.delay_s = 0.0
        self.accepted = 0
        self._dropping = False
        self._refusing = False
        self._moving = asyncio.Event()
        self._moving.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, backlog=2048, ssl=self._tls
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        self.refuse()
        for _ in range(ACCEPTING_TURNS):
            await asyncio.sleep(0)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut_all(self) -> None:
        for link in tuple(self.links):
            link.cut()

    def stall(self) -> None:
        self._moving.clear()

    def resume(self) -> None:
        self._dropping = self._refusing = False
        self._moving.set()

    def drop(self) -> None:
        self._dropping = True

    def refuse(self) -> None:
        self._refusing = True
        self.cut_all()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.accepted += 1
        link = Link(writer)
        if self._refusing:
            link.cut()
            return
        try:
            onward = await asyncio.open_connection("127.0.0.1", self._target_port, limit=CHUNK)
        except OSError:
            link.cut()
            return
        link = Link(writer, onward[1])
        self.links.append(link)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self.carry((reader, writer), onward)
        except* OSError:
            pass
        finally:
            self.links.remove(link)
            link.cut()

    async def carry(self, near: Line, far: Line) -> None:
        """Move what comes, both ways, until one of the two ends it."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pump(near[0], far[1]))
            group.create_task(self._pump(far[0], near[1]))

    async def passes(self) -> bool:
        """Hold back what came for as long as is wanted; whether it goes on then."""
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if not self._moving.is_set():
            await self._moving.wait()
        return not self._dropping

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(CHUNK):
            if not await self.passes():
                continue
            if writer.transport.is_closing():
                return
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
