"""The rooms channel."""

from contextlib import suppress
from typing import Any, Literal

import msgspec

from elearn import access
from elearn.actions import memberships, room_lists, rooms
from elearn.actions.fields import Limit
from elearn.errors import NotAMember
from elearn.models.events import Row
from elearn.models.ids import Id
from elearn.ws.commands.table import Answer, Caller, answer, command

Kind = Literal["open", "private", "announce"]


class ListRooms(msgspec.Struct, frozen=True):
    course: Id | None = None


class CreateRoom(msgspec.Struct, frozen=True):
    course: Id
    name: str
    description: str = ""
    kind: Kind = "open"


class UpdateRoom(msgspec.Struct, frozen=True):
    room: Id
    name: str | None = None
    description: str | None = None
    kind: Kind | None = None


class ArchiveRoom(msgspec.Struct, frozen=True):
    room: Id
    archived: bool = True


class OneRoom(msgspec.Struct, frozen=True):
    room: Id


class Members(msgspec.Struct, frozen=True):
    room: Id
    limit: Limit = 100


class Person(msgspec.Struct, frozen=True):
    room: Id
    user: Id


@command("room.list", channel="rooms")
async def list_rooms(caller: Caller, args: ListRooms) -> dict[str, Any]:
    return {"rooms": await room_lists.list_rooms(caller.services, caller.asker, args.course)}


async def _room(caller: Caller, row: Row, room: str) -> Answer:
    if row.duplicate:  # by one who may have lost the room since
        with suppress(NotAMember):
            await access.require_room(caller.services.db, caller.asker, room)
    return answer(row, room=await room_lists.room_noun(caller.services, caller.asker, room))


@command("room.create", channel="rooms", keyed=True)
async def create(caller: Caller, args: CreateRoom) -> Answer:
    row = await rooms.create_room(
        caller.services,
        caller.act(),
        args.course,
        name=args.name,
        description=args.description,
        kind=args.kind,
    )
    return await _room(caller, row, row.data["document"]["_id"])


@command("room.update", channel="rooms", keyed=True)
async def update(caller: Caller, args: UpdateRoom) -> Answer:
    row = await rooms.update_room(
        caller.services,
        caller.act(),
        args.room,
        name=args.name,
        description=args.description,
        kind=args.kind,
    )
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
async def members(caller: Caller, args: Members) -> dict[str, Any]:
    found, total = await room_lists.list_members(
        caller.services, caller.asker, args.room, limit=args.limit
    )
    return {"members": found, "total": total}


@command("room.invite", channel="rooms", keyed=True)
async def invite(caller: Caller, args: Person) -> Answer:
    row = await memberships.invite_member(caller.services, caller.act(), args.room, args.user)
    return answer(row, membership=_membership(row))


@command("room.remove", channel="rooms", keyed=True)
async def remove(caller: Caller, args: Person) -> Answer:
    row = await memberships.leave_room(caller.services, caller.act(), args.room, args.user)
    return answer(row, membership=_membership(row))


def _membership(row: Row) -> dict[str, Any]:
    return {
        "room": row.data["room"],
        "user": row.data["user"],
        "role": row.data["role"],
        "active": row.event == "room.joined",
    }
