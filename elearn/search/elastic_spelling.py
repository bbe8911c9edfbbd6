"""What is asked of Elasticsearch where words are misspelt: courses near them, and better words."""

from collections.abc import Sequence

from elearn.search.elastic_clauses import (
    Json,
    any_of,
    begins,
    fuzzy,
    holds,
    narrowed,
    none_of,
    scoring,
)
from elearn.search.elastic_mapping import MAX_BEGUN
from elearn.search.finder import Spellings
from elearn.search.queries import Query, allowed_edits, edits

MAX_SPELLINGS = 10
MAX_DIVIDED = 24
"""Longer queries are looked for by their words alone: the engine's work on one fuzzy term grows
with its length, to more than that of all the words."""


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
        ways = [found, scoring(fuzzy("key", query.key), 40.0)]
        if len(query.key) > 3:
            ways.append(scoring(fuzzy("key.start", query.key), 20.0))
        found = any_of(ways)
    if not_ids:
        found = narrowed(found, [none_of(not_ids)])
    return found


def _like(field: str, word: str, unfinished: bool, edits: int) -> Json:
    ways = [scoring(holds(field, word), 10.0)]
    for distance in range(1, edits + 1):
        ways.append(scoring(fuzzy(field, word, distance), 8.0 - 2.0 * distance))
    return {"dis_max": {"queries": [*ways, *(_beginnings(field, word) if unfinished else ())]}}


def _spelt(field: str, word: str, unfinished: bool, spellings: Spellings) -> Json:
    """Where some words are strange, those are the misspelt ones: the others mean what they say."""
    ways = [scoring(holds(field, word), 10.0)]
    for distance in range(1, allowed_edits(word) + 1):
        others = [one for one in spellings.get(word, ()) if edits(word, one)[0] == distance]
        if others:
            ways.append(scoring({"terms": {field: others}}, 8.0 - 2.0 * distance))
    return {"dis_max": {"queries": [*ways, *(_beginnings(field, word) if unfinished else ())]}}


def _beginnings(field: str, word: str) -> list[Json]:
    ways = [scoring(begins(field, word), 8.0)]
    if 3 < len(word) <= MAX_BEGUN:
        ways.append(scoring(fuzzy(f"{field}.begun", word), 1.0))
    return ways
