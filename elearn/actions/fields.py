"""Checks of what people type, shared by all edges: one rule a kind of text."""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from elearn.errors import InvalidField
from elearn.models import users
from elearn.rendering.budget import CHAT_CHARACTERS, TEXT_CHARACTERS
from elearn.rendering.plain import with_line_feeds
from elearn.rendering.visible import shows_something, visible_name, visible_text

NAME_CHARACTERS = 80
TITLE_CHARACTERS = 200
LINE_CHARACTERS = 400
LINK_CHARACTERS = 2_000
EMAIL_CHARACTERS = 254
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 1, 1, tzinfo=UTC)
# Putting marks in order takes time that grows with the square of the text's length, so a line is
# measured first. A composed letter may be typed as four characters.
TYPED_FORMS = 4

Limit = Annotated[int, msgspec.Meta(ge=1, le=100)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]

# Line breaks and escape codes in a name would forge log lines and pages; the marks that turn the
# direction of writing would reorder the text around it.
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_FORBIDDEN_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_LINES_BEFORE = re.compile(r"\A(?:[^\S\n]*\n)+")
_EMAIL = re.compile(
    r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\.]+(\.[^\s@<>\"(),:;\[\]\\.]+)*"
)


def one_line(text: str, field: str, *, most: int, least: int = 1) -> str:
    """A trimmed single line; `InvalidField` says what is wrong with it."""
    if len(text) > TYPED_FORMS * most:
        raise _too_long(field, most)
    if _FORBIDDEN.search(text):
        raise InvalidField("This has characters that cannot be used here.", field=field)
    line = unicodedata.normalize("NFC", " ".join(visible_name(text).split()))
    if len(line) < least or (line and not shows_something(line)):
        raise InvalidField("This cannot be empty.", field=field)
    if len(line) > most:
        raise _too_long(field, most)
    return line


def _too_long(field: str, most: int) -> InvalidField:
    return InvalidField(f"This is longer than {most} characters.", field=field)


def name(text: str, field: str = "name") -> str:
    return one_line(text, field, most=NAME_CHARACTERS)


def title(text: str, field: str = "title") -> str:
    return one_line(text, field, most=TITLE_CHARACTERS)


def body(text: str, field: str = "body", *, most: int = TEXT_CHARACTERS, least: int = 1) -> str:
    """A text of several lines, as it was written but for empty lines before it, blanks after it
    and characters that nobody sees. Its first line keeps its indentation."""
    if _FORBIDDEN_IN_TEXT.search(text):
        raise InvalidField("This has characters that cannot be used here.", field=field)
    trimmed = _LINES_BEFORE.sub("", visible_text(with_line_feeds(text))).rstrip()
    if len(trimmed) < least or (trimmed and not shows_something(trimmed)):
        raise InvalidField("This cannot be empty.", field=field)
    if len(trimmed) > most:
        raise _too_long(field, most)
    return trimmed


def chat_body(text: str) -> str:
    return body(text, most=CHAT_CHARACTERS)


def email(text: str) -> str:
    address = one_line(text, "email", most=EMAIL_CHARACTERS)
    if not _EMAIL.fullmatch(address) or not _host_of(address).isascii():
        raise InvalidField("This is not an e-mail address.", field="email")
    return address


def _host_of(address: str) -> str:
    return users.email_key(address).rpartition("@")[2]


def moment(at: datetime | None, field: str) -> datetime | None:
    """A time that every store, page and calendar can hold, in UTC."""
    if at is None:
        return None
    if at.tzinfo is None:
        raise InvalidField("A time needs its zone, as in 2026-09-01T08:00:00Z.", field=field)
    try:
        in_utc = at.astimezone(UTC)
    except OverflowError:
        in_utc = LATEST
    if not EARLIEST <= in_utc < LATEST:
        raise InvalidField("This is not a time between 1970 and 9998.", field=field)
    # As the store keeps it: what is read back is then what was said.
    return in_utc.replace(microsecond=in_utc.microsecond // 1000 * 1000)


def link(text: str | None, field: str = "link") -> str | None:
    """A web address or None; other schemes could run code when they are clicked."""
    if text is None or not text.strip():
        return None
    if len(text) > LINK_CHARACTERS:
        raise _too_long(field, LINK_CHARACTERS)
    address = one_line(text, field, most=LINK_CHARACTERS)
    if not re.match(r"https?://[^\s/]", address, re.IGNORECASE) or " " in address:
        raise InvalidField("A link begins with http:// or https://", field=field)
    return address
