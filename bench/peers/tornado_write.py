"""The peer: a bare Tornado server that calls `write_message` for every listener.

python -m bench.peers.tornado_write DIR
"""

import asyncio

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from bench.server import Json, memory_in_use, raise_file_limit, serve_jobs
from bench.wire import marked

LISTENERS: dict["Listener", None] = {}


class Listener(WebSocketHandler):
    def open(self, *args: str, **kwargs: str) -> None:
        self.set_nodelay(True)
        LISTENERS[self] = None

    def on_close(self) -> None:
        LISTENERS.pop(self, None)

    def on_message(self, message: str | bytes) -> None:
        pass


async def publish(topic: str, count: int, size: int) -> Json:
    text = marked(size)
    for _ in range(count):
        for listener in LISTENERS:
            listener.write_message(text)
    return {}


async def memory() -> Json:
    return memory_in_use()


async def main() -> None:
    sockets = bind_sockets(0, "127.0.0.1", backlog=1024)
    server = HTTPServer(Application([(r"/ws", Listener)], log_function=lambda handler: None))
    server.add_sockets(sockets)
    await serve_jobs(sockets[0].getsockname()[1], {"publish": publish, "memory": memory})


if __name__ == "__main__":
    raise_file_limit()
    asyncio.run(main())
