"""The notifications channel."""

from typing import Annotated

import msgspec

from elearn.actions import notice_lists, notifications
from elearn.actions.fields import Limit, Seq
from elearn.errors import InvalidField
from elearn.nouns.notices import Category
from elearn.ws.commands.table import Caller, Result, command

NoticeId = Annotated[str, msgspec.Meta(max_length=64)]


class ListNotices(msgspec.Struct, frozen=True):
    before: Annotated[str, msgspec.Meta(max_length=96)] | None = None
    category: Category | None = None
    unread: bool = False
    limit: Limit = 20


class Seen(msgspec.Struct, frozen=True):
    through: Annotated[dict[str, Seq], msgspec.Meta(max_length=256)] | None = None


class Read(msgspec.Struct, frozen=True):
    ids: Annotated[list[NoticeId], msgspec.Meta(max_length=200)] = []
    all: bool = False
    category: Category | None = None


class Unread(msgspec.Struct, frozen=True):
    """`undo`: what an answer to `notification.read` gave."""

    ids: Annotated[list[NoticeId], msgspec.Meta(max_length=200)] = []
    undo: NoticeId | None = None


@command("notification.list", channel="notifications")
async def list_notices(caller: Caller, args: ListNotices) -> Result:
    return await notice_lists.list_notices(
        caller.services,
        caller.asker,
        before=args.before,
        category=args.category,
        unread=args.unread,
        limit=args.limit,
    )


@command("notification.seen", channel="notifications")
async def seen(caller: Caller, args: Seen) -> Result:
    counts = await notifications.mark_seen(caller.services, caller.act(), args.through)
    return {"unseen": counts.unseen, "unread": counts.unread}


@command("notification.read", channel="notifications", keyed=True)
async def read(caller: Caller, args: Read) -> Result:
    if not args.ids and not args.all:
        raise InvalidField("Name notices by ids, or all.", field="ids")
    return await notifications.mark_read(
        caller.services, caller.act(), ids=args.ids, everything=args.all, category=args.category
    )


@command("notification.unread", channel="notifications", keyed=True)
async def unread(caller: Caller, args: Unread) -> Result:
    if args.undo is not None:
        return await notifications.take_back(caller.services, caller.act(), args.undo)
    if not args.ids:
        raise InvalidField("Name notices by ids, or what to undo.", field="ids")
    return await notifications.mark_read(caller.services, caller.act(), ids=args.ids, read=False)
