"""The collection `courses`: the projection of each course's own topic, `seq` its last row."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import UpdateOne

from elearn.models import joined_reads
from elearn.models.events import Database
from elearn.models.portable import find_by_ids, passing_over_duplicates, setting


async def insert_many(db: Database, documents: Sequence[dict[str, Any]]) -> None:
    """Unordered; what is there already stays (a row applied twice)."""
    await insert_missing(db.courses, documents)


async def insert_missing(collection: Any, documents: Sequence[dict[str, Any]]) -> None:
    if not documents:
        return
    with passing_over_duplicates():
        await collection.insert_many(list(documents), ordered=False)


async def set_at(db: Database, course_id: str, seq: int, fields: dict[str, Any]) -> None:
    """Apply a row's fields unless a later row was applied already."""
    await db.courses.update_one(
        {"_id": course_id, "seq": {"$lt": seq}}, setting({**fields, "seq": seq})
    )


async def set_many_at(db: Database, changes: Sequence[tuple[str, int, dict[str, Any]]]) -> None:
    """`set_at` for many `(id, seq, fields)`, in order."""
    writes = [
        UpdateOne({"_id": course_id, "seq": {"$lt": seq}}, setting({**fields, "seq": seq}))
        for course_id, seq, fields in changes
    ]
    if writes:
        await db.courses.bulk_write(writes)


async def find(db: Database, course_id: str) -> dict[str, Any] | None:
    return await joined_reads.find_one(db, "courses", course_id)


async def find_many(db: Database, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    found = await find_by_ids(db.courses, ids)
    return {document["_id"]: document for document in found}


async def taught_ids(db: Database, user: str, limit: int) -> list[str]:
    """A teacher's courses, newest first: documents of their own, for arrays are not searched."""
    found = await db.teaching.find({"user": user}).sort("_id", -1).limit(limit).to_list(None)
    return [document["course"] for document in found]


async def remove_teaching(db: Database, course: str, users: Iterable[str]) -> None:
    if ids := [f"{course}/{user}" for user in users]:
        await db.teaching.delete_many({"_id": {"$in": ids}})


async def find_taught(db: Database, user: str, limit: int) -> list[dict[str, Any]]:
    courses = await find_many(db, await taught_ids(db, user, limit))
    return sorted(courses.values(), key=lambda course: str(course["title"]).casefold())


async def find_external(db: Database, external_ids: Iterable[str]) -> dict[str, str]:
    """`{importer's id: course id}` of those that were imported before, or begun to be."""
    found = await find_by_ids(db.imported, external_ids)
    return {document["_id"]: document["course"] for document in found}


async def claim_external(db: Database, claims: Mapping[str, str]) -> None:
    """Importer's ids for courses that are about to be made; a claim that is there stays."""
    await insert_missing(
        db.imported, [{"_id": one, "course": course} for one, course in claims.items()]
    )


async def newest(db: Database, limit: int) -> list[dict[str, Any]]:
    found = await db.courses.find({"published": True}).sort("_id", -1).limit(limit).to_list(None)
    return list(found)
