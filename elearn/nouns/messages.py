"""Chat messages: as a row holds them, and as they are told."""

from datetime import datetime

import msgspec

from elearn.nouns.people import Named, Person


class Reply(msgspec.Struct, frozen=True):
    """The message that another one answers, as it is quoted."""

    id: str
    seq: int
    author: Person
    excerpt: str


class MessageBrief(msgspec.Struct, frozen=True, kw_only=True):
    """A message as a list of rooms names its newest: a list is no place for whole ones."""

    id: str
    seq: int
    author: Person
    excerpt: str
    created_at: datetime


class FileNoun(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    type: str
    size: int
    url: str


class Reaction(msgspec.Struct, frozen=True):
    """`users` are ids, the newest 100."""

    emoji: str
    count: int
    users: list[str]


class MessageNoun(msgspec.Struct, frozen=True, kw_only=True):
    """`seq` is its place in the room; a deleted one has no words and no files."""

    id: str
    room: str
    seq: int
    author: Person
    body: str
    html: str
    reply_to: Reply | None
    files: list[FileNoun]
    reactions: list[Reaction]
    mentions: list[Named]
    key: str
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
