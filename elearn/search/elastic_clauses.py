"""The clauses that requests to Elasticsearch are made of. Typed text is in them only as data: there
is no `query_string` here, so there is nothing to escape."""

from collections.abc import Sequence
from typing import Any

from elearn.search.elastic_mapping import MAX_BEGUN
from elearn.search.queries import MIN_TEXT_PREFIX, Query, allowed_edits, is_beginning
from elearn.search.words import is_letter

Json = dict[str, Any]
MAX_EXPANSIONS = 50


def term(field: str, word: str) -> Json:
    return {"term": {field: word}}


def holds(field: str, word: str) -> Json:
    return begins(field, word) if is_letter(word) else term(field, word)


def begins(field: str, word: str) -> Json:
    if field == "everything" and len(word) < MIN_TEXT_PREFIX:
        return {"prefix": {field: word}}
    return term(f"{field}.begun", word[:MAX_BEGUN])


def begins_if_long(field: str, word: str) -> Json:
    return begins(field, word) if is_beginning(word) else term(field, word)


def holds_all(field: str, query: Query) -> Json:
    return {"match": {field: {"query": query.line, "operator": "and"}}}


def fuzzy(field: str, word: str, distance: int | None = None) -> Json:
    return {
        "fuzzy": {
            field: {
                "value": word,
                "fuzziness": allowed_edits(word) if distance is None else distance,
                "prefix_length": 1,
                "max_expansions": MAX_EXPANSIONS,
                "transpositions": True,
            }
        }
    }


def none_of(ids: Sequence[str]) -> Json:
    return {"bool": {"must_not": [{"terms": {"id": list(ids)}}]}}


def scoring(query: Json, score: float) -> Json:
    return {"constant_score": {"filter": query, "boost": score}}


def all_of(queries: Sequence[Json], *, scored: bool = False) -> Json:
    return {"bool": {"must" if scored else "filter": list(queries)}}


def any_of(queries: Sequence[Json]) -> Json:
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}


def narrowed(match: Json, clauses: Sequence[Json]) -> Json:
    return {"bool": {"must": [match], "filter": list(clauses)}} if clauses else match
