"""One line of a text for a notice, a quote or a list: what is read, without the signs of it."""

from collections.abc import Iterable, Iterator

from markdown_it.token import Token

from elearn.rendering.cuts import shortened
from elearn.rendering.grammar import read
from elearn.rendering.plain import with_line_feeds


def excerpt(text: str, length: int = 140) -> str:
    reading = read(text)
    shown = "".join(_words(reading.tokens)) if reading else with_line_feeds(text)
    return shortened(" ".join(shown.split()), length)


def _words(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children is not None:
            yield from _words(token.children)
        elif token.type in ("softbreak", "hardbreak"):
            yield " "
        else:
            yield token.content
        if token.block:
            yield " "
