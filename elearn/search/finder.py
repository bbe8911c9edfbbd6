"""The one way from a typed text to hits, totals and counts, whichever engine answers.

Courses that hold the words as typed come first. Misspelt ones are looked for only when those are
few, come after all of them, and are put in order here by how close their titles are.
"""

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Generic, Literal, Protocol, TypeVar

import msgspec

from elearn.search.backend import Facets, Filters, Hit, Hits, SearchRequest, SearchResult, Sort
from elearn.search.marking import mark
from elearn.search.queries import (
    TYPO_THRESHOLD,
    Query,
    closeness,
    did_you_mean,
    fewest_words,
    title_words,
)

CANDIDATES = 60
"""Misspelt hits that are put in order by closeness; those beyond keep the engine's order."""
MAX_FACET_VALUES = 100

Spellings = Mapping[str, Sequence[str]]
"""What an engine would write instead of words that no title or name holds."""

MatchT = TypeVar("MatchT")
T = TypeVar("T")


class Row(msgspec.Struct, frozen=True):
    """A course as an engine finds it."""

    id: str
    title: str
    enrolled: int


class Rows(msgspec.Struct, frozen=True):
    rows: tuple[Row, ...]
    total: int
    spellings: Spellings = {}


class Reader(Protocol[MatchT]):
    """What an engine does; `MatchT` is its own form of a query."""

    def read(self, text: str) -> Query: ...

    def everything(self) -> MatchT: ...

    def strict(self, query: Query) -> MatchT:
        """Courses that hold every word as typed, scored by tier."""

    def misspelt(
        self,
        query: Query,
        *,
        field: Literal["near", "everything"],
        least: int,
        not_ids: Sequence[str],
        hidden: Sequence[str],
        spellings: Spellings,
    ) -> MatchT:
        """Courses that hold at least `least` of the words, each perhaps misspelt: above all those
        that no course holds besides the `hidden` ones."""

    def either(self, one: MatchT, other: MatchT) -> MatchT: ...

    async def rows(
        self,
        match: MatchT,
        filters: Filters,
        *,
        offset: int,
        limit: int,
        sort: Sort,
        spelling: Query | None = None,
    ) -> Rows:
        """With `spelling`, the same request also asks how its strange words are spelt."""

    async def facets(self, match: MatchT, filters: Filters) -> Facets: ...


class _Typos(msgspec.Struct, Generic[MatchT], frozen=True):
    match: MatchT
    total: int
    first: tuple[Row, ...]
    nearest: bool


class _Found(msgspec.Struct, Generic[MatchT], frozen=True):
    match: MatchT | None
    total: int
    rows: tuple[Row, ...]
    suggestion: str | None = None
    nearest: bool = False


async def suggest_hits(reader: Reader[MatchT], q: str, filters: Filters, limit: int) -> Hits:
    query = reader.read(q)
    if not query.words:
        return Hits()
    found = await _find(reader, query, filters, 0, limit)
    return Hits(_hits(found.rows, query), found.total, found.suggestion, found.nearest)


async def search_page(reader: Reader[MatchT], request: SearchRequest) -> SearchResult:
    query, filters = reader.read(request.q), request.filters
    if query.words:
        found = await _find(reader, query, filters, request.offset, request.rows)
        if request.sort != "relevance" and found.match is not None:
            rows = (await _page(reader, found.match, request, request.sort)).rows
            found = msgspec.structs.replace(found, rows=rows)
    elif request.q.strip():
        # What was typed holds no word: plain text that no course has, not a wish for all.
        found = _Found(None, 0, ())
    else:
        sort: Sort = "popular" if request.sort == "relevance" else request.sort
        every = reader.everything()
        page = await _page(reader, every, request, sort)
        found = _Found(every, page.total, page.rows)
    facets = None
    if request.facets:
        facets = Facets() if found.match is None else await reader.facets(found.match, filters)
    return SearchResult(
        hits=_hits(found.rows, query),
        total=found.total,
        facets=facets,
        suggestion=found.suggestion,
        nearest=found.nearest,
    )


