"""The index follows the catalogue: the reader of `catalog`, and rebuilds that ops ask for."""

import asyncio
import logging
from typing import Any

from elearn.errors import SearchUnavailable
from elearn.models import courses, events, jobs
from elearn.models.events import Row
from elearn.search.indexer import Catalog, Indexer
from elearn.services import Services
from elearn.ws import topics

REBUILD = "reindex"
REPORT_EVERY = 500

log = logging.getLogger("elearn.search")


def catalog_of(services: Services) -> Catalog:
    db = services.db

    async def head() -> tuple[str, int]:
        newest = await events.newest(db, topics.CATALOG)
        return services.epoch, newest.seq if newest else 0

    async def read_rows(after: int, limit: int) -> list[Row]:
        return await events.since(db, topics.CATALOG, after, limit)

    async def read_courses(ids: list[str]) -> list[dict[str, Any]]:
        return list((await courses.find_many(db, ids)).values())

    return Catalog(head, read_rows, read_courses, lambda: courses.all_in_pages(db))


class Indexing:
    """One a server. With Elasticsearch every server runs it: versions make that harmless."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._indexer = Indexer(services.search, catalog_of(services))
        self._wake = asyncio.Event()

    async def start(self) -> None:
        """Open the index, bring it to the head (a lost one is rebuilt here), and follow."""
        try:
            await self._services.search.open()
            await self._indexer.catch_up()
        except SearchUnavailable as error:
            log.warning("search is not there yet: %s", error.message)
        self._services.log.on_row.append(self._on_row)
        self._services.tasks.spawn("index", self._indexer.run(self._wake))

    def _on_row(self, row: Row) -> None:
        if row.topic == topics.CATALOG:
            self._wake.set()

    def wake(self) -> None:
        self._wake.set()

    async def take_job(self) -> None:
        """A rebuild that the command line asked for."""
        if await jobs.take(self._services.db, REBUILD):
            self._services.tasks.spawn("reindex", self._rebuild())

    async def _rebuild(self) -> None:
        db = self._services.db
        published = await courses.count_published(db)
        await jobs.report(db, REBUILD, total=published, done=0)
        try:
            count = await self._indexer.rebuild(self._report)
        except SearchUnavailable as error:
            await jobs.report(db, REBUILD, state="failed", error=error.message)
            return
        except Exception:
            log.exception("the rebuild failed")
            await jobs.report(db, REBUILD, state="failed", error="see the server's log")
            return
        await jobs.report(db, REBUILD, state="done", done=count)

    def _report(self, done: int) -> None:
        self._services.tasks.spawn(
            "reindex.report", jobs.report(self._services.db, REBUILD, done=done)
        )

    async def close(self) -> None:
        await self._services.search.close()
