"""Notices are made, seen, read, and withdrawn with what they are about."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from elearn.events.base import Event, RowOf, event
from elearn.nouns.notices import NoticeContent, NoticeNoun, NoticeState


class NoticeTold(msgspec.Struct, frozen=True, kw_only=True):
    """On a person's own topic with what their bell shows with it."""

    notice: NoticeNoun
    unseen: int | UnsetType = UNSET
    unread: int | UnsetType = UNSET


def notice_of(
    row: RowOf[Any], content: NoticeContent, *, seen: bool = False, read: bool = False
) -> NoticeNoun:
    fields = {name: getattr(content, name) for name in NoticeContent.__struct_fields__}
    return NoticeNoun(
        **fields, id=row.id, topic=row.topic, seq=row.seq, at=row.at, seen=seen, read=read
    )


@event("notification.created", "user", "course", "staff", counts=True)
class NoticeCreated(Event, frozen=True, kw_only=True):
    notice: NoticeContent
    unseen: int | UnsetType = UNSET
    unread: int | UnsetType = UNSET

    def told(self, row: RowOf[Any]) -> NoticeTold:
        return NoticeTold(
            notice=notice_of(row, self.notice), unseen=self.unseen, unread=self.unread
        )


@event("notification.read", "user")
class NoticesRead(Event, frozen=True, kw_only=True):
    """A person's whole state after it, which is small; the rest says in short what changed."""

    topics: dict[str, NoticeState]
    unseen: int
    unread: int
    seen: dict[str, int] | UnsetType = UNSET
    ids: list[str] | UnsetType = UNSET
    all: bool | UnsetType = UNSET
    read: bool | UnsetType = UNSET


@event("notification.withdrawn", "user", "course", "staff")
class NoticesWithdrawn(Event, frozen=True, kw_only=True):
    """What these were about is gone, or its readers may not see it any more. The counts are there
    on a person's own topic."""

    ids: list[str]
    unseen: int | UnsetType = UNSET
    unread: int | UnsetType = UNSET
