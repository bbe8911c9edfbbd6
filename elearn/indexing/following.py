"""The index follows the catalogue: an indexer at work, and rebuilds that ops ask for."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from pymongo.errors import PyMongoError

from elearn.errors import SearchUnavailable
from elearn.events.base import Row, RowOf, holds
from elearn.events.courses import CatalogChange
from elearn.events.enrollments import SeatsChange
from elearn.events.listeners import Listeners
from elearn.indexing.catalogue import catalog_of
from elearn.indexing.rebuilds import Order, RebuildRefused, alone, carry_out, job_of
from elearn.models import events, jobs
from elearn.search.engines import ELASTICSEARCH, EMBEDDED
from elearn.search.indexer import Indexer
from elearn.search.reasons import reason
from elearn.services import Services
from elearn.wire import topics

COUNTS_S = 30.0
FOLLOWED_S = 5.0
"""Longer than Elasticsearch takes to show what it was told, or to switch to another index."""
START_S = 5.0
NEWEST_ROWS = 500
STOPPED = "the server was stopped at it: run it again"

log = logging.getLogger("elearn.search")


def indexer_of(services: Services, mine: Callable[[], bool] = lambda: True) -> Indexer:
    """Of the index that people search. Only a shared one needs a lease for its rebuild."""
    shared = services.config.elasticsearch_url is not None
    return Indexer(
        services.search,
        catalog_of(services),
        mine=mine,
        alone=(lambda: alone(services)) if shared else nullcontext,
        watch=services.engines.watches[ELASTICSEARCH if shared else EMBEDDED],
    )


class Indexing:
    """One a server, for an index of its own. Elasticsearch is followed by the node with the lease:
    versions make it harmless when two believe to have it. The index kept beside it is each node's
    own, and has a cursor and an indexer of its own."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._indexer = indexer_of(services, self._is_mine)
        self._spare: Indexer | None = None
        if services.engines.guard is not None:
            watch = services.engines.watches[EMBEDDED]
            self._spare = Indexer(services.engines.guard.spare, catalog_of(services), watch=watch)
        self._job = job_of(services.config)
        self._wake, self._wake_spare = asyncio.Event(), asyncio.Event()
        self._moved: set[str] = set()
        self._following: list[asyncio.Task[None]] = []
        self._listen(services.log.publisher.listeners)

    async def start(self) -> None:
        """Open the index, bring it to the head (a lost one is rebuilt here), and follow.

        With a spare index at the head a node can serve: Elasticsearch may take its time then.
        """
        await jobs.end_running(self._services.db, self._job, STOPPED)
        with _said():
            await self._services.search.open()
        await self._hear_newest()
        if self._spare is not None:
            await _catch_up(self._spare)
            self._spawn("index.spare", self._spare.run(self._wake_spare))
        if (guard := self._services.engines.guard) is not None:
            self._spawn("search.guard", guard.run())
        if self._is_mine():
            await self._begin()
        self._spawn("index", self._indexer.run(self._wake))
        self._spawn("index.counts", self._follow_counts())
        self._spawn("index.withdrawn", self._follow_withdrawals())

    async def _hear_newest(self) -> None:
        """What was withdrawn before this start: an index may answer that has not read it, as an
        Elasticsearch that was away, or one whose disk is full."""
        db = self._services.db
        newest = await events.newest(db, topics.CATALOG)
        before = max(0, newest.seq - NEWEST_ROWS) if newest else 0
        for row in await events.since(db, topics.CATALOG, before, NEWEST_ROWS):
            if holds(row, CatalogChange):
                self._services.withdrawn.relisted(row)

    async def _begin(self) -> None:
        if self._spare is None:
            await _catch_up(self._indexer)
        else:
            first = self._spawn("index.first", _catch_up(self._indexer))
            await asyncio.wait({first}, timeout=START_S)

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = self._services.tasks.spawn(name, work)
        self._following.append(task)
        return task

    def _is_mine(self) -> bool:
        """An embedded index is of this node alone."""
        shared = self._services.config.elasticsearch_url is not None
        return not shared or self._services.chores is None or self._services.chores.held

    def _listen(self, listeners: Listeners) -> None:
        listeners.hear(self._relisted, CatalogChange)
        # The person's copy too: where another process wrote, it may be all that shows here.
        listeners.hear(self._enrolled, SeatsChange)

    def _relisted(self, row: Row) -> None:
        self.wake()

    def _enrolled(self, row: RowOf[SeatsChange]) -> None:
        self._moved.add(row.data.course)

    async def _follow_counts(self) -> None:
        """Popularity and open seats reach the ranking together, at most half a minute late; what
        a hit shows is read from the store."""
        while True:
            await asyncio.sleep(COUNTS_S)
            try:
                await self.refresh_counts()
            except (SearchUnavailable, PyMongoError) as error:
                log.warning("counts wait for the index: %s", type(error).__name__)
            except Exception:
                log.exception("counts could not be brought to the index")

    async def refresh_counts(self) -> None:
        moved, self._moved = self._moved, set()
        try:
            if moved and self._spare is not None:
                await self._spare.refresh(sorted(moved))
            if moved and self._is_mine():
                await self._indexer.refresh(sorted(moved))
        except (SearchUnavailable, PyMongoError):
            self._moved |= moved
            raise

    async def _follow_withdrawals(self) -> None:
        while True:
            await asyncio.sleep(FOLLOWED_S)
            try:
                if self._services.withdrawn.ids:
                    await self.tell_followed()
            except SearchUnavailable:
                continue  # whoever brings that index to the head says so
            except Exception:
                log.exception("what was withdrawn is left out for longer than need be")

    async def tell_followed(self) -> None:
        """What every index that may answer here has read of the catalogue."""
        guard = self._services.engines.guard
        engines = [self._services.search, *([guard.spare] if guard else [])]
        cursors = [await engine.cursor() for engine in engines]
        seqs = [one.seq for one in cursors if one and one.epoch == self._services.epoch]
        if len(seqs) == len(engines):
            self._services.withdrawn.followed(min(seqs))

    def wake(self) -> None:
        for watch in self._services.engines.watches.values():
            watch.behind()
        self._wake.set()
        self._wake_spare.set()

    async def take_job(self) -> None:
        """A rebuild that the command line asked of the server with this data directory."""
        if job := await jobs.take(self._services.db, self._job):
            wanted = {name: bool(job[name]) for name in Order.__struct_fields__}
            self._services.tasks.spawn("reindex", self._do_job(Order(**wanted)))

    async def _do_job(self, order: Order) -> None:
        try:
            text, state = await self._rebuild(order), "done"
        except RebuildRefused as error:
            text, state = str(error), "refused"
        except SearchUnavailable as error:
            text, state = reason(error), "failed"
        except Exception:
            log.exception("the rebuild failed")
            text, state = "the server could not do it, and its log says why", "failed"
        await jobs.report(self._services.db, self._job, state=state, text=text)

    async def _rebuild(self, order: Order) -> str:
        await jobs.report(self._services.db, self._job, total=await courses_now(self._services))
        return await carry_out(self._indexer, order, self._report)

    def _report(self, done: int) -> None:
        self._services.tasks.spawn(
            "reindex.report", jobs.report(self._services.db, self._job, done=done)
        )

    async def close(self) -> None:
        """No task asks an engine that is closed: it would open its connections anew."""
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)
        await self._services.search.close()


async def courses_now(services: Services) -> int:
    """About how many there are to index: those in the index in use, 0 without one."""
    try:
        return await services.search.count()
    except SearchUnavailable:
        return 0


async def _catch_up(indexer: Indexer) -> None:
    with _said():
        await indexer.catch_up()


@contextmanager
def _said() -> Iterator[None]:
    """An engine that is away is no reason not to start."""
    try:
        yield
    except SearchUnavailable as error:
        log.warning("search is not there yet: %s", reason(error))
