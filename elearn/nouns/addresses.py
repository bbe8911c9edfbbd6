"""Addresses of pages, as notices and feed items lead to them: what they are about is where they
lead."""

import re

_ROOM = re.compile(r"/(?:rooms|updates)/([0-9a-f]{24})(?:/|$)")


def room_at(url: str) -> str | None:
    """The room that an address leads to, or into: the thread of an update has the update's id."""
    found = _ROOM.match(url)
    return found[1] if found else None
