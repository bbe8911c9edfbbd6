"""`elearn reindex`: orders a rebuild, carries it out or has the server do it, and shows how far."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from elearn.errors import SearchUnavailable
from elearn.indexing.following import courses_now, indexer_of
from elearn.indexing.rebuilds import Order, RebuildRefused, carry_out, job_of
from elearn.models import jobs
from elearn.search.backend import AlreadyBuilding
from elearn.services import Services
from elearn.serving import REINDEX, hold_data, holder_of, server_runs

LOOK_S = 0.3
TAKEN_S = 15.0

Show = Callable[[int, int], None]


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


async def reindex_courses(
    services: Services,
    order: Order,
    console: Console,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> str:
    """What was done, in one line. `RebuildRefused` when the old index stays, `AlreadyBuilding`
    when somebody else is at it. The embedded index has one writer, the server: when one runs, it
    is asked to build."""
    with _shown(console) as show:
        if services.config.elasticsearch_url is not None:
            return await _by_this_process(services, order, show)
        data_dir = services.config.data_dir
        if server_runs(data_dir):
            return await _by_the_server(services, order, show, pause)
        if holder_of(data_dir) == REINDEX:
            raise AlreadyBuilding("The index is being rebuilt already.")
        with hold_data(data_dir, REINDEX):
            return await _by_this_process(services, order, show)


@contextmanager
def _shown(console: Console) -> Iterator[Show]:
    """A bar for a person; nothing in a log."""
    bar = Progress(
        TextColumn("indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("index", total=None)
        # How many there are is not known before there is an index.
        yield lambda done, total: bar.update(
            task, completed=done, total=max(done, total) if total else None
        )


async def _by_this_process(services: Services, order: Order, show: Show) -> str:
    await services.search.open()
    try:
        total = await courses_now(services)
        show(0, total)
        return await carry_out(indexer_of(services), order, lambda done: show(done, total))
    finally:
        await services.search.close()


async def _by_the_server(
    services: Services, order: Order, show: Show, pause: Callable[[float], Awaitable[None]]
) -> str:
    job = job_of(services.config)
    if not await jobs.ask(services.db, job, services.clock(), msgspec.structs.asdict(order)):
        raise AlreadyBuilding("The index is being rebuilt already.")
    waited = 0.0
    while True:
        found = await jobs.find(services.db, job) or {"state": "failed", "text": "it is gone"}
        state, text = found["state"], found["text"]
        if state == "done":
            return str(text)
        if state == "refused":
            raise RebuildRefused(text)
        if state == "failed":
            raise SearchUnavailable(f"the server did not rebuild: {text}")
        if not server_runs(services.config.data_dir):
            raise SearchUnavailable("the server was stopped at it: run it again")
        show(found["done"], found["total"])
        waited = waited + LOOK_S if state == "waiting" else 0.0
        if waited > TAKEN_S:
            raise SearchUnavailable("the server does not take the work: does its log say why?")
        await pause(LOOK_S)