def finish(reading: Coroutine[Any, Any, T]) -> T:
    """The outcome of a search whose reader never waits, without a loop: in any thread."""
    try:
        reading.send(None)
    except StopIteration as done:
        outcome: T = done.value
        return outcome
    reading.close()
    raise RuntimeError("a reader that waits needs a loop")


async def _page(reader: Reader[MatchT], match: MatchT, request: SearchRequest, sort: Sort) -> Rows:
    return await reader.rows(
        match, request.filters, offset=request.offset, limit=request.rows, sort=sort
    )


async def _find(
    reader: Reader[MatchT], query: Query, filters: Filters, offset: int, limit: int
) -> _Found[MatchT]:
    match = reader.strict(query)
    # On a first page the few that hold the words are all known after this.
    start = 0 if offset < TYPO_THRESHOLD else offset
    page = await reader.rows(
        match,
        filters,
        offset=start,
        limit=max(offset + limit, TYPO_THRESHOLD) - start,
        sort="relevance",
        spelling=query,
    )
    exact = page.rows[offset - start : offset - start + limit]
    if page.total >= TYPO_THRESHOLD:
        return _Found(match, page.total, exact)
    known = page.rows
    if start:
        known = (
            await reader.rows(match, filters, offset=0, limit=TYPO_THRESHOLD, sort="relevance")
        ).rows
    typos = await _typos(reader, query, filters, known, page.spellings)
    if typos is None:
        return _Found(match, page.total, exact)
    more = await _slice(reader, typos, filters, offset - page.total, offset + limit - page.total)
    doubtful = not page.total and not typos.nearest
    return _Found(
        match=reader.either(match, typos.match),
        total=page.total + typos.total,
        rows=(*exact, *more),
        suggestion=did_you_mean(query, typos.first[0].title) if doubtful else None,
        nearest=typos.nearest,
    )


async def _typos(
    reader: Reader[MatchT],
    query: Query,
    filters: Filters,
    exact: Sequence[Row],
    spellings: Spellings,
) -> _Typos[MatchT] | None:
    """The strictest reading of a misspelt query that finds something not found as typed."""
    count = len(query.words)
    readings: list[tuple[Literal["near", "everything"], int]] = [("near", count)]
    if not exact:
        fewest = fewest_words(count)
        readings += [("everything", count), ("near", fewest), ("everything", fewest), ("near", 1)]
    not_ids = [row.id for row in exact]
    for field, least in dict.fromkeys(readings):
        match = reader.misspelt(
            query,
            field=field,
            least=least,
            not_ids=not_ids,
            hidden=filters.not_ids,
            spellings=spellings,
        )
        page = await reader.rows(match, filters, offset=0, limit=CANDIDATES, sort="relevance")
        if page.rows:
            first = closest_first(query, page.rows)
            # Words of a text alone; of a title they may be when the engine spells less of them.
            titled = field == "near" or closeness(query, title_words(first[0].title)) > 0
            return _Typos(match, page.total, first, nearest=least < count or not titled)
    return None


def closest_first(query: Query, rows: Sequence[Row]) -> tuple[Row, ...]:
    """By closeness of the title, then popularity; the engine's order where no title says it."""
    near = {row.id: closeness(query, title_words(row.title)) for row in rows}

    def place(row: Row) -> tuple[float, int]:
        return -near[row.id], -row.enrolled if near[row.id] > 0 else 0

    return tuple(sorted(rows, key=place))


async def _slice(
    reader: Reader[MatchT], typos: _Typos[MatchT], filters: Filters, begin: int, end: int
) -> tuple[Row, ...]:
    """Misspelt hits from `begin` to `end`: the candidates, then on in the engine's order."""
    rows = typos.first[max(0, begin) : max(0, end)]
    start = max(begin, len(typos.first))
    if start < min(end, typos.total):
        beyond = await reader.rows(
            typos.match, filters, offset=start, limit=end - start, sort="relevance"
        )
        rows += beyond.rows
    return rows


def _hits(rows: Sequence[Row], query: Query) -> tuple[Hit, ...]:
    return tuple(Hit(row.id, row.title, mark(row.title, query)) for row in rows)
