"""Fixtures: a served elearn on real sockets, on the embedded stores or on those given by
ELEARN_TEST_MONGODB_URI, ELEARN_TEST_ELASTICSEARCH_URL."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
import pytest
from tornado.ioloop import IOLoop

from elearn.app import bind, run_node
from elearn.config import Config
from elearn.delivery.broker import Pace
from elearn.embedded.store import join_store
from elearn.models.opening import client_of
from elearn.services import Services, open_services
from elearn.ws.limits import Limits
from tests.error_log import ErrorLog
from tests.live import Live
from tests.settling import running

SECRET = b"0123456789abcdef0123456789abcdef"


def of_worker(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """A name of one's own on an engine that the workers of a run share."""
    worker = environ.get("PYTEST_XDIST_WORKER")
    return f"{name}_{worker}" if worker else name


DATABASE = of_worker("elearn_test")


@pytest.fixture(scope="session")
def mongodb_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A store for the whole run; each test begins with an empty one."""
    given = os.environ.get("ELEARN_TEST_MONGODB_URI")
    if given:
        yield given
        return
    with join_store(tmp_path_factory.mktemp("store")) as lease:
        yield lease.uri


@pytest.fixture(scope="session", autouse=True)
def _templates_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A run's, not each server's: the compiler is most of what a page costs a test."""
    kept = jinja2.FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2, "Environment", partial(jinja2.Environment, bytecode_cache=kept))
        yield


@pytest.fixture(autouse=True)
def errors() -> Iterator[ErrorLog]:
    """The errors in the log: `errors.expect("cannot be stored")`; any other fails the test, also
    one that its server logs while it ends."""
    heard = ErrorLog()
    heard.listen()
    yield heard
    heard.close()
    heard.judge()


@pytest.fixture
def config(mongodb_uri: str, tmp_path: Path, io_loop: IOLoop) -> Config:
    io_loop.run_sync(lambda: _wipe(mongodb_uri))
    return Config(
        port=0,
        data_dir=tmp_path,
        public_url=("http://elearn.test",),
        secret_key=SECRET,
        mongodb_uri=mongodb_uri,
        mongodb_database=DATABASE,
        elasticsearch_url=os.environ.get("ELEARN_TEST_ELASTICSEARCH_URL"),
        elasticsearch_index=of_worker("elearn-courses"),
        bcrypt_cost=4,
        commands_per_s=0,
        chat_per_10s=0,
        posts_per_min=0,
        moves_per_min=0,
        sockets_per_user=0,
        connects_per_s=0,
        signups_per_h=0,
        api_per_min=0,
    )


async def _wipe(uri: str) -> None:
    client = client_of(uri)
    db = client[DATABASE]
    names = await db.list_collection_names()
    await asyncio.gather(*(db[name].delete_many({}) for name in names))
    client.close()


Start = Callable[..., Live]


@pytest.fixture
def start(io_loop: IOLoop, config: Config) -> Iterator[Start]:
    """Start a node: `start(limits=Limits(pong_s=0.1), chat_per_10s=10)`; ended with the test."""
    running: list[AsyncExitStack] = []

    def begin(
        limits: Limits | None = None, clock: Any = None, pace: Pace | None = None, **settings: Any
    ) -> Live:
        stack = AsyncExitStack()
        running.append(stack)

        async def enter() -> Live:
            live = await stack.enter_async_context(
                serving(replace(config, **settings), limits, clock, pace)
            )
            stack.push_async_callback(live.close)
            return live

        return io_loop.run_sync(enter)

    yield begin
    for stack in reversed(running):
        io_loop.run_sync(stack.aclose)
    io_loop.run_sync(no_task_is_left)


@asynccontextmanager
async def serving(
    config: Config, limits: Limits | None = None, clock: Any = None, pace: Pace | None = None
) -> AsyncIterator[Live]:
    sockets = bind(config)
    more = {name: given for name, given in (("clock", clock), ("pace", pace)) if given}
    async with (
        open_services(config, **more) as services,
        run_node(services, sockets, limits=limits) as node,
    ):
        with running(services):
            yield Live(node)


@asynccontextmanager
async def served(
    config: Config, limits: Limits | None = None, clock: Any = None, **settings: Any
) -> AsyncIterator[Live]:
    """A node of one test's own, begun inside it: `async with served(config, Limits(…)) as live`."""
    async with serving(replace(config, **settings), limits, clock) as live:
        try:
            yield live
        finally:
            await live.close()


@pytest.fixture
def beside(io_loop: IOLoop, config: Config) -> Iterator[Callable[..., Services]]:
    """Open the stores as one more process does: `beside(serving=False)` for a command's."""
    opened: list[AsyncExitStack] = []

    def begin(**how: Any) -> Services:
        stack = AsyncExitStack()
        opened.append(stack)
        return io_loop.run_sync(lambda: stack.enter_async_context(open_services(config, **how)))

    yield begin
    for stack in reversed(opened):
        io_loop.run_sync(stack.aclose)


@pytest.fixture
def live(start: Start) -> Live:
    """A served elearn with the limits lifted."""
    return start()


async def no_task_is_left() -> None:
    """A server that leaves work behind would disturb the next test."""
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
