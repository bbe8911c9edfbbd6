"""The peer: a bare Tornado server that calls `write_message` for every listener.

python -m bench.peers.tornado_write DIR
"""

import asyncio
import time
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from bench.server import Json, raise_file_limit, serve_jobs
from bench.wire import MARK

LISTENERS: dict["Listener", None] = {}


class Listener(WebSocketHandler):
    def open(self, *args: str, **kwargs: str) -> None:
        self.set_nodelay(True)
        LISTENERS[self] = None

    def on_close(self) -> None:
        LISTENERS.pop(self, None)

    def on_message(self, message: str | bytes) -> None:
        pass


async def publish(topic: str, messages: int, burst: int, size: int) -> Json:
    text = MARK.decode() + "x" * (size - len(MARK) - 1) + "}"
    began = time.monotonic()
    for _ in range(messages // burst):
        for _ in range(burst):
            for listener in LISTENERS:
                listener.write_message(text)
        await asyncio.sleep(0)
        # A turn of the loop is what is waited for.
        while any(_writing(listener) for listener in LISTENERS):  # noqa: ASYNC110
            await asyncio.sleep(0)
    return {"began": began, "published": time.monotonic()}


def _writing(listener: Any) -> bool:
    return bool(listener.ws_connection.stream.writing())


async def main() -> None:
    sockets = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(Application([(r"/ws", Listener)]))
    server.add_sockets(sockets)
    await serve_jobs(sockets[0].getsockname()[1], {"publish": publish})


if __name__ == "__main__":
    raise_file_limit()
    asyncio.run(main())
