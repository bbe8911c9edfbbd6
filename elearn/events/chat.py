"""What happens to messages, and how far they were read."""

from datetime import datetime
from typing import Any

import msgspec

from elearn.events.base import Event, RowOf, event
from elearn.nouns.messages import FileNoun, MessageBrief, MessageNoun, Reaction, Reply
from elearn.nouns.people import Named, Person
from elearn.rendering.excerpts import excerpt
from elearn.rendering.texts import render_message


class MessageTold(msgspec.Struct, frozen=True):
    message: MessageNoun


@event("chat.posted", "room", counts=True)
class ChatPosted(Event, frozen=True, kw_only=True):
    """A message is this row."""

    author: Person
    body: str
    reply_to: Reply | None = None
    mentions: list[Named] = msgspec.field(default_factory=list)
    files: list[FileNoun] = msgspec.field(default_factory=list)
    reactions: list[Reaction] = msgspec.field(default_factory=list)
    edited_at: datetime | None = None
    deleted_at: datetime | None = None

    def told(self, row: RowOf[Any]) -> MessageTold:
        return MessageTold(message_of(row, self))


def message_of(row: RowOf[Any], posted: ChatPosted) -> MessageNoun:
    body = "" if posted.deleted_at else posted.body
    return MessageNoun(
        id=row.id,
        room=row.about,
        seq=row.seq,
        author=posted.author,
        body=body,
        html=render_message(body, [{"id": one.id, "name": one.name} for one in posted.mentions])
        if body
        else "",
        reply_to=posted.reply_to,
        files=[] if posted.deleted_at else posted.files,
        reactions=posted.reactions,
        mentions=posted.mentions,
        key=row.key,
        created_at=row.at,
        edited_at=posted.edited_at,
        deleted_at=posted.deleted_at,
    )


def brief_of(row: RowOf[ChatPosted]) -> MessageBrief:
    posted = row.data
    return MessageBrief(
        id=row.id,
        seq=row.seq,
        author=posted.author,
        excerpt="" if posted.deleted_at else excerpt(posted.body),
        created_at=row.at,
    )


@event("chat.read", "user")
class ChatRead(Event, frozen=True, kw_only=True):
    """One's mark in a room moved to `seq`, whose count is `n`."""

    room: str
    seq: int
    n: int
    unread: int


@event("chat.typing", "room", stored=False)
class ChatTyping(Event, frozen=True, kw_only=True):
    room: str
    user: Person
    on: bool
