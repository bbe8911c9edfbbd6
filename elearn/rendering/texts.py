"""Text that people wrote, as HTML that is safe to show, and that its length bounds."""

import re
from collections import OrderedDict
from collections.abc import Sequence

from elearn.rendering import budget
from elearn.rendering.cleaning import clean
from elearn.rendering.grammar import html_of, read
from elearn.rendering.mentions import People, Person
from elearn.rendering.plain import plain, with_line_feeds

KEPT_BYTES = 8 * 1024 * 1024

_MARKED = re.compile(r"[\\`*_{}\[\]<>#+~|$!=&@]|^[ \f\v]*(?:[-:>]|\d+[.)])|    |\t|://|www\.", re.M)

Key = tuple[str, tuple[tuple[str, str], ...]]


class Kept:
    """What was rendered last, up to a number of bytes: one text may be as long as a thousand."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.bytes = 0
        self._pages: OrderedDict[Key, str] = OrderedDict()

    def get(self, key: Key) -> str | None:
        if (html := self._pages.get(key)) is not None:
            self._pages.move_to_end(key)
        return html

    def keep(self, key: Key, html: str) -> None:
        if key in self._pages:
            return
        self._pages[key] = html
        self.bytes += _weight(key, html)
        while self.bytes > self._most:
            self.bytes -= _weight(*self._pages.popitem(last=False))


def _weight(key: Key, html: str) -> int:
    # Four bytes a character at most, and what Python adds to each string.
    return 4 * (len(key[0]) + len(html)) + 200 * (1 + len(key[1]))


_kept = Kept(KEPT_BYTES)


def render(text: str) -> str:
    """The HTML of a text. What looks like more work than its length allows, or would be longer
    than eight times the text, is shown as it stands."""
    return render_message(text, ())


def render_message(body: str, mentions: Sequence[Person]) -> str:
    """A chat message's HTML with the people marked whom it named when it was posted."""
    key = body, tuple((one["id"], one["name"]) for one in mentions)
    html = _kept.get(key)
    if html is None:
        html = rendered(body, mentions)
        _kept.keep(key, html)
    return html


def rendered(body: str, mentions: Sequence[Person]) -> str:
    """The same, made anew."""
    text = with_line_feeds(body)
    if not _MARKED.search(text):
        return plain(text)
    people = People(mentions, [one["id"] for one in mentions]) if mentions else None
    reading = read(text, people)
    html = clean(html_of(reading, text)) if reading else plain(text)
    return html if budget.fits(text, html) else plain(text)
