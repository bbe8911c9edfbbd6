"""Reading one index of Elasticsearch, or what an alias names."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from elasticsearch import AsyncElasticsearch

from elearn.errors import SearchUnavailable
from elearn.search.backend import Facets, FacetValue, Filters, Sort
from elearn.search.elastic_bodies import FACETS, facets_body, search_body
from elearn.search.elastic_clauses import Json, any_of
from elearn.search.elastic_client import engine
from elearn.search.elastic_queries import strict
from elearn.search.elastic_spelling import misspelt, speller
from elearn.search.finder import Row, Rows, Spellings
from elearn.search.queries import Query
from elearn.search.synonyms import NO_SYNONYMS, Synonyms


class ElasticReader:
    """`finder.Reader` through an alias."""

    def __init__(
        self, client: AsyncElasticsearch, alias: str, synonyms: Synonyms = NO_SYNONYMS
    ) -> None:
        self._client = client
        self._alias = alias
        self._synonyms = synonyms

    def read(self, text: str) -> Query:
        return self._synonyms.read(text)

    def everything(self) -> Json:
        return {"match_all": {}}

    def strict(self, query: Query) -> Json:
        return strict(query)

    def misspelt(
        self,
        query: Query,
        *,
        field: Literal["near", "everything"],
        least: int,
        not_ids: Sequence[str],
        hidden: Sequence[str],
        spellings: Spellings,
    ) -> Json:
        return misspelt(query, field=field, least=least, not_ids=not_ids, spellings=spellings)

    def either(self, one: Json, other: Json) -> Json:
        return any_of([one, other])

    async def rows(
        self,
        match: Json,
        filters: Filters,
        *,
        offset: int,
        limit: int,
        sort: Sort,
        spelling: Query | None = None,
    ) -> Rows:
        body = search_body(match, filters, offset=offset, limit=limit, sort=sort)
        if spelling is not None:
            body["suggest"] = speller(spelling)
        answer = await self._search(body)
        rows = tuple(_row(hit["fields"]) for hit in answer["hits"]["hits"])
        return Rows(rows, int(answer["hits"]["total"]["value"]), _spellings(answer))

    async def facets(self, match: Json, filters: Filters) -> Facets:
        counted = (await self._search(facets_body(match, filters)))["aggregations"]
        values = {name: _facet_values(counted[name]["values"]["buckets"]) for name in FACETS}
        return Facets(**values, open=int(counted["open"]["doc_count"]))

    async def _search(self, body: Json) -> Json:
        with engine():
            answer = await self._client.search(index=self._alias, **_arguments(body))
        if answer["timed_out"]:
            raise SearchUnavailable("Search took too long. Please try again.")
        return cast(Json, answer.body)


def _row(fields: Mapping[str, Sequence[Any]]) -> Row:
    return Row(fields["id"][0], fields["shown"][0], int(fields["enrolled"][0]))


def _spellings(answer: Json) -> Spellings:
    return {
        word["text"]: [option["text"] for option in word["options"]]
        for word in answer.get("suggest", {}).get("spellings", ())
        if word["options"]
    }


def _facet_values(buckets: Sequence[Json]) -> tuple[FacetValue, ...]:
    values = [FacetValue(str(bucket["key"]), int(bucket["doc_count"])) for bucket in buckets]
    return tuple(sorted(values, key=lambda value: (-value.count, value.value)))


def _arguments(body: Json) -> Json:
    """The client's names of a body's parts that are no Python names of its own."""
    renamed = {"from": "from_", "_source": "source"}
    return {renamed.get(name, name): value for name, value in body.items()}
