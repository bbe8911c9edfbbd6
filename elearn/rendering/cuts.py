"""Text cut where a reader sees the end of a character, not in the middle of one."""

from itertools import islice

import regex

# An emoji of a family has eleven code points. What piles up more marks is cut within them.
_LONGEST = 16
_CHARACTER = regex.compile(r"\X")


def cut(text: str, characters: int) -> str:
    """The first characters of a text, as people count them (grapheme clusters)."""
    if len(text) <= characters:
        return text
    head = text[: characters * _LONGEST]
    ends = [found.end() for found in islice(_CHARACTER.finditer(head), characters)]
    if len(ends) > 1 and ends[-1] == len(head) < len(text):
        ends.pop()
    return head[: ends[-1]] if ends else ""


def shortened(text: str, characters: int) -> str:
    """The same with an ellipsis, which counts, where something is left out."""
    if cut(text, characters) == text:
        return text
    return cut(text, characters - 1).rstrip() + "…"
