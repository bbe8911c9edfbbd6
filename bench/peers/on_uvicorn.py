"""Serves an ASGI application on uvicorn for the peers that are one."""

import asyncio
import socket
from typing import Any

import uvicorn

from bench.server import Job, serve_jobs


async def serve(application: Any, publish: Job) -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    config = uvicorn.Config(
        application,
        log_level="critical",
        lifespan="off",
        ws_ping_interval=None,
        ws_per_message_deflate=False,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    await serve_jobs(listening.getsockname()[1], {"publish": publish})
    server.force_exit = server.should_exit = True
    await serving
