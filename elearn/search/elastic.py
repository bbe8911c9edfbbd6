"""The engine Elasticsearch, through its official client.

An alias names the index in use. A rebuild fills another index and moves the alias in one act;
each index has a cursor document of its own, so the cursor moves with the alias.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from elearn.errors import SearchUnavailable
from elearn.search.backend import (
    MAX_SUGGESTIONS,
    AlreadyBuilding,
    Approve,
    CourseDocument,
    Cursor,
    Filters,
    Held,
    Hits,
    Progress,
    SearchRequest,
    SearchResult,
    Tail,
)
from elearn.search.elastic_bulk import BulkWriter
from elearn.search.elastic_client import PortableNode, engine
from elearn.search.elastic_generations import ElasticGenerations
from elearn.search.elastic_reader import ElasticReader
from elearn.search.finder import search_page, suggest_hits
from elearn.search.synonyms import NO_SYNONYMS, Synonyms

READ_TIMEOUT_S = 1.0
WRITE_TIMEOUT_S = 30.0

logger = logging.getLogger(__name__)


class ElasticSearch:
    """`SearchBackend` on the indexes that begin with `alias`."""

    def __init__(self, url: str, alias: str, synonyms: Synonyms = NO_SYNONYMS) -> None:
        self._alias = alias
        self._client = AsyncElasticsearch(
            url, node_class=PortableNode, max_retries=0, retry_on_timeout=False
        )
        reading = self._client.options(request_timeout=READ_TIMEOUT_S)
        self._reader = ElasticReader(reading, alias, synonyms)
        self._writer = self._client.options(request_timeout=WRITE_TIMEOUT_S)
        self._generations = ElasticGenerations(self._writer, alias)
        self._bulk = BulkWriter(self._writer, (alias, self._generations.building))
        self._needs_rebuild = False
        self._building = asyncio.Lock()

    @property
    def needs_rebuild(self) -> bool:
        """As of the last look: `open` and `cursor` look anew."""
        return self._needs_rebuild

    async def open(self) -> None:
        """An engine that is away now may come: it is no reason not to start."""
        try:
            await self.cursor()
        except SearchUnavailable:
            logger.warning("Elasticsearch does not answer; search waits for it")

    async def close(self) -> None:
        await self._client.close()

    async def suggest(self, q: str, filters: Filters, limit: int) -> Hits:
        rows = max(1, min(limit, MAX_SUGGESTIONS))
        return await suggest_hits(self._reader, q, filters, rows)

    async def search(self, request: SearchRequest) -> SearchResult:
        return await search_page(self._reader, request)

    async def write(
        self, documents: Sequence[CourseDocument], deletions: Sequence[tuple[str, int]]
    ) -> None:
        await self._bulk.write(self._alias, documents, deletions)

    async def refresh(self) -> None:
        with engine():
            await self._writer.indices.refresh(index=self._alias)

    async def gather(self) -> None:
        """It merges of itself."""

    async def count(self) -> int:
        with engine():
            return int((await self._writer.count(index=self._alias))["count"])

    async def held(self, ids: Sequence[str]) -> dict[str, Held]:
        if not ids:
            return {}
        with engine():
            answer = await self._writer.mget(
                index=self._alias, ids=list(ids), source_includes=["digest"]
            )
        return {
            one["_id"]: Held(int(one["_version"]), int(one["_source"]["digest"]))
            for one in answer["docs"]
            if one.get("found")
        }

    async def cursor(self) -> Cursor | None:
        with engine():
            generation = await self._generations.current()
            held = await self._generations.cursor(generation) if generation else None
            self._needs_rebuild = held is None or not await self._generations.is_of_this_format(
                held.generation
            )
            return held

    async def set_cursor(self, cursor: Cursor) -> None:
        with engine():
            await self._generations.set_cursor(cursor)

    async def rebuild(
        self,
        documents: AsyncIterator[list[CourseDocument]],
        *,
        epoch: str,
        seq: int,
        progress: Progress | None = None,
        tail: Tail | None = None,
        approve: Approve | None = None,
    ) -> int:
        async with self._alone():
            with engine():
                old = await self._generations.current()
                name = await self._generations.create()
            try:
                built = ElasticCandidate(self._client, name)
                done = 0
                async for batch in documents:
                    await self._bulk.write(self._generations.building, batch, ())
                    done += len(batch)
                    if progress is not None:
                        progress(done)
                seq = await self._catch_up(self._generations.building, seq, tail)
                with engine():
                    await self._generations.make_searchable(name)
                if approve is not None:
                    await approve(built)
                seq = await self._catch_up(self._generations.building, seq, tail)
                await self._switch(Cursor(epoch, seq, name))
            except BaseException:
                await self._give_up(name)
                raise
            await self._keep(name, old)
            return await built.count()

    async def roll_back(self, *, epoch: str, tail: Tail) -> Cursor | None:
        async with self._alone():
            with engine():
                name = await self._generations.previous()
                cursor = await self._generations.cursor(name) if name else None
            if cursor is None or cursor.epoch != epoch:
                return None
            seq = await self._catch_up(cursor.generation, cursor.seq, tail)
            cursor = Cursor(epoch, seq, cursor.generation)
            await self._switch(cursor)
            return cursor

    async def blocks(self) -> list[str]:
        """What keeps the index in use from being written, by the names of its settings. Who
        answers has to be an Elasticsearch."""
        with engine():
            await self._writer.info()
            return await self._generations.blocks()

    async def drop(self) -> None:
        """Remove every index of this alias, the cursors too: for tests and benchmarks."""
        with engine():
            await self._generations.drop()

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        if self._building.locked():
            raise AlreadyBuilding("The index is being rebuilt already.")
        async with self._building:
            yield

    async def _catch_up(self, index: str, seq: int, tail: Tail | None) -> int:
        while tail is not None and (changes := await tail(seq)) is not None:
            await self._bulk.write(index, changes.documents, changes.deletions)
            seq = changes.seq
            if changes.at_head:
                break
        return seq

    async def _switch(self, cursor: Cursor) -> None:
        with engine():
            await self._generations.set_cursor(cursor)
            await self._generations.refresh(cursor.generation)
            await self._generations.switch(cursor.generation)
        self._needs_rebuild = False

    async def _give_up(self, name: str) -> None:
        try:
            await self._generations.give_up(name)
        except (TransportError, ApiError):
            logger.warning("the unfinished index %s is left to the next rebuild", name)

    async def _keep(self, *names: str | None) -> None:
        try:
            await self._generations.drop_all_but(*names)
        except (TransportError, ApiError):
            logger.warning("older indexes are left to the next rebuild")


class ElasticCandidate:
    """`Candidate`: searched by its own name, since no alias names it yet."""

    def __init__(self, client: AsyncElasticsearch, name: str) -> None:
        self._client = client.options(request_timeout=WRITE_TIMEOUT_S)
        self.generation = name

    async def count(self) -> int:
        with engine():
            return int((await self._client.count(index=self.generation))["count"])

    async def suggest(self, q: str, filters: Filters, limit: int) -> Hits:
        return await suggest_hits(ElasticReader(self._client, self.generation), q, filters, limit)
