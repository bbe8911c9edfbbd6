"""The embedded engine: tantivy in the data directory, for a machine without Elasticsearch.

The server alone writes. A rebuild makes another generation beside the one in use and takes its
place in one act.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

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
from elearn.search.embedded_generations import EmbeddedGenerations
from elearn.search.embedded_index import DamagedIndexError, Generation, engine, verify_files
from elearn.search.embedded_search import EmbeddedCandidate, EmbeddedReader
from elearn.search.embedded_writing import VersionedWriter, fill_in
from elearn.search.finder import finish, search_page, suggest_hits
from elearn.search.synonyms import NO_SYNONYMS, Synonyms

INLINE_BELOW = 200_000
"""Courses up to which a query runs on the loop. It takes 0.4 ms at 3,762 and 1.5 ms at 100,000;
a thread adds 0.2 ms when the loop is idle, and seconds when it is busy: the thread then waits
for the interpreter lock each time it comes back from the engine."""
FEW_SEGMENTS = 4
"""Each costs every search as much, however little is in it."""

T = TypeVar("T")
logger = logging.getLogger(__name__)


class EmbeddedSearch:
    """`SearchBackend` on a directory. `executor` takes what would hold up the loop. Who only
    looks (`writes=False`) leaves alone what a server may be building there."""

    def __init__(
        self,
        directory: Path,
        executor: Executor | None = None,
        *,
        writes: bool = True,
        synonyms: Synonyms = NO_SYNONYMS,
        inline_below: int = INLINE_BELOW,
    ) -> None:
        self._generations = EmbeddedGenerations(directory, writes=writes)
        self._executor = executor
        self._synonyms = synonyms
        self._inline_below = inline_below
        self._generation: Generation | None = None
        self._writer = VersionedWriter()
        self._writing = asyncio.Lock()
        self._building = asyncio.Lock()

    @property
    def needs_rebuild(self) -> bool:
        return self._generation is None

    async def open(self) -> None:
        self._generation = await self._aside(self._generations.open_current)

    async def close(self) -> None:
        async with self._writing:
            generation, self._generation = self._generation, None
            if generation is not None:
                await self._aside(generation.close)

    async def suggest(self, q: str, filters: Filters, limit: int) -> Hits:
        rows = max(1, min(limit, MAX_SUGGESTIONS))
        return await self._read(lambda reader: suggest_hits(reader, q, filters, rows))

    async def search(self, request: SearchRequest) -> SearchResult:
        return await self._read(lambda reader: search_page(reader, request))

    async def write(
        self, documents: Sequence[CourseDocument], deletions: Sequence[tuple[str, int]]
    ) -> None:
        async with self._writing:
            generation = self._opened()
            await self._aside(lambda: self._writer.write(generation, documents, deletions))

    async def refresh(self) -> None:
        self._opened()

    async def gather(self) -> None:
        async with self._writing:
            generation = self._opened()
            if generation.segments > FEW_SEGMENTS:
                await self._aside(generation.gather)

    async def count(self) -> int:
        return self._opened().count

    def titled(self, words: Iterable[str]) -> bool:
        """Whether each word is one of some course's title."""
        try:
            with engine():
                return all(map(self._opened().in_titles, words))
        except SearchUnavailable:
            return False

    async def held(self, ids: Sequence[str]) -> dict[str, Held]:
        generation = self._opened()
        return await self._aside(lambda: generation.held(ids))

    async def cursor(self) -> Cursor | None:
        return None if self._generation is None else self._generation.cursor

    async def set_cursor(self, cursor: Cursor) -> None:
        async with self._writing:
            generation = self._opened()
            if generation.name == cursor.generation:
                await self._aside(lambda: generation.set_cursor(cursor.epoch, cursor.seq))

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
            built = await self._aside(self._generations.create)
            try:
                done = 0
                async for batch in documents:
                    await self._aside(lambda batch=batch: built.fill(batch))  # type: ignore[misc]
                    done += len(batch)
                    if progress is not None:
                        progress(done)
                # Merges before the swap, so that the first searches meet few segments.
                await self._aside(built.commit)
                await self._aside(built.gather)
                if tail is not None:
                    seq = await self._catch_up(built, seq, tail)
                    await self._aside(built.commit)
                if approve is not None:
                    await approve(EmbeddedCandidate(built))
                await self._take(built, epoch, seq, tail)
            except BaseException:
                # Plain calls: a cancellation cannot come between them.
                if self._generation is not built:
                    self._generations.give_up(built)
                raise
            return built.count

    async def roll_back(self, *, epoch: str, tail: Tail) -> Cursor | None:
        async with self._alone():
            current = self._generation.name if self._generation else ""
            before = await self._aside(lambda: self._generations.open_previous(current))
            cursor = before.cursor if before else None
            if before is None or cursor is None or cursor.epoch != epoch:
                return None
            try:
                seq = await self._catch_up(before, cursor.seq, tail)
                await self._take(before, epoch, seq, tail)
            except BaseException:
                if self._generation is not before:
                    before.close()
                raise
            return before.cursor

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        if self._building.locked():
            raise AlreadyBuilding("The index is being rebuilt already.")
        async with self._building:
            yield

    async def _catch_up(self, generation: Generation, seq: int, tail: Tail) -> int:
        while (changes := await tail(seq)) is not None:
            seq = changes.seq
            await self._aside(lambda c=changes: fill_in(generation, c))  # type: ignore[misc]
            if changes.at_head:
                break
        return seq

    async def _take(self, generation: Generation, epoch: str, seq: int, tail: Tail | None) -> None:
        """Into use, with all there is: no write goes to the old one while the tail is read.
        Once begun the swap goes to its end, so that nobody removes what is in use."""
        async with self._writing:
            if tail is not None:
                seq = await self._catch_up(generation, seq, tail)
            swap = asyncio.ensure_future(self._aside(lambda: self._swap(generation, epoch, seq)))
            try:
                await asyncio.shield(swap)
            except asyncio.CancelledError:
                await asyncio.wait([swap])
                raise

    def _opened(self) -> Generation:
        if self._generation is None:
            raise SearchUnavailable("Search is being prepared. Please try again soon.")
        return self._generation

    async def _read(self, find: Callable[[EmbeddedReader], Coroutine[Any, Any, T]]) -> T:
        generation = self._opened()

        def guarded() -> T:
            with engine():
                return finish(find(EmbeddedReader(generation, self._synonyms)))

        try:
            if self._executor is None or generation.count <= self._inline_below:
                return guarded()
            return await asyncio.get_running_loop().run_in_executor(self._executor, guarded)
        except SearchUnavailable as error:
            await self._give_up_if_damaged(generation, error)
            raise

    async def _give_up_if_damaged(self, generation: Generation, error: Exception) -> None:
        try:
            await self._aside(lambda: verify_files(generation.path))
        except (DamagedIndexError, SearchUnavailable):
            logger.exception("the search index is damaged and is rebuilt")
            if self._generation is generation:
                self._generation = None
        else:
            logger.error("a search failed on a sound index", exc_info=error)

    async def _aside(self, act: Callable[[], T]) -> T:
        def guarded() -> T:
            with engine():
                return act()

        if self._executor is None:
            return guarded()
        return await asyncio.get_running_loop().run_in_executor(self._executor, guarded)

    def _swap(self, built: Generation, epoch: str, seq: int) -> None:
        built.commit()
        built.set_cursor(epoch, seq)
        self._generations.switch(built.name)
        old, self._generation = self._generation, built
        if old is not None:
            old.close()
        self._generations.drop_others(built.name, old.name if old else "")
