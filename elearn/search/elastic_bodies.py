"""The bodies of requests to Elasticsearch: which hits in which order, and what is counted."""

from elearn.search.backend import MAX_FILTER_VALUES, Filters, Sort
from elearn.search.documents import start_of_day, this_minute
from elearn.search.elastic_clauses import Json, all_of, narrowed, none_of, scoring
from elearn.search.finder import MAX_FACET_VALUES

SEARCH_TIMEOUT = "800ms"
FACETS = ("subject", "level", "language", "teacher")
_ORDER: dict[Sort, list[Json]] = {
    "relevance": [{"_score": "desc"}, {"enrolled": "desc"}, {"id": "asc"}],
    "newest": [{"created_at": "desc"}, {"id": "asc"}],
    "popular": [{"enrolled": "desc"}, {"id": "asc"}],
    "starting": [
        {"_score": "desc"},
        {"opens_at": {"order": "asc", "missing": "_last"}},
        {"id": "asc"},
    ],
}


def search_body(match: Json, filters: Filters, *, offset: int, limit: int, sort: Sort) -> Json:
    query = narrowed(match, filter_clauses(filters))
    return {
        "query": _upcoming_first(query) if sort == "starting" else query,
        "from": offset,
        "size": limit,
        "sort": _ORDER[sort],
        # A stored document would be unpacked, its description and all, for each hit.
        "_source": False,
        "stored_fields": "_none_",
        "docvalue_fields": ["id", "shown", "enrolled"],
        "track_total_hits": True,
        "timeout": SEARCH_TIMEOUT,
    }


def _upcoming_first(query: Json) -> Json:
    upcoming = scoring({"range": {"opens_at": {"gte": start_of_day()}}}, 1.0)
    return {"bool": {"filter": [query], "should": [upcoming]}}


def facets_body(match: Json, filters: Filters) -> Json:
    """Each count is narrowed by all filters but its own field's."""
    counted: Json = {
        name: {
            "filter": all_of(filter_clauses(filters, without=name)),
            "aggs": {"values": {"terms": {"field": name, "size": MAX_FACET_VALUES}}},
        }
        for name in FACETS
    }
    counted["open"] = {"filter": all_of([*filter_clauses(filters, without="open"), _open_now()])}
    return {"query": match, "size": 0, "aggs": counted, "timeout": SEARCH_TIMEOUT}


def filter_clauses(filters: Filters, *, without: str = "") -> list[Json]:
    clauses: list[Json] = [
        {"terms": {name: list(values[:MAX_FILTER_VALUES])}}
        for name in FACETS
        if (values := getattr(filters, name)) and name != without
    ]
    if filters.open and without != "open":
        clauses.append(_open_now())
    if filters.not_ids:
        clauses.append(none_of(filters.not_ids))
    return clauses


def _open_now() -> Json:
    now = this_minute()
    early, late = {"range": {"opens_at": {"gt": now}}}, {"range": {"closes_at": {"lte": now}}}
    return {"bool": {"filter": [{"term": {"open": True}}], "must_not": [early, late]}}
