"""What a typed query means, apart from any engine: its words, how close a title comes to it, and
what was probably meant."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from elearn.search.words import compact, is_letter, is_pair, joined, words

MAX_CHARS = 256
MAX_WORDS = 24
TYPO_THRESHOLD = 5
"""Misspelt hits are looked for only when fewer courses than this hold the words as typed."""
MIN_PREFIX = 2
"""A word before the last may be an abbreviation from this length on; shorter ones are words."""
MIN_TEXT_PREFIX = 3
"""Beginnings of words in running text count from this length: shorter ones are everywhere."""


class Query(msgspec.Struct, frozen=True):
    """A query's folded words in order; the last may be unfinished, unless something follows it.
    `meanings` say the same in other words."""

    words: tuple[str, ...]
    finished: bool = False
    meanings: tuple["Query", ...] = ()

    @property
    def key(self) -> str:
        """As the whole of a title is kept."""
        return joined(self.words)

    @property
    def line(self) -> str:
        """For an engine that divides it by its spaces."""
        return " ".join(self.words)

    @property
    def code(self) -> str:
        return compact(self.words)

    @property
    def looks_like_code(self) -> bool:
        return any(char.isdigit() for char in self.code) and self.code[:1].isalpha()


def read_query(text: str) -> Query:
    """The plain words of whatever was typed: no syntax, no control or direction marks."""
    typed = text[: MAX_CHARS * 4].lstrip()[:MAX_CHARS]
    return Query(words(typed)[:MAX_WORDS], finished=typed[-1:].isspace())


@lru_cache(maxsize=8_192)
def title_words(title: str) -> tuple[str, ...]:
    """As `words`, for titles: the same ones are found again and again."""
    return words(title)


def allowed_edits(word: str) -> int:
    """As Elasticsearch's AUTO: none below three letters, one up to five, then two. In a script
    without blanks another letter makes another word, but for a part of a Hangul syllable."""
    if is_pair(word):
        return int("\u1100" <= word[0] <= "\u115e" and len(word) > 3)
    return 0 if len(word) < 3 else 1 if len(word) < 6 else 2


def is_beginning(word: str) -> bool:
    """Whether words that begin so are meant too where it is not the last one of a query: letters
    of a script without blanks begin pairs."""
    return len(word) >= MIN_PREFIX or is_letter(word)


def is_begun_in_text(word: str) -> bool:
    """Whether words of running text that begin so are found."""
    return len(word) >= MIN_TEXT_PREFIX or is_pair(word)


def edits(typed: str, word: str) -> tuple[int, int]:
    """Edits from `typed` to `word` and to the nearest beginning of it; a swap counts as one."""
    older: list[int] = []
    row = list(range(len(word) + 1))
    for i, char in enumerate(typed, 1):
        before, older, row = older, row, [i]
        for j, other in enumerate(word, 1):
            cost = older[j - 1] + (char != other)
            if older[j] < cost:
                cost = older[j] + 1
            if row[j - 1] < cost:
                cost = row[j - 1] + 1
            if i > 1 and j > 1 and char == word[j - 2] and typed[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
    return row[-1], min(row)


@lru_cache(maxsize=65_536)
def likeness(typed: str, word: str, *, unfinished: bool) -> float:
    """1 for the same word, above 0.9 for a beginning of it, less by edits, 0 for another word."""
    if typed == word:
        return 1.0
    if word.startswith(typed) and (unfinished or is_beginning(typed)):
        return 0.9 + 0.09 * len(typed) / len(word)
    allowed = allowed_edits(typed)
    length = len(word) - len(typed)
    if not allowed or length < -allowed or (length > allowed and not unfinished):
        return 0.0
    whole, beginning = edits(typed, word)
    if whole <= allowed:
        return 0.85 - 0.5 * whole / len(typed)
    if unfinished and beginning <= allowed and len(typed) > 3:
        return 0.75 - 0.5 * beginning / len(typed)
    return 0.0


def best_match(query: Query, at: int, title: Sequence[str]) -> tuple[float, int]:
    """How well the title holds the query's word number `at`, and in which of its words."""
    typed, last = query.words[at], at == len(query.words) - 1
    best, place = 0.0, -1
    for i, word in enumerate(title):
        like = likeness(typed, word, unfinished=last)
        if like > best:
            best, place = like, i
            if like == 1.0:
                break
    return best, place


def closeness(query: Query, title: Sequence[str]) -> float:
    """How near a misspelt query comes to a title; what the title says beyond it counts a little."""
    if not query.words or not title:
        return 0.0
    matches = [best_match(query, at, title) for at in range(len(query.words))]
    held = sum(like for like, _ in matches) / len(matches)
    extra = len(title) - len({place for _, place in matches if place >= 0})
    opening = 0.02 if matches[0][1] == 0 else 0.0
    return round(held + opening - 0.1 * extra / (len(title) + 4), 4)


def fewest_words(count: int) -> int:
    """How many of a query's words the nearest courses must hold when none holds all."""
    return max(1, -(-count * 3 // 5))


def did_you_mean(query: Query, title: str) -> str | None:
    """The query with its misspelt words as the best title spells them; None if none differs."""
    held = title_words(title)
    meant = []
    for at, typed in enumerate(query.words):
        like, place = best_match(query, at, held)
        meant.append(held[place] if 0.0 < like < 0.9 else typed)
    return written(meant) if tuple(meant) != query.words else None


def written(held: Sequence[str]) -> str:
    """Words as people write them."""
    return unicodedata.normalize("NFC", joined(held))
