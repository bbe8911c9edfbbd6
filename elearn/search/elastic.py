"""The engine Elasticsearch, through its official client.

An alias names the index in use. A rebuild fills another index and moves the alias in one act;
each index has a cursor document of its own, so the cursor moves with the alias.
"""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, cast

from elastic_transport import AiohttpHttpNode, HttpHeaders, TransportError
from elastic_transport.client_utils import DEFAULT, DefaultType
from elasticsearch import ApiError, AsyncElasticsearch, NotFoundError

from elearn.errors import SearchUnavailable
from elearn.search import elastic_queries as bodies
from elearn.search.backend import (
    MAX_SUGGESTIONS,
    CourseDocument,
    Cursor,
    Facets,
    FacetValue,
    Filters,
    Hits,
    Progress,
    SearchRequest,
    SearchResult,
    Sort,
    Tail,
)
from elearn.search.elastic_mapping import FORMAT, cursors_body, index_body, index_document
from elearn.search.finder import Row, Rows, search_page, suggest_hits
from elearn.search.queries import Query

READ_TIMEOUT_S = 1.0
WRITE_TIMEOUT_S = 30.0
BULK = 500

Json = dict[str, Any]
logger = logging.getLogger(__name__)


class PortableNode(AiohttpHttpNode):
    """Asks for the 8 form of the interface, which servers 8 and 9 both speak: a client 9 asks
    for the 9 form, which servers 8 refuse."""

    async def perform_request(  # type: ignore[override]  # its base is typed for both kinds
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: DefaultType | float | None = DEFAULT,
    ) -> Any:
        portable = HttpHeaders(headers or {})
        for name, value in portable.items():
            portable[name] = value.replace("compatible-with=9", "compatible-with=8")
        return await super().perform_request(method, target, body, portable, request_timeout)


@contextmanager
def engine() -> Iterator[None]:
    """Whatever goes wrong between here and the engine is `SearchUnavailable`, without its text."""
    try:
        yield
    except (TransportError, ApiError, OSError, TimeoutError) as error:
        raise SearchUnavailable("Search is away. Please try again soon.") from error


class ElasticSearch:
    """`SearchBackend` on the indexes that begin with `alias`."""

    def __init__(self, url: str, alias: str) -> None:
        self._alias = alias
        self._cursors = f"{alias}-cursors"
        self._client = AsyncElasticsearch(
            url, node_class=PortableNode, max_retries=0, retry_on_timeout=False
        )
        self._reader = ElasticReader(self._client.options(request_timeout=READ_TIMEOUT_S), alias)
        self._writer = self._client.options(request_timeout=WRITE_TIMEOUT_S)
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
        await self._bulk(self._alias, documents, deletions, require_alias=True)

    async def refresh(self) -> None:
        with engine():
            await self._writer.indices.refresh(index=self._alias)

    async def count(self) -> int:
        with engine():
            return int((await self._writer.count(index=self._alias))["count"])

    async def cursor(self) -> Cursor | None:
        with engine():
            generation = await self._current()
            if generation is None:
                self._needs_rebuild = True
                return None
            try:
                held = await self._writer.get(index=self._cursors, id=generation)
            except NotFoundError:
                self._needs_rebuild = True
                return None
            self._needs_rebuild = not await self._is_ours(generation)
            source = held["_source"]
            return Cursor(str(source["epoch"]), int(source["seq"]), generation)

    async def set_cursor(self, cursor: Cursor) -> None:
        with engine():
            await self._writer.index(
                index=self._cursors,
                id=cursor.generation,
                document={"epoch": cursor.epoch, "seq": cursor.seq},
            )

    async def rebuild(
        self,
        documents: AsyncIterator[list[CourseDocument]],
        *,
        epoch: str,
        seq: int,
        progress: Progress | None = None,
        tail: Tail | None = None,
    ) -> int:
        if self._building.locked():
            raise SearchUnavailable("The index is being rebuilt already.")
        async with self._building:
            name = f"{self._alias}-{_stamp()}"
            try:
                with engine():
                    await self._create(name)
                done = 0
                async for batch in documents:
                    await self._bulk(name, batch, ())
                    done += len(batch)
                    if progress is not None:
                        progress(done)
                while tail is not None and (changes := await tail(seq)) is not None:
                    await self._bulk(name, changes.documents, changes.deletions)
                    seq = changes.seq
                await self.set_cursor(Cursor(epoch, seq, name))
                return await self._swap(name)
            except BaseException:
                await self._forget(name)
                raise

    async def drop(self) -> None:
        """Remove every index of this alias, the cursors too: for tests and benchmarks."""
        with engine():
            for name in [*await self._generations(), self._cursors]:
                await self._writer.indices.delete(index=name, ignore_unavailable=True)

    async def _create(self, name: str) -> None:
        if not await self._writer.indices.exists(index=self._cursors):
            # Two nodes may do this at once; the second is told that it is there.
            await self._writer.options(ignore_status=400).indices.create(
                index=self._cursors, **cursors_body()
            )
        await self._writer.indices.create(index=name, **index_body())

    async def _swap(self, name: str) -> int:
        with engine():
            await self._writer.indices.refresh(index=name)
            count = int((await self._writer.count(index=name))["count"])
            old = await self._current()
            actions: list[Json] = [{"add": {"index": name, "alias": self._alias}}]
            if old is not None:
                actions.append({"remove": {"index": old, "alias": self._alias}})
            await self._writer.indices.update_aliases(actions=actions)
            self._needs_rebuild = False
            for other in await self._generations():
                # The one before stays for a way back.
                if other < name and other != old:
                    await self._writer.indices.delete(index=other, ignore_unavailable=True)
        return count

    async def _forget(self, name: str) -> None:
        try:
            if await self._current() != name:
                await self._writer.indices.delete(index=name, ignore_unavailable=True)
        except (TransportError, ApiError):
            logger.warning("the unfinished index %s could not be removed", name)

    async def _current(self) -> str | None:
        try:
            held = await self._writer.indices.get_alias(name=self._alias)
        except NotFoundError:
            return None
        return max(held.keys(), default=None)

    async def _is_ours(self, name: str) -> bool:
        mapping = (await self._writer.indices.get_mapping(index=name))[name]["mappings"]
        return bool(mapping.get("_meta", {}).get("format") == FORMAT)

    async def _generations(self) -> list[str]:
        held = await self._writer.indices.get(index=f"{self._alias}-*", features="aliases")
        made = re.compile(re.escape(self._alias) + r"-\d{8}-\d{6}-[0-9a-f]{8}")
        return sorted(name for name in held.keys() if made.fullmatch(name))  # noqa: SIM118

    async def _bulk(
        self,
        index: str,
        documents: Sequence[CourseDocument],
        deletions: Sequence[tuple[str, int]],
        *,
        require_alias: bool = False,
    ) -> None:
        operations: list[Json] = []
        for course in documents:
            operations += [{"index": _versioned(course.id, course.version)}, index_document(course)]
        lines_each = 2 * BULK
        for start in range(0, len(operations), lines_each):
            await self._send(index, operations[start : start + lines_each], require_alias)
        gone = [{"delete": _versioned(id, version)} for id, version in deletions]
        for start in range(0, len(gone), BULK):
            await self._send(index, gone[start : start + BULK], require_alias)

    async def _send(self, index: str, operations: list[Json], require_alias: bool) -> None:
        with engine():
            answer = await self._writer.bulk(
                index=index, operations=operations, require_alias=require_alias
            )
        for item in answer["items"] if answer["errors"] else ():
            outcome = next(iter(item.values()))
            # 409: a newer version is there. 404: nothing was there to delete.
            missing_target = outcome.get("error", {}).get("type") == "index_not_found_exception"
            if outcome["status"] >= 300 and (outcome["status"] not in (404, 409) or missing_target):
                logger.error("Elasticsearch refused a course: %s", outcome.get("error"))
                raise SearchUnavailable("Search is away. Please try again soon.")


