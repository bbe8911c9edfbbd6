"""Request bodies for Elasticsearch: pure, and with the typed text in them only as data. There is
no `query_string` here, so there is nothing to escape."""

from collections.abc import Sequence
from typing import Any

from elearn.search.backend import MAX_FILTER_VALUES, Filters, Sort
from elearn.search.documents import STEMMERS, start_of_day
from elearn.search.elastic_mapping import MAX_BEGUN, MAX_START, MIN_TEXT_BEGUN
from elearn.search.finder import MAX_FACET_VALUES
from elearn.search.queries import MIN_PREFIX, Query, allowed_edits
from elearn.search.tiers import RELEVANCE, Tier

SEARCH_TIMEOUT = "800ms"
FACETS = ("subject", "level", "language", "teacher")
MAX_EXPANSIONS = 50

Json = dict[str, Any]

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
        "_source": ["shown", "enrolled"],
        "track_total_hits": True,
        "timeout": SEARCH_TIMEOUT,
    }


def _upcoming_first(query: Json) -> Json:
    upcoming = _constant({"range": {"opens_at": {"gte": start_of_day()}}}, 1.0)
    return {"bool": {"filter": [query], "should": [upcoming]}}


def facets_body(match: Json, filters: Filters) -> Json:
    """Each count is narrowed by all filters but its own field's."""
    counted: Json = {
        name: {
            "filter": _and(filter_clauses(filters, without=name)),
            "aggs": {"values": {"terms": {"field": name, "size": MAX_FACET_VALUES}}},
        }
        for name in FACETS
    }
    is_open = {"term": {"open": True}}
    counted["open"] = {"filter": _and([*filter_clauses(filters, without="open"), is_open])}
    return {"query": match, "size": 0, "aggs": counted, "timeout": SEARCH_TIMEOUT}


def filter_clauses(filters: Filters, *, without: str = "") -> list[Json]:
    clauses: list[Json] = [
        {"terms": {name: list(values[:MAX_FILTER_VALUES])}}
        for name in FACETS
        if (values := getattr(filters, name)) and name != without
    ]
    if filters.open and without != "open":
        clauses.append({"term": {"open": True}})
    return clauses


def narrowed(match: Json, clauses: Sequence[Json]) -> Json:
    return {"bool": {"must": [match], "filter": list(clauses)}} if clauses else match


def strict(query: Query) -> Json:
    """Courses that hold every word as typed, the best tier of each as its score."""
    held, last = query.words, query.words[-1]
    title_done = [_term("title", word) for word in held]
    near = [*(_term("near", word) for word in held[:-1]), _begun("near", last)]
    tiers: list[tuple[Tier, Json]] = [
        (Tier.EXACT, _term("key", query.key)),
        (Tier.EXACT, _term("code", query.code)),
        (Tier.TITLE_WORDS, _and(title_done)),
        (Tier.TITLE_LAST_BEGUN, _and([*title_done[:-1], _begun("title", last)])),
        (Tier.NAMED, _and(near)),
    ]
    if len(query.key) <= MAX_START:
        tiers.append((Tier.START, _term("key.start", query.key)))
    if query.finished and len(query.key) < MAX_START:
        tiers.append((Tier.START_OF_WORDS, _term("key.start", query.key + " ")))
    if query.looks_like_code and len(query.code) <= MAX_START:
        tiers.append((Tier.START, _term("code.start", query.code)))
    if len(held) > 1:
        begun = [_begun_if_long("title", word) for word in held[:-1]]
        tiers.append((Tier.TITLE_PHRASE, {"match_phrase": {"title": query.key}}))
        tiers.append((Tier.TITLE_BEGUN, _and([*begun, _begun("title", last)])))
    elif 1 < len(last) < 7:
        tiers.append((Tier.ACRONYM, _term("acronyms", last)))
    stemmed = [_all_words(f"title_stems_{key}", query) for key in STEMMERS]
    tiers.append((Tier.TITLE_INFLECTED, _any(stemmed)))
    for meaning in query.meanings:
        tiers.append((Tier.SYNONYM_TITLE, _meant("title", meaning)))
        tiers.append((Tier.SYNONYM, _meant("everything", meaning)))
    scored = [_constant(found, float(tier)) for tier, found in tiers]
    return {"dis_max": {"queries": [*scored, *_in_text(query)]}}


