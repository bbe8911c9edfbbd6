"""The feed channel."""

from typing import Annotated, Literal

import msgspec

from elearn.actions import feed, feed_lists
from elearn.actions.fields import Limit, Seq
from elearn.events.base import Row, holds
from elearn.events.feed import FeedPosted
from elearn.models.ids import Id
from elearn.ws.commands.table import Answer, Caller, Result, answer, command

Kind = Literal["status", "enrollment", "update", "feedback", "chat", "room"]


class ListItems(msgspec.Struct, frozen=True):
    scope: Literal["me", "course", "user"]
    id: Id | None = None
    before: Seq | None = None
    kind: Kind | None = None
    limit: Limit = 30


class PostStatus(msgspec.Struct, frozen=True):
    body: str
    course: Id | None = None
    visibility: Literal["course", "public"] = "course"


class DeleteItem(msgspec.Struct, frozen=True):
    item: Annotated[str, msgspec.Meta(max_length=64)]


class Feedback(msgspec.Struct, frozen=True):
    course: Id
    stars: Annotated[int, msgspec.Meta(ge=1, le=5)]
    comment: str = ""
    anonymous: bool = False


def _posted(row: Row) -> dict[str, object]:
    assert holds(row, FeedPosted)
    told = row.data.told(row)
    return {"item": told.item} | ({"rating": told.rating} if told.rating else {})


@command("feed.list", channel="feed")
async def list_items(caller: Caller, args: ListItems) -> Result:
    items, more = await feed_lists.list_items(
        caller.services,
        caller.asker,
        args.scope,
        ident=args.id,
        before=args.before,
        kind=args.kind,
        limit=args.limit,
    )
    return {"items": items, "next": more}


@command("feed.post", channel="feed", keyed=True)
async def post(caller: Caller, args: PostStatus) -> Answer:
    row = await feed.post_status(
        caller.services,
        caller.act(),
        args.body,
        course_id=args.course,
        visibility=args.visibility,
    )
    return answer(row, **_posted(row))


@command("feed.delete", channel="feed", keyed=True)
async def delete(caller: Caller, args: DeleteItem) -> Answer:
    return answer(await feed.delete_item(caller.services, caller.act(), args.item))


@command("feed.feedback", channel="feed", keyed=True)
async def feedback(caller: Caller, args: Feedback) -> Answer:
    row = await feed.give_feedback(
        caller.services,
        caller.act(),
        args.course,
        stars=args.stars,
        comment=args.comment,
        anonymous=args.anonymous,
    )
    return answer(row, **_posted(row))
