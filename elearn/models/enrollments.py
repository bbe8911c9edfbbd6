"""The collection `enrollments`: a person's place in a course; ended ones stay, `active: False`."""

from collections.abc import Iterable, Sequence
from typing import Any

from elearn.models import joined_reads
from elearn.models.events import Database
from elearn.models.portable import find_by_ids, setting


def enrollment_id(course: str, user: str) -> str:
    return f"{course}/{user}"


async def put(db: Database, document: dict[str, Any]) -> None:
    """Store the state after the row `document["seq"]`, unless a later one is stored."""
    identity = {"_id": document["_id"]}
    await db.enrollments.update_one(identity, {"$setOnInsert": {**document, "seq": 0}}, upsert=True)
    fields = {name: value for name, value in document.items() if name != "_id"}
    await db.enrollments.update_one({**identity, "seq": {"$lt": document["seq"]}}, setting(fields))


async def find(db: Database, course: str, user: str) -> dict[str, Any] | None:
    """The active enrolment, or None."""
    found = await joined_reads.find_one(db, "enrollments", enrollment_id(course, user))
    return found if found and found["active"] else None


async def find_of_user(db: Database, user: str) -> list[dict[str, Any]]:
    found = await db.enrollments.find({"user": user}).to_list(None)
    return [document for document in found if document["active"]]


async def find_many(db: Database, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """By their ids, ended ones too."""
    if not ids:
        return {}
    return await joined_reads.find_many(db, "enrollments", list(ids))


async def find_of_users(db: Database, course: str, users: Iterable[str]) -> set[str]:
    """Those of `users` who are enrolled."""
    ids = [enrollment_id(course, user) for user in users]
    found = await find_by_ids(db.enrollments, ids)
    return {document["user"] for document in found if document["active"]}


async def find_in_courses(db: Database, user: str, courses: Iterable[str]) -> set[str]:
    """Those of `courses` that the user is enrolled in."""
    ids = [enrollment_id(course, user) for course in courses]
    found = await find_by_ids(db.enrollments, ids)
    return {document["course"] for document in found if document["active"]}


async def page_of_course(
    db: Database, course: str, *, limit: int, skip: int = 0
) -> list[dict[str, Any]]:
    """The enrolled, newest first."""
    cursor = db.enrollments.find({"course": course, "active": True}).sort("seq", -1)
    found = await cursor.skip(skip).limit(limit).to_list(None)
    return list(found)
