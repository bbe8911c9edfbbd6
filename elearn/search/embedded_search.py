"""Reading one generation of the embedded index."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

import tantivy
from tantivy import Query as Engine

from elearn.search.backend import Facets, FacetValue, Filters, Hits, Sort
from elearn.search.documents import start_of_day
from elearn.search.embedded_index import Generation, engine
from elearn.search.embedded_queries import FACETS, Queries, any_of
from elearn.search.embedded_schema import NEVER
from elearn.search.finder import MAX_FACET_VALUES, Row, Rows, Spellings, suggest_hits
from elearn.search.queries import Query
from elearn.search.synonyms import NO_SYNONYMS, Synonyms

_ORDER: dict[Sort, tuple[str, tantivy.Order]] = {
    "newest": ("created_at", tantivy.Order.Desc),
    "popular": ("enrolled", tantivy.Order.Desc),
    "starting": ("opens_order", tantivy.Order.Asc),
}


class EmbeddedReader:
    """`finder.Reader` on the index as it is now: a commit meanwhile does not show. Never waits."""

    def __init__(self, generation: Generation, synonyms: Synonyms = NO_SYNONYMS) -> None:
        self._synonyms = synonyms
        self._searcher = generation.searcher
        self._schema = generation.schema
        self._queries = Queries(generation.schema)

    def read(self, text: str) -> Query:
        return self._synonyms.read(text)

    def everything(self) -> Engine:
        return Engine.all_query()

    def strict(self, query: Query) -> Engine:
        return self._queries.strict(query)

    def misspelt(
        self,
        query: Query,
        *,
        field: Literal["near", "everything"],
        least: int,
        not_ids: Sequence[str],
        hidden: Sequence[str],
        spellings: Spellings,
    ) -> Engine:
        known = partial(self._knows, Filters(not_ids=tuple(hidden)))
        found = self._queries.misspelt(query, known, field=field, least=least)
        return self._queries.filtered(found, Filters(not_ids=tuple(not_ids)))

    def either(self, one: Engine, other: Engine) -> Engine:
        return any_of([one, other])

    def _knows(self, unseen: Filters, field: str, word: str) -> bool:
        """Not by the count that the index keeps of a word: that has deleted courses in it."""
        holding = self._queries.filtered(Engine.term_query(self._schema, field, word), unseen)
        return bool(self._searcher.search(holding, 1, count=False).hits)

    async def rows(
        self,
        match: Engine,
        filters: Filters,
        *,
        offset: int,
        limit: int,
        sort: Sort,
        spelling: Query | None = None,
    ) -> Rows:
        """Without spellings: the terms of this index are at hand when a query is made."""
        narrowed = self._queries.filtered(match, filters)
        if sort == "starting":
            return self._starting(narrowed, offset, limit)
        return self._sorted(narrowed, offset, limit, sort)

    def _starting(self, match: Engine, offset: int, limit: int) -> Rows:
        today, parts = start_of_day(), self._queries
        groups = (
            parts.opening(match, since=today, before=NEVER),
            parts.opening(match, before=today),
            parts.opening(match, since=NEVER),
        )
        rows: tuple[Row, ...] = ()
        total = 0
        for group in groups:
            found = self._sorted(
                group, max(0, offset - total), max(1, limit - len(rows)), "starting"
            )
            total += found.total
            rows += found.rows
        return Rows(rows[:limit], total)

    def _sorted(self, match: Engine, offset: int, limit: int, sort: Sort) -> Rows:
        if sort == "relevance":
            result = self._searcher.search(match, limit, offset=offset, weight_by_field="weight")
        else:
            field, order = _ORDER[sort]
            result = self._searcher.search(
                match, limit, offset=offset, order_by_field=field, order=order
            )
        addresses = [address for _, address in result.hits]
        enrolled = self._searcher.fast_field_values("enrolled", addresses)
        found = zip(map(self._searcher.doc, addresses), enrolled, strict=True)
        rows = tuple(
            Row(document.get_first("id") or "", document.get_first("shown") or "", int(count or 0))
            for document, count in found
        )
        return Rows(rows, int(result.count))  # type: ignore[attr-defined]

    async def facets(self, match: Engine, filters: Filters) -> Facets:
        """One pass for all fields without a filter, one more for each field that has one."""
        counts: dict[str, tuple[FacetValue, ...]] = {}
        free = [name for name in FACETS if not getattr(filters, name)]
        passes = [(name, [name]) for name in FACETS if name not in free] + [("", free)]
        for without, names in passes:
            wanted = {name: {"terms": {"field": name, "size": MAX_FACET_VALUES}} for name in names}
            if wanted:
                narrowed = self._queries.filtered(match, filters, without=without)
                counted = self._searcher.aggregate(narrowed, wanted)
                for name in names:
                    counts[name] = facet_values(counted[name]["buckets"])
        narrowed = self._queries.filtered(match, filters, without="open")
        open_now = self._searcher.search(self._queries.open_now(narrowed), 1)
        return Facets(**counts, open=int(open_now.count))  # type: ignore[attr-defined]


def facet_values(buckets: Sequence[dict[str, Any]]) -> tuple[FacetValue, ...]:
    values = [FacetValue(str(bucket["key"]), int(bucket["doc_count"])) for bucket in buckets]
    return tuple(sorted(values, key=lambda value: (-value.count, value.value)))


class EmbeddedCandidate:
    """`Candidate`."""

    def __init__(self, built: Generation) -> None:
        self._built = built
        self.generation = built.name

    async def count(self) -> int:
        return self._built.count

    async def suggest(self, q: str, filters: Filters, limit: int) -> Hits:
        with engine():
            return await suggest_hits(EmbeddedReader(self._built), q, filters, limit)
