"""The chat channel."""

from typing import Annotated

import msgspec

from elearn.actions import chat, direct, room_lists
from elearn.actions.fields import Limit, Seq
from elearn.errors import InvalidField
from elearn.events.base import holds
from elearn.events.chat import ChatPosted, message_of
from elearn.models.ids import Id
from elearn.rendering.mentions import MOST
from elearn.ws.commands.table import Answer, Caller, Result, answer, command


class Post(msgspec.Struct, frozen=True):
    room: Id
    body: str
    reply_to: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    mentions: Annotated[list[Id], msgspec.Meta(max_length=MOST)] | None = None


class History(msgspec.Struct, frozen=True):
    room: Id
    before: Seq | None = None
    after: Seq | None = None
    around: Seq | None = None
    limit: Limit = 50


class Read(msgspec.Struct, frozen=True):
    room: Id
    seq: Seq


class Direct(msgspec.Struct, frozen=True):
    user: Id | None = None
    course: Id | None = None


@command("chat.post", channel="chat", keyed=True)
async def post(caller: Caller, args: Post) -> Answer:
    row = await chat.post_message(
        caller.services,
        caller.act(),
        args.room,
        args.body,
        reply_to=args.reply_to,
        mentions=args.mentions,
    )
    assert holds(row, ChatPosted)
    return answer(row, message=message_of(row, row.data))


@command("chat.history", channel="chat")
async def history(caller: Caller, args: History) -> Result:
    if sum(place is not None for place in (args.before, args.after, args.around)) > 1:
        raise InvalidField("One of before, after and around.", field="before")
    return await chat.read_history(
        caller.services,
        caller.asker,
        args.room,
        before=args.before,
        after=args.after,
        around=args.around,
        limit=args.limit,
    )


@command("chat.read", channel="chat")
async def read(caller: Caller, args: Read) -> Result:
    unread = await chat.mark_read(caller.services, caller.act(), args.room, args.seq)
    return {"unread": unread}


@command("chat.direct", channel="chat")
async def open_direct(caller: Caller, args: Direct) -> Result:
    room = await direct.open_direct(
        caller.services, caller.act(), user_id=args.user, course_id=args.course
    )
    return {"room": await room_lists.room_noun(caller.services, caller.asker, room.id)}
