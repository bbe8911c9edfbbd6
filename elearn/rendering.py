"""Text that people wrote, as HTML that is safe to show: Markdown, then an allow-list."""

import html
import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

CHAT_CHARACTERS = 4_000
TEXT_CHARACTERS = 20_000
# Markdown links nest: ten thousand opening brackets block the loop for most of a second.
OPENING_BRACKETS = 100
NESTING_MARKS = 400

_TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "del", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "a", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_MARKED = re.compile(
    r"[\\`*_{}\[\]<>#+~|$!=]|^\s*(?:[-:>]|\d+[.)])|    |\t|://|www\.|\S@\S|\.\w", re.M
)
_TAG = re.compile(r"(<[^>]*>)")
_markdown = MarkdownIt("js-default", {"linkify": True, "breaks": True, "html": False}).disable(
    ["image", "reference"]
)
# Also not `//host`, nor a path of this site in somebody else's words.
_ADDRESS = re.compile(r"https?://|mailto:", re.IGNORECASE)
_markdown.validateLink = lambda url: _ADDRESS.match(url) is not None  # type: ignore[method-assign]


@lru_cache(maxsize=4096)
def render(text: str) -> str:
    """The sanitised HTML of a Markdown text: no images, links only http, https and mailto."""
    if not _MARKED.search(text):
        return _plain(text)
    if text.count("[") > OPENING_BRACKETS or _marks(text) > NESTING_MARKS:
        return _plain(text)
    return nh3.clean(
        _markdown.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}, "*": set()},
        attribute_filter=_only_addresses,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    ).strip()


def _only_addresses(tag: str, name: str, value: str) -> str | None:
    return value if name != "href" or _ADDRESS.match(value) else None


def render_message(body: str, mentions: list[dict[str, str]]) -> str:
    """A chat message's HTML, with the people it names marked."""
    rendered = render(body)
    for person in mentions:
        name = html.escape(f"@{person['name']}", quote=False)
        mark = f'<span class="mention" data-user="{html.escape(person["id"])}">{name}</span>'
        # Only between tags: inside one, a replacement would break out of an attribute.
        parts = _TAG.split(rendered)
        parts[::2] = [part.replace(name, mark) for part in parts[::2]]
        rendered = "".join(parts)
    return rendered


def excerpt(text: str, length: int = 140) -> str:
    """One line of plain text for a notice or a list."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def _plain(text: str) -> str:
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "".join(
        "<p>" + html.escape(part, quote=False).replace("\n", "<br>") + "</p>"
        for part in paragraphs
        if part.strip()
    )


def _marks(text: str) -> int:
    return sum(text.count(mark) for mark in "*_`<>~(")
