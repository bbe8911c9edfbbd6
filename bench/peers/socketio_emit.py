"""The peer: python-socketio on uvicorn, one `emit` to all.

python -m bench.peers.socketio_emit DIR
"""

import asyncio

import socketio

from bench.peers.on_uvicorn import serve
from bench.server import Json, raise_file_limit
from bench.wire import marked

SERVER = socketio.AsyncServer(async_mode="asgi", ping_interval=3600, http_compression=False)


async def publish(topic: str, count: int, size: int) -> Json:
    text = marked(size - len('42["said",""]'))
    for _ in range(count):
        await SERVER.emit("said", text)
    return {}


if __name__ == "__main__":
    raise_file_limit()
    asyncio.run(serve(socketio.ASGIApp(SERVER), publish))
