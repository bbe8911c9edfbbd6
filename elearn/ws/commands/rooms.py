"""The rooms channel."""

from contextlib import suppress
from typing import Annotated, Literal

import msgspec

from elearn.access.rooms import require_room
from elearn.actions import member_names, memberships, room_lists, rooms
from elearn.actions.fields import Limit, Seq
from elearn.errors import NotAMember
from elearn.events.base import Row, holds
from elearn.events.rooms import MembershipChange, RoomJoined
from elearn.models.ids import Id
from elearn.nouns.rooms import MembershipNoun
from elearn.ws.commands.table import Answer, Caller, Result, answer, command


class ListRooms(msgspec.Struct, frozen=True):
    course: Id | None = None
    kind: Literal["course", "open", "private", "announce", "direct", "thread"] | None = None
    before: Annotated[str, msgspec.Meta(max_length=96)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 1_000


class CreateRoom(rooms.NewRoom, frozen=True, kw_only=True):
    course: Id


class UpdateRoom(rooms.RoomChanges, frozen=True, kw_only=True):
    room: Id


class ArchiveRoom(msgspec.Struct, frozen=True):
    room: Id
    archived: bool = True


class OneRoom(msgspec.Struct, frozen=True):
    room: Id


class Members(msgspec.Struct, frozen=True):
    room: Id
    q: str = ""
    before: Seq | None = None
    limit: Limit = 100


class Person(msgspec.Struct, frozen=True):
    room: Id
    user: Id


@command("room.list", channel="rooms")
async def list_rooms(caller: Caller, args: ListRooms) -> Result:
    found, more = await room_lists.list_rooms(
        caller.services,
        caller.asker,
        args.course,
        kind=args.kind,
        before=args.before,
        limit=args.limit,
    )
    return {"rooms": found, "next": more}


async def _room(caller: Caller, row: Row | None, room: str) -> Answer:
    if row is not None and row.duplicate:  # by one who may have lost the room since
        with suppress(NotAMember):
            await require_room(caller.services.db, caller.asker, room)
    return answer(row, room=await room_lists.room_noun(caller.services, caller.asker, room))


@command("room.create", channel="rooms", keyed=True)
async def create(caller: Caller, args: CreateRoom) -> Answer:
    row = await rooms.create_room(caller.services, caller.act(), args.course, args)
    return await _room(caller, row, row.about)


@command("room.update", channel="rooms", keyed=True)
async def update(caller: Caller, args: UpdateRoom) -> Answer:
    row = await rooms.update_room(caller.services, caller.act(), args.room, args)
    return await _room(caller, row, args.room)


@command("room.archive", channel="rooms", keyed=True)
async def archive(caller: Caller, args: ArchiveRoom) -> Answer:
    row = await rooms.archive_room(caller.services, caller.act(), args.room, args.archived)
    return await _room(caller, row, args.room)


@command("room.join", channel="rooms", keyed=True)
async def join(caller: Caller, args: OneRoom) -> Answer:
    row = await memberships.join_room(caller.services, caller.act(), args.room)
    return await _room(caller, row, args.room)


@command("room.leave", channel="rooms", keyed=True)
async def leave(caller: Caller, args: OneRoom) -> Answer:
    return answer(await memberships.leave_room(caller.services, caller.act(), args.room))


@command("room.members", channel="rooms")
async def members(caller: Caller, args: Members) -> Result:
    if args.q.strip():
        named = await member_names.find_members(
            caller.services, caller.asker, args.room, args.q, limit=args.limit
        )
        return {"members": named, "total": len(named), "next": None}
    found, total, more = await room_lists.list_members(
        caller.services, caller.asker, args.room, before=args.before, limit=args.limit
    )
    return {"members": found, "total": total, "next": more}


@command("room.invite", channel="rooms", keyed=True)
async def invite(caller: Caller, args: Person) -> Answer:
    row = await memberships.invite_member(caller.services, caller.act(), args.room, args.user)
    return answer(row, membership=_membership(row))


@command("room.remove", channel="rooms", keyed=True)
async def remove(caller: Caller, args: Person) -> Answer:
    row = await memberships.leave_room(caller.services, caller.act(), args.room, args.user)
    return answer(row, membership=_membership(row))


@command("room.take_over", channel="rooms", keyed=True)
async def take_over(caller: Caller, args: OneRoom) -> Answer:
    row = await memberships.take_over(caller.services, caller.act(), args.room)
    return await _room(caller, row, args.room)


def _membership(row: Row) -> MembershipNoun:
    assert holds(row, MembershipChange)
    data = row.data
    return MembershipNoun(data.room, data.user, data.role, isinstance(data, RoomJoined))
