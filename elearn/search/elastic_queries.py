"""What Elasticsearch is asked for where words are as typed: a query for each tier of the order."""

from elearn.search.documents import STEMMERS
from elearn.search.elastic_clauses import (
    Json,
    all_of,
    any_of,
    begins,
    begins_if_long,
    holds,
    holds_all,
    scoring,
    term,
)
from elearn.search.elastic_mapping import MAX_START
from elearn.search.queries import Query, is_begun_in_text
from elearn.search.tiers import RELEVANCE, Tier


def strict(query: Query) -> Json:
    """Courses that hold every word as typed, the best tier of each as its score."""
    held, last = query.words, query.words[-1]
    title_done = [holds("title", word) for word in held]
    near = [holds("near", word) for word in held]
    tiers: list[tuple[Tier, Json]] = [
        (Tier.EXACT, term("key", query.key)),
        (Tier.EXACT, term("code", query.code)),
        (Tier.TITLE_WORDS, all_of(title_done)),
        (Tier.TITLE_LAST_BEGUN, all_of([*title_done[:-1], begins("title", last)])),
        (Tier.NAMED, all_of(near)),
        (Tier.NAMED_BEGUN, all_of([*near[:-1], begins("near", last)])),
    ]
    if len(query.key) <= MAX_START:
        tiers.append((Tier.START, term("key.start", query.key)))
    if len(query.key) < MAX_START:
        tiers.append((Tier.START_OF_WORDS, term("key.start", query.key + " ")))
    if query.looks_like_code and len(query.code) <= MAX_START:
        tiers.append((Tier.START, term("code.start", query.code)))
    if len(held) > 1:
        begun = [begins_if_long("title", word) for word in held[:-1]]
        tiers.append((Tier.TITLE_PHRASE, {"match_phrase": {"title": query.line}}))
        tiers.append((Tier.TITLE_BEGUN, all_of([*begun, begins("title", last)])))
    elif 1 < len(last) < 7:
        tiers.append((Tier.ACRONYM, term("acronyms", last)))
    stemmed = [holds_all(f"title_stems_{key}", query) for key in STEMMERS]
    tiers.append((Tier.TITLE_INFLECTED, any_of(stemmed)))
    for meaning in query.meanings:
        tiers.append((Tier.SYNONYM_TITLE, _meant("title", meaning)))
        tiers.append((Tier.SYNONYM, _meant("everything", meaning)))
    scored = [scoring(found, float(tier)) for tier, found in tiers]
    return {"dis_max": {"queries": [*scored, *_in_text(query)]}}


def _meant(field: str, meaning: Query) -> Json:
    last = meaning.words[-1]
    begun = not meaning.finished and is_begun_in_text(last)
    end = begins(field, last) if begun else term(field, last)
    return all_of([*(holds(field, word) for word in meaning.words[:-1]), end])


def _in_text(query: Query) -> list[Json]:
    last = query.words[-1]
    held = [holds("everything", word) for word in query.words[:-1]]
    whole = term("everything", last)
    if is_begun_in_text(last):
        begun = scoring(begins("everything", last), 0.0)
        held.append({"bool": {"must": [begun], "should": [whole]}})
    else:
        held.append(whole)
    stemmed = [holds_all(f"all_stems_{key}", query) for key in STEMMERS]
    return [
        _raised(Tier.TEXT, all_of(held, scored=True)),
        *(_raised(Tier.TEXT_INFLECTED, one) for one in stemmed),
    ]


def _raised(tier: Tier, query: Json) -> Json:
    return {
        "bool": {
            "must": [scoring(query, float(tier))],
            "should": [{"bool": {"must": [query], "boost": RELEVANCE}}],
        }
    }
