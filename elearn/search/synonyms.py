"""What ops say means the same: a file of lines, read again when it changed.

`ml, machine learning` works both ways, `cs => computer science` from left to right alone. What
was typed is always searched too, and its hits come first.
"""

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec

from elearn.errors import ConfigError
from elearn.search.queries import MAX_WORDS, Query, read_query
from elearn.search.words import continues, words

MAX_MEANINGS = 8
"""Other readings of one query; each is searched for."""

LOOK_S = 2.0

_COMMENT = re.compile(r"(?:^|\s)#(?=\s|$)|^\s*#")
"""Not the end of "C#"."""

Words = tuple[str, ...]
logger = logging.getLogger(__name__)


class SynonymRules(msgspec.Struct, frozen=True):
    """`others` by folded words; `errors` name the lines that were left out."""

    others: dict[Words, tuple[Words, ...]] = {}
    lines: int = 0
    errors: tuple[str, ...] = ()


class Synonyms:
    """Reads queries; with a file, by its rules as of the last look."""

    def __init__(self, path: Path | None = None) -> None:
        """`ConfigError` when the file cannot be read. One that goes later leaves its rules."""
        self._path = path
        self._seen: tuple[int, int] | None = None
        self.rules = SynonymRules()
        if path is not None:
            try:
                self._read_if_changed(path)
            except OSError as error:
                raise ConfigError(
                    f"ELEARN_SEARCH_SYNONYMS names no file that can be read: {path}"
                    f" ({error.strerror})"
                ) from error

    def read(self, text: str) -> Query:
        """The query with its other meanings."""
        return with_meanings(read_query(text), self.rules)

    async def follow(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Aside: a disk that is slow holds up no search."""
        while True:
            await pause(LOOK_S)
            await asyncio.to_thread(self.look)

    def look(self) -> None:
        if self._path is None:
            return
        try:
            self._read_if_changed(self._path)
        except OSError as error:
            if self._seen is not None:
                logger.warning("the synonyms stay as they were: %s", error.strerror)
            self._seen = None

    def _read_if_changed(self, path: Path) -> None:
        found = os.stat(path)
        seen = (found.st_mtime_ns, found.st_size)
        if seen == self._seen:
            return
        self.rules = read_rules(path.read_bytes())
        self._seen = seen
        for error in self.rules.errors:
            logger.warning("synonyms: %s", error)


NO_SYNONYMS = Synonyms()


def read_rules(data: bytes) -> SynonymRules:
    others: dict[Words, dict[Words, None]] = {}
    errors, lines = [], 0
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        try:
            text = _COMMENT.split(line.decode("utf-8"))[0].strip()
            if not text:
                continue
            for word, other in _pairs(text):
                others.setdefault(word, {})[other] = None
            lines += 1
        except UnicodeDecodeError:
            errors.append(f"line {number}: is not UTF-8")
        except ValueError as error:
            errors.append(f"line {number}: {error}")
    return SynonymRules({key: tuple(held) for key, held in others.items()}, lines, tuple(errors))


def _pairs(line: str) -> Iterator[tuple[Words, Words]]:
    sides = [[_phrase(part) for part in side.split(",")] for side in line.split("=>")]
    if len(sides) > 2:
        raise ValueError("has more than one =>")
    if len(sides) == 1 and len(sides[0]) < 2:
        raise ValueError("names one thing alone: put a comma or => between two")
    yield from ((one, other) for one in sides[0] for other in sides[-1] if one != other)


def _phrase(text: str) -> Words:
    found = words(text)
    if not found:
        raise ValueError(
            f"has no word in {text.strip()!r}" if text.strip() else "has an empty place"
        )
    if len(found) > MAX_WORDS:
        raise ValueError(f"has more than {MAX_WORDS} words in one place")
    return found


def with_meanings(query: Query, rules: SynonymRules) -> Query:
    if not rules.others:
        return query
    known = [_known_at(query.words, at, rules) for at in range(len(query.words))]
    if not any(known):
        return query
    readings = islice(_readings(query, known, 0), MAX_MEANINGS + 1)
    # A last word that stands for another is whole, whatever is typed next.
    meanings = tuple(
        Query(held, finished=query.finished or held[-1:] != query.words[-1:])
        for held in dict.fromkeys(readings)
        if held != query.words and len(held) <= MAX_WORDS
    )
    return msgspec.structs.replace(query, meanings=meanings[:MAX_MEANINGS])


def _known_at(held: Words, at: int, rules: SynonymRules) -> list[tuple[int, Words]]:
    """Where each rule that fits at this word ends, and what it says instead; longest first. In a
    run without blanks, the pairs that are half of what a rule names go with it."""
    begins = [at, at + 1] if _continue_at(held, at + 1) else [at]
    return [
        (end + _continue_at(held, end), other)
        for begin in begins
        for end in range(len(held), begin, -1)
        for other in rules.others.get(held[begin:end], ())
    ]


def _continue_at(held: Words, at: int) -> bool:
    return at < len(held) and continues(held[at - 1], held[at])


def _readings(
    query: Query, known: Sequence[Sequence[tuple[int, Words]]], at: int
) -> Iterator[Words]:
    if at == len(query.words):
        yield ()
        return
    for end, other in known[at]:
        yield from ((*other, *rest) for rest in _readings(query, known, end))
    yield from ((query.words[at], *rest) for rest in _readings(query, known, at + 1))