class ElasticReader:
    """`finder.Reader` through an alias."""

    def __init__(self, client: AsyncElasticsearch, alias: str) -> None:
        self._client = client
        self._alias = alias

    def everything(self) -> Json:
        return {"match_all": {}}

    def strict(self, query: Query) -> Json:
        return bodies.strict(query)

    def misspelt(
        self,
        query: Query,
        *,
        field: Literal["near", "everything"],
        least: int,
        not_ids: Sequence[str],
    ) -> Json:
        return bodies.misspelt(query, field=field, least=least, not_ids=not_ids)

    def either(self, one: Json, other: Json) -> Json:
        return bodies.either(one, other)

    async def rows(
        self, match: Json, filters: Filters, *, offset: int, limit: int, sort: Sort
    ) -> Rows:
        answer = await self._search(
            bodies.search_body(match, filters, offset=offset, limit=limit, sort=sort)
        )
        rows = tuple(
            Row(hit["_id"], hit["_source"]["shown"], hit["_source"]["enrolled"])
            for hit in answer["hits"]["hits"]
        )
        return Rows(rows, int(answer["hits"]["total"]["value"]))

    async def facets(self, match: Json, filters: Filters) -> Facets:
        counted = (await self._search(bodies.facets_body(match, filters)))["aggregations"]
        values = {name: _facet_values(counted[name]["values"]["buckets"]) for name in bodies.FACETS}
        return Facets(**values, open=int(counted["open"]["doc_count"]))

    async def _search(self, body: Json) -> Json:
        with engine():
            answer = await self._client.search(index=self._alias, **_arguments(body))
        if answer["timed_out"]:
            raise SearchUnavailable("Search took too long. Please try again.")
        return cast(Json, answer.body)


def _facet_values(buckets: Sequence[Json]) -> tuple[FacetValue, ...]:
    values = [FacetValue(str(bucket["key"]), int(bucket["doc_count"])) for bucket in buckets]
    return tuple(sorted(values, key=lambda value: (-value.count, value.value)))


def _arguments(body: Json) -> Json:
    """The client's names of a body's parts that are no Python names of its own."""
    renamed = {"from": "from_", "_source": "source"}
    return {renamed.get(name, name): value for name, value in body.items()}


def _versioned(course_id: str, version: int) -> Json:
    return {"_id": course_id, "version": version, "version_type": "external_gte"}


def _stamp() -> str:
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(4)}"
