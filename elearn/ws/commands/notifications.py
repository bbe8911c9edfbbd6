"""The notifications channel."""

from typing import Annotated, Any, Literal

import msgspec

from elearn.actions import notifications
from elearn.actions.fields import Limit, Seq
from elearn.errors import InvalidField
from elearn.ws.commands.table import Caller, command

Category = Literal["messages", "courses", "rooms", "enrollment"]
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
    ids: Annotated[list[NoticeId], msgspec.Meta(min_length=1, max_length=200)]


@command("notification.list", channel="notifications")
async def list_notices(caller: Caller, args: ListNotices) -> dict[str, Any]:
    page = await notifications.list_notices(
        caller.services,
        caller.asker,
        before=args.before,
        category=args.category,
        unread=args.unread,
        limit=args.limit,
    )
    return msgspec.structs.asdict(page)


@command("notification.seen", channel="notifications")
async def seen(caller: Caller, args: Seen) -> dict[str, Any]:
    counts = await notifications.mark_seen(caller.services, caller.act(), args.through)
    return msgspec.structs.asdict(counts)


@command("notification.read", channel="notifications", keyed=True)
async def read(caller: Caller, args: Read) -> dict[str, Any]:
    if not args.ids and not args.all:
        raise InvalidField("Name notices by ids, or all.", field="ids")
    counts = await notifications.mark_read(
        caller.services, caller.act(), ids=args.ids, everything=args.all, category=args.category
    )
    return msgspec.structs.asdict(counts)


@command("notification.unread", channel="notifications", keyed=True)
async def unread(caller: Caller, args: Unread) -> dict[str, Any]:
    counts = await notifications.mark_read(caller.services, caller.act(), ids=args.ids, read=False)
    return msgspec.structs.asdict(counts)
