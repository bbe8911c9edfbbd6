"""Rooms and who is in them."""

from collections.abc import Sequence

from msgspec.structs import replace

from elearn.events.base import RowOf
from elearn.events.rooms import (
    MembershipChange,
    RoomArchived,
    RoomChange,
    RoomCreated,
    RoomJoined,
    RoomLeft,
    RoomUpdated,
)
from elearn.models import rooms
from elearn.models.database import Database
from elearn.models.documents import fields_of
from elearn.models.rooms import membership_id
from elearn.nouns.rooms import Membership
from elearn.projections.table import projects

# What joining, leaving and a course's new title change, each with a row of its own.
_MOVED_BY_OTHERS = ("seq", "members", "course_title")


@projects(RoomCreated, on=["room"])
async def created(db: Database, rows: Sequence[RowOf[RoomCreated]]) -> None:
    await rooms.insert_many(db, [replace(row.data.document, seq=row.seq) for row in rows])
    for row in rows:
        room = row.data.document
        for user in room.users or [room.owner or ""]:
            role = "owner" if user == room.owner else "member"
            await rooms.put_membership(db, _membership(row, room.id, user, role, active=True))


def _membership(
    row: RowOf[RoomChange | MembershipChange], room: str, user: str, role: str, *, active: bool
) -> Membership:
    return Membership(
        id=membership_id(room, user),
        room=room,
        user=user,
        role=role,
        active=active,
        at=row.at,
        seq=row.seq,
    )


@projects(RoomUpdated, RoomArchived, on=["room"])
async def changed(db: Database, rows: Sequence[RowOf[RoomChange]]) -> None:
    for row in rows:
        room = row.data.document
        await rooms.set_at(db, room.id, row.seq, fields_of(room, *_MOVED_BY_OTHERS))


@projects(RoomJoined, RoomLeft, on=["room"])
async def membership_changed(db: Database, rows: Sequence[RowOf[MembershipChange]]) -> None:
    for row in rows:
        data = row.data
        active = isinstance(data, RoomJoined)
        membership = _membership(row, data.room, data.user.id, data.role, active=active)
        await rooms.put_membership(db, membership)
        await rooms.set_at(db, data.room, row.seq, {"members": data.members})
