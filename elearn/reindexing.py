"""`elearn reindex`: a whole new index from the store, by this process or by the server."""

import asyncio
from collections.abc import Awaitable, Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from elearn.errors import SearchUnavailable
from elearn.indexing import REBUILD, catalog_of
from elearn.models import courses, jobs
from elearn.search.indexer import Indexer
from elearn.services import Services
from elearn.serving import server_runs

LOOK_S = 0.3
TAKEN_S = 15.0


async def reindex_courses(
    services: Services,
    console: Console,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> int:
    """The number of courses in the new index. The embedded index has one writer, the server:
    when one runs, it is asked to build."""
    progress = Progress(
        TextColumn("indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    embedded = services.config.elasticsearch_url is None
    with progress:
        bar = progress.add_task("index", total=await courses.count_published(services.db))
        if embedded and server_runs(services.config.data_dir):
            return await _by_the_server(
                services,
                lambda done, total: progress.update(bar, completed=done, total=total),
                pause,
            )
        await services.search.open()
        try:
            count = await Indexer(services.search, catalog_of(services)).rebuild(
                lambda done: progress.update(bar, completed=done)
            )
        finally:
            await services.search.close()
        progress.update(bar, completed=count, total=count)
        return count


async def _by_the_server(
    services: Services,
    show: Callable[[int, int], None],
    pause: Callable[[float], Awaitable[None]],
) -> int:
    await jobs.ask(services.db, REBUILD, services.clock())
    waited = 0.0
    while True:
        job = await jobs.find(services.db, REBUILD)
        state = job["state"] if job else "failed"
        if state == "failed":
            raise SearchUnavailable(f"the server could not rebuild: {job['error'] if job else ''}")
        if job is not None:
            show(job["done"], job["total"] or job["done"])
            if state == "done":
                return int(job["done"])
        waited = waited + LOOK_S if state == "waiting" else 0.0
        if waited > TAKEN_S:
            raise SearchUnavailable("no server took the work: is one running on this store?")
        await pause(LOOK_S)
