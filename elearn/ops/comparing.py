"""What `elearn check` says of the search index beside the catalogue, and how it mends it."""

import asyncio

from rich.console import Console

from elearn.config import Config
from elearn.indexing.catalogue import catalog_of
from elearn.indexing.rebuilds import Order
from elearn.ops.reindexing import reindex_courses
from elearn.search.backend import AlreadyBuilding, SearchBackend
from elearn.search.differences import Differences, Pause, compare, compare_settled
from elearn.search.engines import search_of
from elearn.services import Services, open_services
from elearn.serving import server_runs

TRIES = 3


async def index_state(
    config: Config, console: Console, *, repair: bool = False, pause: Pause = asyncio.sleep
) -> tuple[str, bool]:
    """In words, and whether that is well."""
    async with open_services(config, serving=False) as services:
        found = await compare_settled(lambda: _look(services), pause)
        if found.words and repair:
            try:
                await reindex_courses(services, Order(force=True), console)
            except AlreadyBuilding:
                return "another rebuild is under way: check again after it", False
            found = await compare_settled(lambda: _look(services), pause)
    if found.words:
        said = [*found.words, *([found.counts] if not found.other_life else [])]
        return f"{'; '.join(said)}: `elearn check --repair` mends it", False
    if found.absent:
        return "none yet: the server builds it at its start", True
    if found.on_its_way:
        # Without a server an embedded index has nobody who writes it, and is none the worse.
        followed = config.elasticsearch_url is not None or server_runs(config.data_dir)
        return f"{found.on_its_way}: a server brings it there", not (followed and found.behind)
    return f"agrees with the catalogue: {found.counts}", True


async def _look(services: Services) -> Differences:
    index = search_of(services.config, services.pool, writes=False)
    try:
        await open_beside(index)
        return await compare(index, catalog_of(services))
    finally:
        await index.close()


async def open_beside(index: SearchBackend) -> None:
    """A server may replace files while they are looked at: that is no damage."""
    for _ in range(TRIES):
        await index.open()
        if not index.needs_rebuild:
            return
