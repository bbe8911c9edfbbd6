"""The collection `courses`: the projection of each course's own topic, `seq` its last row; and
beside it who teaches what (`teaching`) and which lines of an import became which (`imported`)."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from elearn.models import joined_reads
from elearn.models.database import Database, Document
from elearn.models.documents import (
    by_id,
    insert_missing,
    load_all,
    load_or_none,
    set_all_newer,
    set_newer,
)
from elearn.models.portable import find_by_ids
from elearn.nouns.courses import Course


class Teaching(msgspec.Struct, frozen=True):
    """Documents of their own, for arrays are not searched."""

    id: str = msgspec.field(name="_id")
    course: str
    user: str


class Imported(msgspec.Struct, frozen=True):
    """The importer's id names the course that was made for it, or is about to be."""

    id: str = msgspec.field(name="_id")
    course: str


async def insert_many(db: Database, courses: Sequence[Course]) -> None:
    await insert_missing(db.courses, courses)


async def set_at(db: Database, course: str, seq: int, fields: Document) -> None:
    await set_newer(db.courses, course, seq, fields)


async def set_many_at(db: Database, changes: Sequence[tuple[str, int, Document]]) -> None:
    """`set_at` for many `(id, seq, fields)`, in order."""
    await set_all_newer(db.courses, changes)


async def find(db: Database, course: str) -> Course | None:
    return load_or_none(await joined_reads.find_one(db, "courses", course), Course)


async def find_many(db: Database, ids: Iterable[str]) -> dict[str, Course]:
    return by_id(await find_by_ids(db.courses, ids), Course)


async def insert_teaching(db: Database, courses: Iterable[Course]) -> None:
    teaching = [
        Teaching(f"{course.id}/{user}", course.id, user)
        for course in courses
        for user in course.teachers
    ]
    await insert_missing(db.teaching, teaching)


async def remove_teaching(db: Database, course: str, users: Iterable[str]) -> None:
    if ids := [f"{course}/{user}" for user in users]:
        await db.teaching.delete_many({"_id": {"$in": ids}})


async def taught_ids(db: Database, user: str, limit: int) -> list[str]:
    """A teacher's courses, newest first."""
    found = await db.teaching.find({"user": user}).sort("_id", -1).limit(limit).to_list(None)
    return [document["course"] for document in found]


async def find_external(db: Database, external_ids: Iterable[str]) -> dict[str, str]:
    """`{importer's id: course id}` of those that were imported before, or begun to be."""
    found = await find_by_ids(db.imported, external_ids)
    return {document["_id"]: document["course"] for document in found}


async def claim_external(db: Database, claims: Mapping[str, str]) -> None:
    """Importer's ids for courses that are about to be made; a claim that is there stays."""
    await insert_missing(db.imported, [Imported(one, course) for one, course in claims.items()])


async def find_holding(db: Database) -> list[Course]:
    """Those that keep a seat for somebody: `holding` counts them, for arrays are not searched."""
    found = await db.courses.find({"holding": {"$gt": 0}}).to_list(None)
    return load_all(found, Course)


async def all_ids(db: Database) -> list[str]:
    return [document["_id"] for document in await db.courses.find({}, {"_id": 1}).to_list(None)]


async def newest(db: Database, limit: int) -> list[Course]:
    found = await db.courses.find({"published": True}).sort("_id", -1).limit(limit).to_list(None)
    return load_all(found, Course)
