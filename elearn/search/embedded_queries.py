"""Queries of the embedded index: words become terms, there is no syntax to escape."""

from collections.abc import Callable, Iterable, Sequence

import tantivy
from tantivy import Occur
from tantivy import Query as Engine

from elearn.search.backend import MAX_FILTER_VALUES, Filters
from elearn.search.documents import STEMMERS, this_minute
from elearn.search.embedded_schema import MAX_START, NEVER, stems
from elearn.search.queries import Query, allowed_edits, is_beginning, is_begun_in_text
from elearn.search.tiers import RELEVANCE, Tier
from elearn.search.words import is_letter

FACETS = ("subject", "level", "language", "teacher")

Known = Callable[[str, str], bool]
"""Whether a field of some course holds a word."""


class Queries:
    """Builds queries for one schema."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def strict(self, query: Query) -> Engine:
        """Courses that hold every word as typed, the best tier of each as its score."""
        held, last = query.words, query.words[-1]
        title_done, near = self._terms("title", held), self._terms("near", held)
        tiers = [
            (Tier.EXACT, self._term("key", query.key)),
            (Tier.EXACT, self._term("code", query.code)),
            (Tier.TITLE_WORDS, all_of(title_done)),
            (Tier.TITLE_LAST_BEGUN, all_of([*title_done[:-1], self._begun("title", last)])),
            (Tier.NAMED, all_of(near)),
            (Tier.NAMED_BEGUN, all_of([*near[:-1], self._begun("near", last)])),
        ]
        if len(query.key) <= MAX_START:
            tiers.append((Tier.START, self._term("starts", query.key)))
        if len(query.key) < MAX_START:
            tiers.append((Tier.START_OF_WORDS, self._term("starts", query.key + " ")))
        if query.looks_like_code:
            tiers.append((Tier.START, self._term("code_starts", query.code)))
        if len(held) > 1:
            phrase = Engine.phrase_query(self._schema, "title", list(held))
            begun = [self._begun_if_long("title", word) for word in held[:-1]]
            tiers.append((Tier.TITLE_PHRASE, phrase))
            tiers.append((Tier.TITLE_BEGUN, all_of([*begun, self._begun("title", last)])))
        elif 1 < len(last) < 7:
            tiers.append((Tier.ACRONYM, self._term("acronyms", last)))
        for stemmed in stem_forms(query):
            tiers.append((Tier.TITLE_INFLECTED, all_of(self._terms("title_stems", stemmed))))
        for meaning in query.meanings:
            tiers.append((Tier.SYNONYM_TITLE, self._meant("title", meaning)))
            tiers.append((Tier.SYNONYM, self._meant("everything", meaning)))
        scored = [Engine.const_score_query(found, float(tier)) for tier, found in tiers]
        return Engine.disjunction_max_query([*scored, *self._in_text(query)])

    def misspelt(self, query: Query, known: Known, *, field: str, least: int) -> Engine:
        """Courses that hold at least `least` of the words, each perhaps misspelt, or (looking for
        all of them) whose whole title begins much like the query, divided as it may be."""
        last = len(query.words) - 1
        strange = {word for word in query.words if not is_letter(word) and not known(field, word)}
        # Where a word is strange that is the misspelt one, and the others mean what they say.
        found = [
            self._like(field, word, at == last, self._distance(word, strange))
            for at, word in enumerate(query.words)
        ]
        by_word = Engine.boolean_query(
            [(Occur.Should, one) for one in found], minimum_number_should_match=least
        )
        distance = allowed_edits(query.key)
        if not distance or field != "near" or least < len(found):
            return by_word
        whole, begun = (
            Engine.fuzzy_term_query(self._schema, "key", query.key, distance, True, prefix)
            for prefix in (False, True)
        )
        scores = [(whole, 40.0), (begun, 20.0)] if len(query.key) > 3 else [(whole, 40.0)]
        return any_of([by_word, *(Engine.const_score_query(way, score) for way, score in scores)])

    def filtered(self, query: Engine, filters: Filters, *, without: str = "") -> Engine:
        """`query` narrowed by `filters`, but for the field `without`."""
        clauses = [(Occur.Must, query)]
        for name in FACETS:
            values = getattr(filters, name)[:MAX_FILTER_VALUES]
            if values and name != without:
                terms = Engine.term_set_query(self._schema, name, list(values))
                clauses.append((Occur.Must, Engine.const_score_query(terms, 0.0)))
        if filters.open and without != "open":
            clauses.append((Occur.Must, Engine.const_score_query(self._open_now(), 0.0)))
        if filters.not_ids:
            ids = Engine.term_set_query(self._schema, "id", list(filters.not_ids))
            clauses.append((Occur.MustNot, ids))
        return query if len(clauses) == 1 else Engine.boolean_query(clauses)

    def opening(self, query: Engine, *, before: int | None = None, since: int = 0) -> Engine:
        """`query` narrowed by the opening time, which courses without one have at its end."""
        times = self._between("opens_order", since, before)
        return all_of([query, Engine.const_score_query(times, 0.0)])

    def open_now(self, query: Engine) -> Engine:
        return all_of([query, self._open_now()])

    def _open_now(self) -> Engine:
        now = this_minute()
        return Engine.boolean_query(
            [
                (Occur.Must, Engine.term_query(self._schema, "open", True)),
                (Occur.MustNot, self._between("opens_order", now + 1, NEVER)),
                (Occur.MustNot, self._between("closes_order", 0, now + 1)),
            ]
        )

    def _between(self, field: str, since: int, before: int | None) -> Engine:
        return Engine.range_query(
            self._schema,
            field,
            tantivy.FieldType.Unsigned,
            lower_bound=since,
            upper_bound=before,
            include_upper=before is None,
        )

    def _meant(self, field: str, meaning: Query) -> Engine:
        last = meaning.words[-1]
        begun = not meaning.finished and is_begun_in_text(last)
        end = self._begun(field, last) if begun else self._term(field, last)
        return all_of([*self._terms(field, meaning.words[:-1]), end])

    def _in_text(self, query: Query) -> list[Engine]:
        last = query.words[-1]
        found = self._terms("everything", query.words[:-1])
        if is_begun_in_text(last):
            begun = Engine.const_score_query(self._begun("everything", last), 0.0)
            whole = self._term("everything", last)
            found.append(Engine.boolean_query([(Occur.Must, begun), (Occur.Should, whole)]))
        else:
            found.append(self._term("everything", last))
        tiers = [raised(Tier.TEXT, all_of(found))]
        for stemmed in stem_forms(query):
            inflected = all_of(self._terms("all_stems", stemmed))
            tiers.append(raised(Tier.TEXT_INFLECTED, inflected))
        return tiers

    def _term(self, field: str, word: str) -> Engine:
        return Engine.term_query(self._schema, field, word)

    def _word(self, field: str, word: str) -> Engine:
        return self._begun(field, word) if is_letter(word) else self._term(field, word)

    def _terms(self, field: str, held: Iterable[str]) -> list[Engine]:
        return [self._word(field, word) for word in held]

    def _begun(self, field: str, word: str) -> Engine:
        return Engine.fuzzy_term_query(self._schema, field, word, distance=0, prefix=True)

    def _begun_if_long(self, field: str, word: str) -> Engine:
        return self._begun(field, word) if is_beginning(word) else self._term(field, word)

    def _distance(self, word: str, strange: set[str]) -> int:
        """Each step of distance costs more than all else in a query, and words that the index
        knows are seldom two steps from what was meant."""
        if word in strange:
            return allowed_edits(word)
        return 0 if strange else min(1, allowed_edits(word))

    def _like(self, field: str, word: str, unfinished: bool, distance: int) -> Engine:
        """Scores order the candidates that are looked at closely: same word, begun, misspelt."""
        ways = [Engine.const_score_query(self._word(field, word), 10.0)]
        if unfinished:
            ways.append(Engine.const_score_query(self._begun(field, word), 8.0))
        for edits in range(1, distance + 1):
            whole = Engine.fuzzy_term_query(self._schema, field, word, distance=edits)
            ways.append(Engine.const_score_query(whole, 8.0 - 2.0 * edits))
        if unfinished and len(word) > 3 and distance:
            begun = Engine.fuzzy_term_query(
                self._schema, field, word, distance=distance, prefix=True
            )
            ways.append(Engine.const_score_query(begun, 1.0))
        return ways[0] if len(ways) == 1 else Engine.disjunction_max_query(ways)


def all_of(queries: Sequence[Engine]) -> Engine:
    return (
        queries[0]
        if len(queries) == 1
        else Engine.boolean_query([(Occur.Must, query) for query in queries])
    )


def any_of(queries: Sequence[Engine]) -> Engine:
    return Engine.boolean_query([(Occur.Should, query) for query in queries])


def raised(tier: Tier, query: Engine) -> Engine:
    """The engine's relevance on top of a tier's score."""
    return Engine.boolean_query(
        [
            (Occur.Must, Engine.const_score_query(Engine.all_query(), float(tier))),
            (Occur.Must, Engine.boost_query(query, RELEVANCE)),
        ]
    )


def stem_forms(query: Query) -> list[list[str]]:
    """The query's stems in each language, once where they agree."""
    forms = {tuple(stems(language, query.line)) for language in STEMMERS}
    return [list(form) for form in sorted(forms)]
