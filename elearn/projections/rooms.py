"""Rooms and who is in them."""

import asyncio
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from elearn.events.base import Event, RowOf
from elearn.events.rooms import (
    MembershipChange,
    RoomArchived,
    RoomChange,
    RoomCreated,
    RoomJoined,
    RoomLeft,
    RoomModerated,
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
    await asyncio.gather(
        rooms.insert_many(db, [replace(row.data.document, seq=row.seq) for row in rows]),
        rooms.add_lines(db, [row.data.document for row in rows]),
        rooms.put_memberships(db, *(member for row in rows for member in _first_members(row))),
    )


def _first_members(row: RowOf[RoomCreated]) -> Iterator[Membership]:
    room = row.data.document
    for user in room.users or [room.owner or ""]:
        role = "owner" if user == room.owner else "member"
        yield _membership(row, room.id, user, role, active=True)


def _membership(row: RowOf[Event], room: str, user: str, role: str, *, active: bool) -> Membership:
    return Membership(
        id=membership_id(room, user),
        room=room,
        user=user,
        role=role,
        active=active,
        at=row.at,
        by=row.actor,
        seq=row.seq,
    )


@projects(RoomUpdated, RoomArchived, on=["room"])
async def changed(db: Database, rows: Sequence[RowOf[RoomChange]]) -> None:
    documents = [(row.data.document, row.seq) for row in rows]
    await rooms.add_lines(db, [room for room, _ in documents])
    await rooms.set_many_at(
        db, [(room.id, seq, fields_of(room, *_MOVED_BY_OTHERS)) for room, seq in documents]
    )


@projects(RoomModerated, on=["room"])
async def moderated(db: Database, rows: Sequence[RowOf[RoomModerated]]) -> None:
    told = [(row, row.data.membership) for row in rows]
    await rooms.put_memberships(
        db,
        *(
            _membership(row, one.room, one.user.id, one.role, active=one.active)
            for row, one in told
        ),
    )


@projects(RoomJoined, RoomLeft, on=["room"])
async def membership_changed(db: Database, rows: Sequence[RowOf[MembershipChange]]) -> None:
    members = [
        _membership(
            row,
            row.data.room,
            row.data.user.id,
            row.data.role,
            active=isinstance(row.data, RoomJoined),
        )
        for row in rows
    ]
    await rooms.put_memberships(db, *members)
    await rooms.set_many_at(
        db, [(row.data.room, row.seq, {"members": row.data.members}) for row in rows]
    )
