"""What a word is, in every script, for what is typed and for what is indexed.

A run of a script that is written without blanks between words is taken as each two neighbouring
letters of it: what is typed may be any part of the run, and no dictionary says where words end.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby, pairwise
from typing import NamedTuple

MAX_WORD_CHARS = 64
LONGEST_FOLDED = 4 * MAX_WORD_CHARS
"""To fold takes time that grows with the square of a word's marks."""


def _marks() -> str:
    """The combining marks of every script, as ranges of a character class."""
    codes = (code for code in range(0x300, 0x1F000) if unicodedata.category(chr(code))[0] == "M")
    runs = groupby(enumerate(codes), lambda placed: placed[1] - placed[0])
    ranges = ([code for _, code in run] for _, run in runs)
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in ranges)


_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_INVISIBLE = (
    "\0\u00ad\u034f\u115f\u1160\u200b-\u200f\u202a-\u202e\u2060-\u2069\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\U000e0100-\U000e01ef"
)
_INSIDE = "'\u2019\u02bc" + _INVISIBLE
_MARKS = _marks()
# With marks, what else is written after the letter it belongs to: vowels of Thai and Lao, parts of
# Hangul syllables, voicings of half-width kana.
_ATTACHED = _MARKS + "\u0e33\u0eb3\u1160-\u11ff\ud7b0-\ud7ff\uff9e\uff9f\U000e0100-\U000e01ef"
_UNSPACED = "".join(
    (
        "\u0e00-\u0eff",  # Thai, Lao
        "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f",  # Myanmar
        "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff\uffa0-\uffdc",  # Hangul
        "\u1780-\u17ff",  # Khmer
        "\u1950-\u19df\u1a20-\u1aaf\uaa80-\uaadf",  # Tai
        "\u1b00-\u1b7f\ua980-\ua9df",  # Balinese, Javanese
        "\u2e80-\u2fdf\u3005-\u3007\u3021-\u302f\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff",  # Han
        "\uf900-\ufaff\U00020000-\U0003ffff",
        "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f\U0001b000-\U0001b16f",  # kana
        "\u3100-\u312f\u31a0-\u31bf",  # Bopomofo
        "\ua000-\ua4cf",  # Yi
    )
)
"""Hangul is among them: it has blanks, but people write compounds with and without."""

_SPACED_LETTER = rf"[^\W_{_UNSPACED}]"
_LETTER = (
    rf"(?=[{_UNSPACED}])[^\W_{_ATTACHED}]"
    rf"(?:[{_ATTACHED}]|[{_INSIDE}](?=[{_ATTACHED}{_UNSPACED}]))*"
)
_UNIT = re.compile(
    rf"{_SPACED_LETTER}(?:{_SPACED_LETTER}|[{_MARKS}]|[{_INSIDE}](?={_SPACED_LETTER}|[{_MARKS}]))*"
    rf"(?:\+\+|#)?|((?:{_LETTER})+)"
)
_ASCII_WORD = re.compile(r"[^\W_](?:[^\W_]|['\0](?=[^\W_]))*(?:\+\+|#)?")
_ONE_LETTER = re.compile(_LETTER)
_PAIR = re.compile(rf"(?:{_LETTER}){{1,2}}")
_ATTACHED_ONE = re.compile(rf"[{_ATTACHED}]")
_BETWEEN = re.compile(r"[\s\u00b7\u2027\u30fb]*")
"""What divides runs for the eye alone: who types them may leave it out."""
_DROPPED = re.compile(rf"[{_INSIDE}]")
_KEPT_MARKS = (8, 84, 91, 103, 118, 129, 130, 132)
"""Combining classes of voicings and vowels: without them it is another letter, not an accent."""
_NOT_SEEN = ("Cc", "Cf", "Zs")
"""A sign that stands for a phrase has blanks in it when it is taken apart: it is one word."""
_WHOLE = (("\u0e4d\u0e32", "\u0e33"), ("\u0ecd\u0eb2", "\u0eb3"))
_SMALL_WORDS = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with")
)


class Piece(NamedTuple):
    """A part of a text that is one term: where it stands, and folded."""

    start: int
    end: int
    folded: str


def fold(text: str) -> str:
    """Without case, accents, apostrophes and invisible characters."""
    if text.isascii():
        return text.lower().replace("'", "").replace("\0", "")
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = _DROPPED.sub("", apart.translate(_UNDECOMPOSED))
    folded = "".join(char for char in plain if _counts(char))
    for parts, whole in _WHOLE:
        folded = folded.replace(parts, whole)
    # A voiced kana is one letter, which does not begin with the plain one.
    voiced = "\u3099" in folded or "\u309a" in folded
    return unicodedata.normalize("NFC", folded) if voiced else folded


