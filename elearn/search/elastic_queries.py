"""Request bodies for Elasticsearch: pure, and with the typed text in them only as data. There is
no `query_string` here, so there is nothing to escape."""

from collections.abc import Sequence
from typing import Any

from elearn.search.backend import MAX_FILTER_VALUES, Filters, Sort
from elearn.search.documents import STEMMERS, start_of_day, this_minute
from elearn.search.elastic_mapping import MAX_BEGUN, MAX_START
from elearn.search.finder import MAX_FACET_VALUES, Spellings
from elearn.search.queries import (
    MIN_TEXT_PREFIX,
    Query,
    allowed_edits,
    edits,
    is_beginning,
    is_begun_in_text,
)
from elearn.search.tiers import RELEVANCE, Tier
from elearn.search.words import is_letter

SEARCH_TIMEOUT = "800ms"
FACETS = ("subject", "level", "language", "teacher")
MAX_EXPANSIONS = 50
MAX_SPELLINGS = 10
MAX_DIVIDED = 24
"""Longer queries are looked for by their words alone: the engine's work on one fuzzy term grows
with its length, to more than that of all the words."""

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
        # A stored document would be unpacked, its description and all, for each hit.
        "_source": False,
        "stored_fields": "_none_",
        "docvalue_fields": ["id", "shown", "enrolled"],
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
    counted["open"] = {"filter": _and([*filter_clauses(filters, without="open"), _open_now()])}
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
        clauses.append(_without(filters.not_ids))
    return clauses


def _open_now() -> Json:
    now = this_minute()
    early, late = {"range": {"opens_at": {"gt": now}}}, {"range": {"closes_at": {"lte": now}}}
    return {"bool": {"filter": [{"term": {"open": True}}], "must_not": [early, late]}}


def narrowed(match: Json, clauses: Sequence[Json]) -> Json:
    return {"bool": {"must": [match], "filter": list(clauses)}} if clauses else match


def strict(query: Query) -> Json:
    """Courses that hold every word as typed, the best tier of each as its score."""
    held, last = query.words, query.words[-1]
    title_done = [_word("title", word) for word in held]
    near = [_word("near", word) for word in held]
    tiers: list[tuple[Tier, Json]] = [
        (Tier.EXACT, _term("key", query.key)),
        (Tier.EXACT, _term("code", query.code)),
        (Tier.TITLE_WORDS, _and(title_done)),
        (Tier.TITLE_LAST_BEGUN, _and([*title_done[:-1], _begun("title", last)])),
        (Tier.NAMED, _and(near)),
        (Tier.NAMED_BEGUN, _and([*near[:-1], _begun("near", last)])),
    ]
    if len(query.key) <= MAX_START:
        tiers.append((Tier.START, _term("key.start", query.key)))
    if len(query.key) < MAX_START:
        tiers.append((Tier.START_OF_WORDS, _term("key.start", query.key + " ")))
    if query.looks_like_code and len(query.code) <= MAX_START:
        tiers.append((Tier.START, _term("code.start", query.code)))
    if len(held) > 1:
        begun = [_begun_if_long("title", word) for word in held[:-1]]
        tiers.append((Tier.TITLE_PHRASE, {"match_phrase": {"title": query.line}}))
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


def speller(query: Query) -> Json:
    """What the engine would write instead of words that no title or name holds."""
    terms = {
        "field": "near",
        "suggest_mode": "missing",
        "min_word_length": 3,
        "size": MAX_SPELLINGS,
        "sort": "score",
    }
    return {"text": query.line, "spellings": {"term": terms}}


