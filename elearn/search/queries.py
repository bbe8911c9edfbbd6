"""What a typed query means, apart from any engine: its words, how close a title comes to it,
which parts of a title to mark, and what was probably meant."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from html import escape

import msgspec

MAX_CHARS = 256
MAX_WORDS = 24
MAX_WORD_CHARS = 64
TYPO_THRESHOLD = 5
"""Misspelt hits are looked for only when fewer courses than this hold the words as typed."""
MIN_PREFIX = 2
"""A word before the last may be an abbreviation from this length on; shorter ones are words."""

_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_MARKS = "\u0300-\u036f"
_INSIDE = "'\u2019\u02bc\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_WORD = re.compile(
    rf"[^\W_](?:[^\W_]|[{_MARKS}{_INSIDE}](?=[^\W_{_MARKS}]|[{_MARKS}]))*(?:\+\+|#)?"
)
_JOINED = re.compile(rf"[{_MARKS}{_INSIDE}]")
_SMALL_WORDS = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with")
)


class Query(msgspec.Struct, frozen=True):
    """A query's folded words in order; the last may be unfinished, unless something follows it.
    `meanings` say the same in other words."""

    words: tuple[str, ...]
    finished: bool = False
    meanings: tuple["Query", ...] = ()

    @property
    def key(self) -> str:
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


def fold(text: str) -> str:
    """Without case, accents, apostrophes and invisible characters."""
    if text.isascii():
        return text.lower().replace("'", "")
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_UNDECOMPOSED)
    return "".join(
        char
        for char in _JOINED.sub("", plain)
        if not unicodedata.combining(char) and unicodedata.category(char) not in ("Cc", "Cf")
    )


def words(text: str) -> tuple[str, ...]:
    folded = (fold(match[0])[:MAX_WORD_CHARS] for match in _WORD.finditer(text.replace("\0", "")))
    return tuple(word for word in folded if word)


@lru_cache(maxsize=8_192)
def title_words(title: str) -> tuple[str, ...]:
    """As `words`, for titles: the same ones are found again and again."""
    return words(title)


def compact(parts: Iterable[str]) -> str:
    """One form for "CS 101", "cs-101" and "cs101"."""
    return "".join(parts)


def initials(title: Sequence[str]) -> tuple[str, ...]:
    """The acronyms people make of a title: of all its words, and of the weighty ones."""
    weighty = [word for word in title if word not in _SMALL_WORDS]
    made = ("".join(word[0] for word in chosen) for chosen in (title, weighty) if len(chosen) > 1)
    return tuple(dict.fromkeys(made))


def allowed_edits(word: str) -> int:
    """As Elasticsearch's AUTO: none below three letters, one up to five, then two."""
    return 0 if len(word) < 3 else 1 if len(word) < 6 else 2


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
    if word.startswith(typed) and (unfinished or len(typed) >= MIN_PREFIX):
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
    return " ".join(meant) if tuple(meant) != query.words else None


def mark(title: str, query: Query) -> str:
    """The title as HTML, what the query matched in `<mark>`: the typed beginning of a word, or
    the whole of a word that was misspelt, inflected or stands for another."""
    found = _pieces(title)
    held = [folded for _, _, folded in found]
    ends: dict[int, int] = {}
    for at, typed in enumerate(query.words):
        for place, length in _marked(query, at, typed, held):
            whole = length >= len(held[place])
            text = found[place][1]
            end = len(text) if whole else _original_length(text, length)
            ends[place] = max(ends.get(place, 0), end)
    for place in _meant(query, held):
        ends.setdefault(place, len(found[place][1]))
    html, done = [], 0
    for place in sorted(ends):
        start = found[place][0]
        html += [escape(title[done:start]), "<mark>"]
        done = start + ends[place]
        html += [escape(title[start:done]), "</mark>"]
    return "".join((*html, escape(title[done:])))


@lru_cache(maxsize=8_192)
def _pieces(title: str) -> list[tuple[int, str, str]]:
    """Each word of a title: where it begins, as it is written, and folded."""
    found = ((match.start(), match[0], fold(match[0])) for match in _WORD.finditer(title))
    return [piece for piece in found if piece[2]]


def _marked(query: Query, at: int, typed: str, held: Sequence[str]) -> list[tuple[int, int]]:
    same = [i for i, word in enumerate(held) if word == typed]
    if same:
        return [(i, len(typed)) for i in same]
    last = at == len(query.words) - 1
    if last or len(typed) >= MIN_PREFIX:
        begun = [i for i, word in enumerate(held) if word.startswith(typed)]
        if begun:
            return [(i, len(typed)) for i in begun]
    like, place = best_match(query, at, held)
    if like > 0.0:
        return [(i, len(word)) for i, word in enumerate(held) if word == held[place]]
    return [(i, len(word)) for i, word in enumerate(held) if _same_root(typed, word)]


def _meant(query: Query, held: Sequence[str]) -> Iterator[int]:
    """Places of a title's words that a synonym stands for."""
    for meaning in query.meanings:
        others = set(meaning.words).difference(query.words)
        yield from (i for i, word in enumerate(held) if word in others)


def _same_root(typed: str, word: str) -> bool:
    shared = 0
    for one, other in zip(typed, word, strict=False):
        if one != other:
            break
        shared += 1
    return shared >= 4 and max(len(typed), len(word)) - shared <= 4


def _original_length(word: str, folded: int) -> int:
    """How many characters of `word` make its first `folded` folded ones, accents included."""
    if word.isascii() and "'" not in word:
        return folded
    end = next(n for n in range(1, len(word) + 1) if len(fold(word[:n])) >= folded)
    while end < len(word) and not fold(word[end]):
        end += 1
    return end
