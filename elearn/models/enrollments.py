"""The collection `enrollments`: a person's place in a course; ended ones stay, `active: False`."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from elearn.models import joined_reads
from elearn.models.database import Database
from elearn.models.documents import (
    by_id,
    load,
    load_all,
    load_or_none,
    put_newer,
    set_all_newer,
)
from elearn.models.portable import find_by_ids
from elearn.nouns.courses import Enrollment


def enrollment_id(course: str, user: str) -> str:
    return f"{course}/{user}"


async def put(db: Database, *enrollments: Enrollment) -> None:
    await put_newer(db.enrollments, *enrollments)


async def end(db: Database, *places: tuple[str, int, datetime]) -> None:
    """Places by `(id, seq, when)`; what they were stays."""
    ended = [(one, seq, {"active": False, "left_at": at}) for one, seq, at in places]
    await set_all_newer(db.enrollments, ended)


async def take_up(db: Database, *places: tuple[str, int]) -> None:
    """Ended places by `(id, seq)` are what they were."""
    back = [(one, seq, {"active": True, "left_at": None}) for one, seq in places]
    await set_all_newer(db.enrollments, back)


async def find_place(db: Database, course: str, user: str) -> Enrollment | None:
    """The enrolment, an ended one too."""
    found = await joined_reads.find_one(db, "enrollments", enrollment_id(course, user))
    return load_or_none(found, Enrollment)


async def find(db: Database, course: str, user: str) -> Enrollment | None:
    """The active enrolment, or None."""
    found = await find_place(db, course, user)
    return found if found and found.active else None


async def find_of_user(db: Database, user: str) -> list[Enrollment]:
    return _active(await db.enrollments.find({"user": user}).to_list(None))


async def find_many(db: Database, ids: Sequence[str]) -> dict[str, Enrollment]:
    """By their ids, ended ones too."""
    if not ids:
        return {}
    found = await joined_reads.find_many(db, "enrollments", list(ids))
    return by_id(found.values(), Enrollment)


async def find_of_users(db: Database, course: str, users: Iterable[str]) -> set[str]:
    """Those of `users` who are enrolled."""
    ids = [enrollment_id(course, user) for user in users]
    return {one.user for one in _active(await find_by_ids(db.enrollments, ids))}


async def find_in_courses(db: Database, user: str, courses: Iterable[str]) -> set[str]:
    """Those of `courses` that the user is enrolled in."""
    ids = [enrollment_id(course, user) for course in courses]
    return {one.course for one in _active(await find_by_ids(db.enrollments, ids))}


async def page_of_course(
    db: Database, course: str, *, limit: int, skip: int = 0, before: int | None = None
) -> list[Enrollment]:
    """The enrolled, newest first; `before` is a seq of the course's topic."""
    query: dict[str, object] = {"course": course, "active": True}
    if before is not None:
        query["seq"] = {"$lt": before}
    cursor = db.enrollments.find(query).sort("seq", -1)
    return load_all(await cursor.skip(skip).limit(limit).to_list(None), Enrollment)


def _active(documents: Iterable[dict[str, object]]) -> list[Enrollment]:
    return [load(document, Enrollment) for document in documents if document["active"]]
