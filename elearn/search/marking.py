"""Which parts of a title a query matched, shown as HTML."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape

from elearn.search.queries import Query, best_match, is_beginning
from elearn.search.words import Piece, fold, is_attached, is_letter, is_pair, pieces


def mark(title: str, query: Query) -> str:
    """The title as HTML, what the query matched in `<mark>`: the typed beginning of a word, or
    the whole of a word that was misspelt, inflected or stands for another."""
    html, done = [], 0
    for start, end in _spans(title, query):
        html += [escape(title[done:start]), "<mark>", escape(title[start:end]), "</mark>"]
        done = end
    return "".join((*html, escape(title[done:])))


def _spans(title: str, query: Query) -> list[tuple[int, int]]:
    """Where the marks begin and end: those that meet are one."""
    found = _pieces(title)
    held = [piece.folded for piece in found]
    marked = [(place, len(held[place])) for place in _meant(query, held)]
    for at in range(len(query.words)):
        marked += _marked(query, at, held)
    ends = ((found[place].start, _end(title, found[place], length)) for place, length in marked)
    spans: list[tuple[int, int]] = []
    for start, end in sorted(ends):
        if spans and start <= spans[-1][1]:
            begun, before = spans.pop()
            spans.append((begun, max(before, end)))
        else:
            spans.append((start, end))
    return spans


@lru_cache(maxsize=8_192)
def _pieces(title: str) -> list[Piece]:
    return pieces(title)


def _marked(query: Query, at: int, held: Sequence[str]) -> list[tuple[int, int]]:
    """Places in the title of the query's word number `at`, and how much of the word there it is."""
    typed, last = query.words[at], at == len(query.words) - 1
    same = [i for i, word in enumerate(held) if word == typed]
    if same and not is_letter(typed):
        return [(i, len(typed)) for i in same]
    if last or is_beginning(typed):
        begun = [i for i, word in enumerate(held) if word.startswith(typed)]
        if begun:
            return [(i, len(typed)) for i in begun]
    like, place = best_match(query, at, held)
    if like > 0.0:
        return [(i, len(word)) for i, word in enumerate(held) if word == held[place]]
    if is_pair(typed):
        return []
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


def _end(title: str, piece: Piece, folded: int) -> int:
    """Where the first `folded` characters of the folded piece end as it is written, with what
    belongs to the last letter."""
    if folded >= len(piece.folded):
        return piece.end
    text = title[piece.start : piece.end]
    end = next(n for n in range(1, len(text) + 1) if len(fold(text[:n])) >= folded)
    while end < len(text) and (is_attached(text[end]) or not fold(text[end])):
        end += 1
    return piece.start + end
