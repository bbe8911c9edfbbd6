"""The written form of a conversation: one message a paragraph, `who: text`.

`who>: text` answers the message before, `who>other: text` the last one of `other`. Lines that
begin with two spaces go on with the message. `@who` stands for that person's full name.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_START = re.compile(r"(?P<who>[a-z]+)(?P<reply>>(?P<whom>[a-z]*))?: (?P<text>.*)")
_NAMED = re.compile(r"@([a-z]+)\b")


@dataclass(frozen=True)
class Line:
    """`replies_to` is the index of an earlier line of the same conversation."""

    who: str
    text: str
    replies_to: int | None


def read_script(script: str, names: Mapping[str, str]) -> list[Line]:
    """The messages of a script; `names` gives the full name of each `who`."""
    lines: list[Line] = []
    for who, reply, whom, text in _paragraphs(script):
        replies_to = None
        if reply:
            spoken = [n for n, line in enumerate(lines) if whom in ("", line.who)]
            replies_to = spoken[-1]
        named = _NAMED.sub(lambda found: "@" + names.get(found[1], found[1]), text)
        lines.append(Line(who, named, replies_to))
    return lines


def _paragraphs(script: str) -> Iterator[tuple[str, bool, str, str]]:
    current: tuple[str, bool, str] | None = None
    text: list[str] = []
    for line in script.strip("\n").split("\n"):
        start = _START.fullmatch(line)
        if start is None:
            text.append(line.removeprefix("  "))
            continue
        if current is not None:
            yield *current, "\n".join(text).rstrip()
        current = (start["who"], start["reply"] is not None, start["whom"] or "")
        text = [start["text"]]
    if current is not None:
        yield *current, "\n".join(text).rstrip()
