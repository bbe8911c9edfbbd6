"""The collections `rooms` and `memberships`: projections of each room's own topic.

Membership of a course's own room and of an update's thread is the enrolment: they have no rows. Nor
have the staff in a line to them: `lines` names those of each course, so that they are found.
"""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from pymongo import UpdateMany, UpdateOne

from elearn.models import joined_reads
from elearn.models.database import Database, Document
from elearn.models.documents import (
    by_id,
    insert_missing,
    load,
    load_all,
    load_or_none,
    put_newer,
    set_all_newer,
    set_newer,
)
from elearn.models.portable import find_by_ids, setting
from elearn.nouns.rooms import MADE_BY_PEOPLE, Membership, Room

PAGE = 500
CLAIM_LIFE = timedelta(minutes=1)
"""Longer than any act takes, and than nodes' clocks differ: a claim is then left by a crash."""


class _Claim(msgspec.Struct):
    id: str = msgspec.field(name="_id")
    holder: str
    at: datetime


class Lines(msgspec.Struct):
    id: str = msgspec.field(name="_id")
    rooms: list[str] = []


async def insert_many(db: Database, rooms: Sequence[Room]) -> None:
    await insert_missing(db.rooms, rooms)


async def add_lines(db: Database, rooms: Iterable[Room]) -> None:
    """To what is known of the lines of their courses; the room says whether it still is one."""
    writes = [
        UpdateOne({"_id": room.staff_of}, {"$addToSet": {"rooms": room.id}}, upsert=True)
        for room in rooms
        if room.staff_of
    ]
    if writes:
        await db.lines.bulk_write(writes, ordered=False)


async def find_lines(db: Database, courses: Iterable[str]) -> list[str]:
    """The ids of the lines to the staff of these courses."""
    found = load_all(await find_by_ids(db.lines, courses), Lines)
    return [room for lines in found for room in lines.rooms]


async def find_group_conversations(db: Database) -> list[Room]:
    """Lines as they were made once: a conversation with the course's title for a name."""
    found = load_all(await db.rooms.find({"kind": "direct"}).to_list(None), Room)
    return [room for room in found if room.name and room.staff_of is None]


async def set_at(db: Database, room: str, seq: int, fields: Document) -> None:
    await set_newer(db.rooms, room, seq, fields)


async def set_many_at(db: Database, changes: Sequence[tuple[str, int, Document]]) -> None:
    """`set_at` for many `(id, seq, fields)`, in order."""
    await set_all_newer(db.rooms, changes)


async def rename_courses(db: Database, titles: Mapping[str, str]) -> None:
    """Rooms carry their course's title."""
    writes = []
    for course, title in titles.items():
        titled = setting({"course_title": title})
        writes.append(UpdateMany({"course": course}, titled))
        if lines := await find_lines(db, [course]):
            writes.append(UpdateMany({"_id": {"$in": lines}}, titled))
    if writes:
        await db.rooms.bulk_write(writes, ordered=False)


async def find(db: Database, room: str) -> Room | None:
    return load_or_none(await joined_reads.find_one(db, "rooms", room), Room)


async def find_many(db: Database, ids: Iterable[str]) -> dict[str, Room]:
    return by_id(await find_by_ids(db.rooms, ids), Room)


async def find_of_course(db: Database, course: str) -> list[Room]:
    """A course's rooms without the threads of its updates, its own room first."""
    kinds = ["course", *MADE_BY_PEOPLE]
    query = {"course": course, "kind": {"$in": kinds}}
    shown = load_all(await db.rooms.find(query).to_list(None), Room)
    return sorted(shown, key=lambda room: (room.kind != "course", room.name.casefold()))


async def ids_by_enrollment(db: Database, course: str) -> list[str]:
    """The rooms that one is in by being in the course: its own and the threads of its updates."""
    found = load_all(await db.rooms.find({"course": course}).to_list(None), Room)
    return [room.id for room in found if room.of_course]


async def claim_name(db: Database, course: str, name: str, holder: str, now: datetime) -> bool:
    """Whether `holder` is the one who may take this name now. Looking whether a room has it and
    making one is not one write: meanwhile nobody else may look."""
    ident = f"{course}/{name}"
    await insert_missing(db.room_names, [_Claim(ident, holder, now)])
    lapsed = {"_id": ident, "at": {"$lt": now - CLAIM_LIFE}}
    await db.room_names.update_one(lapsed, setting({"holder": holder, "at": now}))
    found = await db.room_names.find_one({"_id": ident})
    return found is not None and found["holder"] == holder


async def release_name(db: Database, course: str, name: str, holder: str) -> None:
    await db.room_names.delete_many({"_id": f"{course}/{name}", "holder": holder})


def membership_id(room: str, user: str) -> str:
    return f"{room}/{user}"


async def put_memberships(db: Database, *memberships: Membership) -> None:
    await put_newer(db.memberships, *memberships)


async def find_membership(db: Database, room: str, user: str) -> Membership | None:
    found = await find_place(db, room, user)
    return found if found and found.active else None


async def find_members_among(db: Database, room: str, users: Iterable[str]) -> set[str]:
    """Those of `users` who are members."""
    found = await find_by_ids(db.memberships, [membership_id(room, one) for one in users])
    return {document["user"] for document in found if document["active"]}


async def find_memberships(db: Database, user: str) -> list[Membership]:
    found = await db.memberships.find({"user": user}).to_list(None)
    return [load(document, Membership) for document in found if document["active"]]


async def find_memberships_in(
    db: Database, user: str, rooms: Iterable[str]
) -> dict[str, Membership]:
    """One's own in those of `rooms` that one is in."""
    found = await find_by_ids(db.memberships, [membership_id(room, user) for room in rooms])
    memberships = load_all(found, Membership)
    return {one.room: one for one in memberships if one.active}


async def find_ended(db: Database, user: str) -> list[Membership]:
    found = await db.memberships.find({"user": user}).to_list(None)
    return [load(document, Membership) for document in found if not document["active"]]


async def find_place(db: Database, room: str, user: str) -> Membership | None:
    """The membership, an ended one too."""
    found = await db.memberships.find_one({"_id": membership_id(room, user)})
    return load_or_none(found, Membership)


async def find_owners(db: Database, room: str) -> list[str]:
    found = await db.memberships.find({"room": room, "role": "owner"}).to_list(None)
    return [document["user"] for document in found if document["active"]]


async def find_owned(db: Database, user: str) -> list[Room]:
    """The rooms that a person owns, whether or not they can act."""
    own = [one.room for one in await find_memberships(db, user) if one.role == "owner"]
    return list((await find_many(db, own)).values())


async def members_in_pages(db: Database, room: str) -> AsyncGenerator[set[str], None]:
    """The ids of all members, a page at a time."""
    page: set[str] = set()
    async for document in db.memberships.find({"room": room, "active": True}, batch_size=PAGE):
        page.add(document["user"])
        if len(page) == PAGE:
            yield page
            page = set()
    if page:
        yield page


async def page_of_members(
    db: Database, room: str, *, limit: int, before: int | None = None
) -> list[Membership]:
    """Newest first; `before` is a seq of the room's topic."""
    query: dict[str, object] = {"room": room, "active": True}
    if before is not None:
        query["seq"] = {"$lt": before}
    found = await db.memberships.find(query).sort("seq", -1).limit(limit).to_list(None)
    return load_all(found, Membership)
