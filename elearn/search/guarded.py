"""Two engines as one: the main one answers, and the one kept beside it does when that is late or
away. What is written goes to the main one; the spare is followed by itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from elearn.errors import SearchUnavailable
from elearn.search.backend import (
    Approve,
    CourseDocument,
    Cursor,
    Filters,
    Held,
    Hits,
    Progress,
    SearchBackend,
    SearchRequest,
    SearchResult,
    Tail,
)
from elearn.search.breaker import Breaker

LATE_S = 0.1
"""The main engine's time for an answer, whatever it is spent on: names, connections, a second
request for misspelt words. The spare one's and the store's come after it, within 300 ms."""
PATIENCE = 9
"""So many times longer a try may take, for which nobody waits."""
OPEN_S = 2.0

Found = TypeVar("Found", Hits, SearchResult)


class GuardedSearch:
    """`SearchBackend` of a main engine and a spare one. What the spare answers is `reduced`."""

    def __init__(
        self,
        main: SearchBackend,
        spare: SearchBackend,
        *,
        late_s: float = LATE_S,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._main = main
        self.spare = spare
        self.breaker = Breaker(pause)
        self.reduced_answers = 0
        self._late_s = late_s
        self._question: Callable[[SearchBackend], Awaitable[object]] = lambda one: one.count()

    @property
    def needs_rebuild(self) -> bool:
        return self._main.needs_rebuild

    async def open(self) -> None:
        """A main engine that is silent must not hold up a start."""
        await self.spare.open()
        with suppress(TimeoutError):
            async with asyncio.timeout(OPEN_S):
                await self._main.open()

    async def close(self) -> None:
        await self._main.close()
        await self.spare.close()

    async def suggest(self, q: str, filters: Filters, limit: int) -> Hits:
        return await self._ask(lambda engine: engine.suggest(q, filters, limit))

    async def search(self, request: SearchRequest) -> SearchResult:
        return await self._ask(lambda engine: engine.search(request))

    async def write(
        self, documents: Sequence[CourseDocument], deletions: Sequence[tuple[str, int]]
    ) -> None:
        await self._main.write(documents, deletions)

    async def refresh(self) -> None:
        await self._main.refresh()

    async def gather(self) -> None:
        await self._main.gather()

    async def count(self) -> int:
        return await self._main.count()

    async def held(self, ids: Sequence[str]) -> dict[str, Held]:
        return await self._main.held(ids)

    async def cursor(self) -> Cursor | None:
        return await self._main.cursor()

    async def set_cursor(self, cursor: Cursor) -> None:
        await self._main.set_cursor(cursor)

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
        return await self._main.rebuild(
            documents, epoch=epoch, seq=seq, progress=progress, tail=tail, approve=approve
        )

    async def roll_back(self, *, epoch: str, tail: Tail) -> Cursor | None:
        return await self._main.roll_back(epoch=epoch, tail=tail)

    async def run(self) -> None:
        """While the main engine is not relied on, find out whether it answers: nobody waits for
        that. It is asked what was asked last."""
        await self.breaker.run(self._try)

    async def _try(self) -> bool:
        asked = asyncio.ensure_future(self._question(self._main))
        try:
            if not await self._in_time(asked):
                await asyncio.wait({asked}, timeout=PATIENCE * self._late_s)
            return asked.done() and asked.exception() is None
        finally:
            asked.cancel()

    async def _ask(self, ask: Callable[[SearchBackend], Awaitable[Found]]) -> Found:
        self._question = ask
        if self.breaker.open:
            return await self._reduced(ask)
        asked = asyncio.ensure_future(ask(self._main))
        try:
            if await self._in_time(asked):
                return asked.result()
            try:
                return await self._reduced(ask)
            except SearchUnavailable:
                # The spare is not built yet: the main one's answer however late, or its refusal.
                return await asked
        finally:
            asked.cancel()

    async def _in_time(self, asked: "asyncio.Future[Any]") -> bool:
        """Whether it answered soon enough, which the breaker is told."""
        await asyncio.wait({asked}, timeout=self._late_s)
        if not asked.done() or isinstance(asked.exception(), SearchUnavailable):
            self.breaker.failed()
            return False
        self.breaker.succeeded()
        return True

    async def _reduced(self, ask: Callable[[SearchBackend], Awaitable[Found]]) -> Found:
        found = await ask(self.spare)
        self.reduced_answers += 1
        return msgspec.structs.replace(found, reduced=True)
