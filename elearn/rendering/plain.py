"""A text as it stands, as HTML: its paragraphs and line breaks, and nothing read into it."""

import html
import re

_BETWEEN_PARAGRAPHS = re.compile(r"\n\s*\n")


def with_line_feeds(text: str) -> str:
    """Line breaks of every system as one sign, also a lone carriage return."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def plain(text: str) -> str:
    return "".join(
        "<p>" + html.escape(part, quote=False).replace("\n", "<br>") + "</p>"
        for part in _BETWEEN_PARAGRAPHS.split(text.strip("\n"))
        if part.strip()
    )
