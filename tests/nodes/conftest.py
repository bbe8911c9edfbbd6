"""Fixtures: several nodes on one store and one Redis."""

import itertools
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from elearn.config import Config
from elearn.delivery.broker import Pace
from elearn.ws.limits import Limits
from tests.conftest import no_task_is_left, serving
from tests.live import Live, until
from tests.redis_server import RedisServer

# Nodes notice within this what they would otherwise notice within half a minute.
QUICK = Pace(beat_s=0.5, back_off_s=(0.02, 0.1), check_s=0.5, lease_s=0.6, patience_s=0.2)
# Looks at idle topics so rarely that a test would see it only by waiting.
NEVER = 600.0

Nodes = Callable[..., Awaitable[list[Live]]]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis for the whole run, or the one in ELEARN_TEST_REDIS_URL."""
    given = os.environ.get("ELEARN_TEST_REDIS_URL")
    if given:
        yield given
        return
    server = _server(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that the test may stop and start."""
    server = _server(tmp_path)
    server.start()
    yield server
    server.stop()


def _server(folder: Path) -> RedisServer:
    if RedisServer.command() is None:
        pytest.skip("there is no redis-server: install it, or set ELEARN_TEST_REDIS_URL")
    return RedisServer(folder)


@pytest.fixture
def nodes(
    config: Config, tmp_path: Path, io_loop: IOLoop, request: pytest.FixtureRequest
) -> Iterator[Nodes]:
    """Nodes in this process that hear each other: `one, other = await nodes(2)`. `clocks` gives
    each its own; `redis` another Redis than that of the run."""
    running = AsyncExitStack()
    numbers, people = itertools.count(1), itertools.count(1)

    async def begin(
        count: int = 1,
        *,
        pace: Pace = QUICK,
        clocks: tuple[Any, ...] = (),
        redis: str | None = None,
        limits: Limits | None = None,
        **settings: Any,
    ) -> list[Live]:
        settings["redis_url"] = redis or request.getfixturevalue("redis_url")
        started = []
        for place in range(count):
            settings["data_dir"] = tmp_path / f"node{next(numbers)}"
            clock = clocks[place] if clocks else None
            node = serving(replace(config, **settings), limits, clock, pace)
            live = await running.enter_async_context(node)
            live._names = people  # nobody signs up twice, wherever they do
            running.push_async_callback(live.close)
            started.append(live)
        await hearing(*started)
        return started

    yield begin
    io_loop.run_sync(running.aclose)
    io_loop.run_sync(no_task_is_left)


async def hearing(*nodes: Live) -> None:
    """Return when every node hears the others."""
    await until(lambda: all(node.services.broker.hears for node in nodes))


def seen_from(node: Live, person: Any) -> Any:
    """The same person, talking to another node."""
    there = object.__new__(type(person))
    there.__dict__ = {**person.__dict__, "live": node}
    return there
