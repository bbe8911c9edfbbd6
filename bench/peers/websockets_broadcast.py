"""The peer: the `websockets` library's asyncio server, and its `broadcast`.

python -m bench.peers.websockets_broadcast DIR
"""

import asyncio

from websockets.asyncio.server import ServerConnection, broadcast, serve

from bench.server import Json, raise_file_limit, serve_jobs
from bench.wire import marked

LISTENERS: set[ServerConnection] = set()


async def listen(connection: ServerConnection) -> None:
    LISTENERS.add(connection)
    try:
        await connection.wait_closed()
    finally:
        LISTENERS.discard(connection)


async def publish(topic: str, count: int, size: int) -> Json:
    text = marked(size)
    for _ in range(count):
        broadcast(LISTENERS, text)
    return {}


async def main() -> None:
    async with serve(listen, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        await serve_jobs(port, {"publish": publish})


if __name__ == "__main__":
    raise_file_limit()
    asyncio.run(main())
