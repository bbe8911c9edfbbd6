"""A conversation as rows: a divider a day, one before what is new, messages under their author.

`models/timeline.js` makes the same rows of what comes later; both keep to
`tests/browser/js/conversations.json`.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any

import msgspec

GROUPED_MS = 300_000
"""A message stands under the name of the group's first one when it came within so long."""

Message = dict[str, Any]


class Row(msgspec.Struct, frozen=True):
    """`kind`: day, new or message; `message`: itself, or the first one below a divider."""

    kind: str
    message: Message
    grouped: bool = False


def conversation_rows(
    messages: Sequence[Message],
    viewer: str,
    read_seq: int | None,
    more_before: bool,
    zone: tzinfo = UTC,
) -> Iterator[Row]:
    """Days are those of the reader's zone, where they said it."""
    unread = _first_unread(messages, viewer, read_seq, more_before)
    before: Message | None = None
    head: Message | None = None
    for message in messages:
        new_day = before is None or _day(before, zone) != _day(message, zone)
        if new_day:
            yield Row("day", message)
        if message["seq"] == unread:
            yield Row("new", message)
        grouped = (
            not new_day
            and message["seq"] != unread
            and head is not None
            and _continues(head, message)
        )
        yield Row("message", message, grouped)
        before = message
        if not grouped:
            head = message


def _first_unread(
    messages: Sequence[Message], viewer: str, read_seq: int | None, more_before: bool
) -> int | None:
    """None when nothing is new (then there is no `read_seq`), and when it began above what is
    shown."""
    above = more_before and messages and messages[0]["seq"] > (read_seq or 0)
    if read_seq is None or above:
        return None
    unread = (m["seq"] for m in messages if m["seq"] > read_seq and m["author"]["id"] != viewer)
    return next(unread, None)


def _continues(head: Message, message: Message) -> bool:
    if head["author"]["id"] != message["author"]["id"] or message["reply_to"]:
        return False
    waited = _at(message) - _at(head)
    return waited.total_seconds() * 1000 < GROUPED_MS


def _at(message: Message) -> datetime:
    return datetime.fromisoformat(message["created_at"])


def _day(message: Message, zone: tzinfo) -> date:
    return _at(message).astimezone(zone).date()
