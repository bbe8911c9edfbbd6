"""The ground that the quick cases share, and what decides in them."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from pymongo.uri_parser import parse_uri
from tornado.ioloop import IOLoop

from elearn.config import Config
from elearn.services import Services, open_services
from tests.faults.ground import Ground
from tests.faults.store_proxy import StoreProxy


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    found = Ground(tmp_path_factory.mktemp("faults"))
    yield found
    asyncio.run(found.close())


@pytest.fixture
def seed() -> int:
    """Printed with a failure: `random.Random(seed)` decides who is cut and when."""
    found = random.randrange(10**6)
    print(f"seed {found}")
    return found


@pytest.fixture
def line(config: Config, io_loop: IOLoop) -> Iterator[StoreProxy]:
    """A proxy before the run's store."""
    assert config.mongodb_uri is not None
    proxy = StoreProxy(parse_uri(config.mongodb_uri)["nodelist"][0][1])
    io_loop.run_sync(proxy.__aenter__)
    yield proxy
    io_loop.run_sync(lambda: proxy.__aexit__(None, None, None))


Opened = Callable[..., Awaitable[Services]]


@pytest.fixture
def beside(config: Config, io_loop: IOLoop) -> Iterator[Opened]:
    """Open the stores as one more process does."""
    stack = AsyncExitStack()

    async def begin(**settings: Any) -> Services:
        return await stack.enter_async_context(open_services(replace(config, **settings)))

    yield begin
    io_loop.run_sync(stack.aclose)


@pytest.fixture
def through(beside: Opened, line: StoreProxy) -> Iterator[Opened]:
    """`beside`, with nothing but the proxy on the way to the store."""

    def begin(options: str = "", **settings: Any) -> Awaitable[Services]:
        return beside(mongodb_uri=f"mongodb://127.0.0.1:{line.port}/{options}", **settings)

    yield begin
    line.rules.clear()
