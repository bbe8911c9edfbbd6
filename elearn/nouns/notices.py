"""Notices: what a stored notification says, and as one reader sees it."""

from datetime import datetime
from typing import Literal

import msgspec

from elearn.nouns.courses import CourseBrief
from elearn.nouns.people import Person

Category = Literal["messages", "courses", "rooms", "enrollment"]
CATEGORIES: dict[Category, str] = {
    "messages": "Messages",
    "courses": "Courses",
    "rooms": "Rooms",
    "enrollment": "Enrolment",
}
"""Each with its name on a page."""


class NoticeContent(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    category: Category
    title: str
    body: str = ""
    url: str
    actor: Person | None
    course: CourseBrief | None


class NoticeNoun(NoticeContent, frozen=True, kw_only=True):
    """With its place, and whether its reader has seen and read it."""

    id: str
    topic: str
    seq: int
    at: datetime
    seen: bool = False
    read: bool = False


class NoticeState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a person has seen and read one topic's notices: those at or below `read` are read
    but for `unread`; above it only those in `extra` are."""

    seen: int = 0
    read: int = 0
    unread: list[int] = []
    extra: list[int] = []