@lru_cache(maxsize=8_192)
def _counts(char: str) -> bool:
    accent = unicodedata.combining(char)
    return (not accent or accent in _KEPT_MARKS) and unicodedata.category(char) not in _NOT_SEEN


_fold_letter = lru_cache(maxsize=16_384)(fold)


def words(text: str) -> tuple[str, ...]:
    """As they are typed: a run without blanks as its pairs of letters, or as its one letter."""
    if text.isascii():
        return tuple(fold(word)[:MAX_WORD_CHARS] for word in _ASCII_WORD.findall(text))
    found: list[str] = []
    for run, parts in _units(text):
        pairs = _pairs(parts) if run else ()
        found += [piece.folded for piece in pairs or parts]
    return tuple(found)


def terms(text: str) -> tuple[str, ...]:
    """As they are indexed: whatever `words` may make of a part of the text."""
    return words(text) if text.isascii() else tuple(piece.folded for piece in pieces(text))


def pieces(text: str) -> list[Piece]:
    """The terms of a text and their places. Runs that only blanks divide are one run here, and its
    last letter stands for itself too: after all others, so that neighbours stay side by side."""
    found: list[Piece] = []
    last: list[Piece] = []
    for run in _joined(text):
        pairs = _pairs(run)
        found += pairs or run
        if pairs:
            last.append(run[-1])
    return [*found, *last]


def is_pair(word: str) -> bool:
    """Whether it is of a script without blanks: two letters, or one."""
    return not word.isascii() and _PAIR.fullmatch(word) is not None


def is_letter(word: str) -> bool:
    """Whether it is one letter of a script without blanks: the beginning of any pair."""
    return not word.isascii() and _ONE_LETTER.fullmatch(word) is not None


def is_attached(char: str) -> bool:
    """Whether it belongs to the letter before it."""
    return not char.isascii() and _ATTACHED_ONE.match(char) is not None


def joined(held: Iterable[str]) -> str:
    """Words as one text again, a space apart, with the pairs of a run put together."""
    parts: list[str] = []
    before = ""
    for word in held:
        if continues(before, word):
            parts[-1] += _ONE_LETTER.findall(word)[1]
        else:
            parts.append(word)
        before = word
    return " ".join(parts)


def continues(before: str, word: str) -> bool:
    """Whether these are pairs that share a letter, as two in a run do."""
    if not (is_pair(before) and is_pair(word)):
        return False
    one, other = _ONE_LETTER.findall(before), _ONE_LETTER.findall(word)
    return len(one) == len(other) == 2 and one[1] == other[0]


def compact(parts: Iterable[str]) -> str:
    """One form for "CS 101", "cs-101" and "cs101"."""
    return joined(parts).replace(" ", "")


def initials(title: Iterable[str]) -> tuple[str, ...]:
    """The acronyms people make of a title: of all its words, and of the weighty ones."""
    spaced = [word for word in title if not is_pair(word)]
    weighty = [word for word in spaced if word not in _SMALL_WORDS]
    made = ("".join(word[0] for word in chosen) for chosen in (spaced, weighty) if len(chosen) > 1)
    return tuple(dict.fromkeys(made))


def _units(text: str) -> Iterator[tuple[bool, list[Piece]]]:
    """Each word, and the letters of each run without blanks, which `True` tells from a word."""
    for match in _UNIT.finditer(text):
        if match[1] is None:
            folded = fold(match[0][:LONGEST_FOLDED])[:MAX_WORD_CHARS]
            parts = [Piece(match.start(), match.end(), folded)]
        else:
            letters = _ONE_LETTER.finditer(text, *match.span())
            parts = [
                Piece(one.start(), one.end(), _fold_letter(one[0][:LONGEST_FOLDED]))
                for one in letters
            ]
        if parts := [part for part in parts if part.folded]:
            yield match[1] is not None, parts


def _joined(text: str) -> Iterator[list[Piece]]:
    """As `_units`, with the letters of runs together that only blanks divide."""
    before: list[Piece] = []
    for run, parts in _units(text):
        if run and before and _BETWEEN.fullmatch(text, before[-1].end, parts[0].start):
            before += parts
            continue
        if before:
            yield before
        before = parts if run else []
        if not run:
            yield parts
    if before:
        yield before


def _pairs(letters: list[Piece]) -> list[Piece]:
    return [
        Piece(one.start, other.end, one.folded + other.folded) for one, other in pairwise(letters)
    ]
