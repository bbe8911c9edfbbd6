"""Two nodes on one store and one Redis, which each reaches through a proxy of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.faults.ground import Ground
from tests.faults.nodes import Node
from tests.faults.proxy import Proxy
from tests.redis_server import RedisServer


class RedisProxy(Proxy):
    """Loses the messages that hold `lost`, and lets everything else pass, whole."""

    lost: bytes | None = None
    swallowed = 0

    def replies(self) -> Callable[[bytes], bytes]:
        waiting = bytearray()

        def pass_on(chunk: bytes) -> bytes:
            waiting.extend(chunk)
            whole = b""
            while size := _size(waiting, 0):
                reply = bytes(waiting[:size])
                del waiting[:size]
                if self.lost is not None and self.lost in reply:
                    self.swallowed += 1
                else:
                    whole += reply
            return whole

        return pass_on


def _size(data: bytearray, at: int) -> int:
    """Where the reply that begins at `at` ends; 0 while some of it is still to come."""
    end = data.find(b"\r\n", at) + 2
    if end < 2:
        return 0
    kind = data[at : at + 1]
    if kind == b"$":
        end += max(0, int(data[at + 1 : end]) + 2)
    elif kind == b"*":
        for _ in range(int(data[at + 1 : end])):
            end = _size(data, end)
            if not end:
                return 0
    return end if end <= len(data) else 0


@dataclass
class Pair:
    first: Node
    second: Node
    redis: RedisServer
    lines: tuple[RedisProxy, RedisProxy]

    @property
    def nodes(self) -> tuple[Node, Node]:
        return self.first, self.second

    def port(self, number: int) -> Callable[[], int]:
        """Of the node that person `number` uses."""
        node = self.nodes[number % 2]
        return lambda: node.port


@asynccontextmanager
async def pair_of_nodes(
    ground: Ground, name: str, second_clock: dict[str, str] | None = None
) -> AsyncIterator[Pair]:
    folder = ground.folder / f"pair-{name}"
    folder.mkdir()
    redis = RedisServer(folder)
    redis.start()
    try:
        async with RedisProxy(redis.port) as here, RedisProxy(redis.port) as there:
            nodes = []
            for number, (line, clock) in enumerate(((here, None), (there, second_clock))):
                url = f"redis://127.0.0.1:{line.port}/0"
                nodes.append(Node(folder / f"{number}", ground.uri, clock=clock, redis_url=url))
            try:
                for node in nodes:
                    await node.start()
                yield Pair(nodes[0], nodes[1], redis, (here, there))
            finally:
                for node in nodes:
                    await node.end()
    finally:
        redis.stop()