def misspelt(query: Query, *, field: str, least: int, not_ids: Sequence[str]) -> Json:
    """Courses that hold at least `least` of the words, each perhaps misspelt, or (looking for
    all of them) whose whole title begins much like the query, divided as it may be."""
    last = len(query.words) - 1
    likes = [_like(field, word, unfinished=at == last) for at, word in enumerate(query.words)]
    found: Json = {"bool": {"should": likes, "minimum_should_match": least}}
    if field == "near" and least == len(likes) and allowed_edits(query.key):
        ways = [found, _constant(_fuzzy("key", query.key), 40.0)]
        if 3 < len(query.key) <= MAX_START:
            ways.append(_constant(_fuzzy("key.start", query.key), 20.0))
        found = _any(ways)
    if not_ids:
        found = {"bool": {"must": [found], "must_not": [{"terms": {"id": list(not_ids)}}]}}
    return found


def either(one: Json, other: Json) -> Json:
    return _any([one, other])


def _meant(field: str, meaning: Query) -> Json:
    last = meaning.words[-1]
    begun = not meaning.finished and len(last) >= MIN_TEXT_BEGUN
    end = _begun(field, last) if begun else _term(field, last)
    return _and([*(_term(field, word) for word in meaning.words[:-1]), end])


def _in_text(query: Query) -> list[Json]:
    last = query.words[-1]
    held = [_term("everything", word) for word in query.words[:-1]]
    whole = _term("everything", last)
    if len(last) >= MIN_TEXT_BEGUN:
        begun = _constant(_begun("everything", last), 0.0)
        held.append({"bool": {"must": [begun], "should": [whole]}})
    else:
        held.append(whole)
    stemmed = [_all_words(f"all_stems_{key}", query) for key in STEMMERS]
    return [
        _raised(Tier.TEXT, _and(held, scored=True)),
        *(_raised(Tier.TEXT_INFLECTED, one) for one in stemmed),
    ]


def _raised(tier: Tier, query: Json) -> Json:
    return {
        "bool": {
            "must": [_constant(query, float(tier))],
            "should": [{"bool": {"must": [query], "boost": RELEVANCE}}],
        }
    }


def _like(field: str, word: str, *, unfinished: bool) -> Json:
    ways = [_constant(_term(field, word), 10.0)]
    if unfinished:
        ways.append(_constant(_begun(field, word), 8.0))
    for distance in range(1, allowed_edits(word) + 1):
        ways.append(_constant(_fuzzy(field, word, distance), 8.0 - 2.0 * distance))
    if unfinished and 3 < len(word) <= MAX_BEGUN:
        ways.append(_constant(_fuzzy(f"{field}.begun", word), 1.0))
    return {"dis_max": {"queries": ways}}


def _fuzzy(field: str, word: str, distance: int | None = None) -> Json:
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


def _term(field: str, word: str) -> Json:
    return {"term": {field: word}}


def _begun(field: str, word: str) -> Json:
    return _term(f"{field}.begun", word[:MAX_BEGUN])


def _begun_if_long(field: str, word: str) -> Json:
    return _begun(field, word) if len(word) >= MIN_PREFIX else _term(field, word)


def _all_words(field: str, query: Query) -> Json:
    return {"match": {field: {"query": query.key, "operator": "and"}}}


def _constant(query: Json, score: float) -> Json:
    return {"constant_score": {"filter": query, "boost": score}}


def _and(queries: Sequence[Json], *, scored: bool = False) -> Json:
    return {"bool": {"must" if scored else "filter": list(queries)}}


def _any(queries: Sequence[Json]) -> Json:
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}
