"""Text that people wrote, as HTML that is safe to show: Markdown, then an allow-list."""

import html
import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

CHAT_CHARACTERS = 4_000
TEXT_CHARACTERS = 20_000
# Longer texts are rare, and their HTML is large: few are kept, for the push, the room's line in
# lists and the reply that all show what was just written.
SHORT_CHARACTERS = 1_000
# Markdown links nest: ten thousand opening brackets block the loop for most of a second.
OPENING_BRACKETS = 100
NESTING_MARKS = 400
# Looking for links costs the square of what looks like the beginning of one.
LINK_BEGINNINGS = 30
NESTING = 12
LINES = 400

_TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "del", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "a", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_MARKED = re.compile(
    r"[\\`*_{}\[\]<>#+~|$!=]|^[ \f\v]*(?:[-:>]|\d+[.)])|    |\t|://|www\.|\S@\S|\.\w", re.M
)
_TAG = re.compile(r"(<[^>]*>)")
_BLOCK_TAG = re.compile(
    r"</?(?:p|br|hr|li|[uo]l|pre|blockquote|h\d|table|t[rdh]|thead|tbody)\b[^>]*>"
)
_ITEM = re.compile(r"[-+*]\s|\d[.)]\s")
_LINK = re.compile(r"//|www\.|@|mailto:|\.\w", re.IGNORECASE)
# Also not `//host`, nor a path of this site in somebody else's words.
_ADDRESS = re.compile(r"https?://|mailto:", re.IGNORECASE)


def _parser(*, linkify: bool) -> MarkdownIt:
    options = {"linkify": linkify, "breaks": True, "html": False, "maxNesting": NESTING}
    parser = MarkdownIt("js-default", options).disable(["image", "reference"])
    parser.validateLink = lambda url: _ADDRESS.match(url) is not None  # type: ignore[method-assign]
    return parser


_markdown, _without_links = _parser(linkify=True), _parser(linkify=False)


def render(text: str) -> str:
    """The sanitised HTML of a Markdown text: no images, links only http, https and mailto.

    At most 20 ms for what fits into a message: what looks like more work is shown as it stands.
    """
    return _kept_short(text) if len(text) <= SHORT_CHARACTERS else _kept_long(text)


def _rendered(text: str) -> str:
    if not _MARKED.search(text):
        return _plain(text)
    too_many = (
        text.count("[") > OPENING_BRACKETS
        or _marks(text) > NESTING_MARKS
        or _count(_ITEM, text) > NESTING_MARKS
        or text.count("\n") > LINES
    )
    if too_many:
        return _plain(text)
    parser = _markdown if _count(_LINK, text) <= LINK_BEGINNINGS else _without_links
    return nh3.clean(
        parser.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}, "*": set()},
        attribute_filter=_only_addresses,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    ).strip()


_kept_short, _kept_long = lru_cache(maxsize=4096)(_rendered), lru_cache(maxsize=64)(_rendered)


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
    """One line for a notice, a quote or a list: what is read, without the marks of Markdown."""
    shown = _TAG.sub("", _BLOCK_TAG.sub(" ", render(text)))
    line = " ".join(html.unescape(shown).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def _plain(text: str) -> str:
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "".join(
        "<p>" + html.escape(part, quote=False).replace("\n", "<br>") + "</p>"
        for part in paragraphs
        if part.strip()
    )


def _count(what: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in what.finditer(text))


def _marks(text: str) -> int:
    return sum(text.count(mark) for mark in "*_`<>~(")