def misspelt(
    query: Query,
    *,
    field: str,
    least: int,
    not_ids: Sequence[str],
    spellings: Spellings,
) -> Json:
    """Courses that hold at least `least` of the words, each perhaps misspelt, or (looking for
    all of them) whose whole title begins much like the query, divided as it may be."""
    placed, last = list(enumerate(query.words)), len(query.words) - 1
    if field != "near":
        likes = [_like(field, word, at == last, allowed_edits(word)) for at, word in placed]
    elif spellings:
        likes = [_spelt(field, word, at == last, spellings) for at, word in placed]
    else:
        # Every word is known, so what was meant is near, or the last one is not finished.
        near = [min(1, allowed_edits(word)) for word in query.words]
        likes = [_like(field, word, at == last, near[at]) for at, word in placed]
    found: Json = {"bool": {"should": likes, "minimum_should_match": least}}
    short = len(query.key) <= MAX_DIVIDED and allowed_edits(query.key)
    if field == "near" and least == len(likes) and short:
        ways = [found, _constant(_fuzzy("key", query.key), 40.0)]
        if len(query.key) > 3:
            ways.append(_constant(_fuzzy("key.start", query.key), 20.0))
        found = _any(ways)
    if not_ids:
        found = narrowed(found, [_without(not_ids)])
    return found


def either(one: Json, other: Json) -> Json:
    return _any([one, other])


def _meant(field: str, meaning: Query) -> Json:
    last = meaning.words[-1]
    begun = not meaning.finished and is_begun_in_text(last)
    end = _begun(field, last) if begun else _term(field, last)
    return _and([*(_word(field, word) for word in meaning.words[:-1]), end])


def _in_text(query: Query) -> list[Json]:
    last = query.words[-1]
    held = [_word("everything", word) for word in query.words[:-1]]
    whole = _term("everything", last)
    if is_begun_in_text(last):
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


def _like(field: str, word: str, unfinished: bool, edits: int) -> Json:
    ways = [_constant(_word(field, word), 10.0)]
    for distance in range(1, edits + 1):
        ways.append(_constant(_fuzzy(field, word, distance), 8.0 - 2.0 * distance))
    return {"dis_max": {"queries": [*ways, *(_beginnings(field, word) if unfinished else ())]}}


def _spelt(field: str, word: str, unfinished: bool, spellings: Spellings) -> Json:
    """Where some words are strange, those are the misspelt ones: the others mean what they say."""
    ways = [_constant(_word(field, word), 10.0)]
    for distance in range(1, allowed_edits(word) + 1):
        others = [one for one in spellings.get(word, ()) if edits(word, one)[0] == distance]
        if others:
            ways.append(_constant({"terms": {field: others}}, 8.0 - 2.0 * distance))
    return {"dis_max": {"queries": [*ways, *(_beginnings(field, word) if unfinished else ())]}}


def _beginnings(field: str, word: str) -> list[Json]:
    ways = [_constant(_begun(field, word), 8.0)]
    if 3 < len(word) <= MAX_BEGUN:
        ways.append(_constant(_fuzzy(f"{field}.begun", word), 1.0))
    return ways


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


def _without(ids: Sequence[str]) -> Json:
    return {"bool": {"must_not": [{"terms": {"id": list(ids)}}]}}


def _term(field: str, word: str) -> Json:
    return {"term": {field: word}}


def _word(field: str, word: str) -> Json:
    return _begun(field, word) if is_letter(word) else _term(field, word)


def _begun(field: str, word: str) -> Json:
    if field == "everything" and len(word) < MIN_TEXT_PREFIX:
        return {"prefix": {field: word}}
    return _term(f"{field}.begun", word[:MAX_BEGUN])


def _begun_if_long(field: str, word: str) -> Json:
    return _begun(field, word) if is_beginning(word) else _term(field, word)


def _all_words(field: str, query: Query) -> Json:
    return {"match": {field: {"query": query.line, "operator": "and"}}}


def _constant(query: Json, score: float) -> Json:
    return {"constant_score": {"filter": query, "boost": score}}


def _and(queries: Sequence[Json], *, scored: bool = False) -> Json:
    return {"bool": {"must" if scored else "filter": list(queries)}}


def _any(queries: Sequence[Json]) -> Json:
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}
