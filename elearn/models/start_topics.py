"""The collection `desks`: where a person takes up again, `{_id, courses, head, whole}`.

Hints, with the person as `_id` so that those of many are read at once. `courses` has every course
that they ever enrolled in (the enrolments say which still count), `head` is how far their own
topic was lately (the log says how far it is).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import UpdateOne

from elearn.models import enrollments
from elearn.models.courses import insert_missing
from elearn.models.events import Database
from elearn.models.portable import find_by_ids, setting


async def find_many(db: Database, users: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Those that are whole."""
    found = await find_by_ids(db.desks, users)
    return {document["_id"]: document for document in found if document["whole"]}


async def gather(db: Database, user: str) -> dict[str, Any]:
    """A person's first desk. It is there before the enrolments are read: whoever enrols them
    meanwhile adds to it."""
    empty = {"_id": user, "courses": [], "head": 0, "whole": 0}
    await insert_missing(db.desks, [empty])
    known = [one["course"] for one in await enrollments.find_of_user(db, user)]
    for course in known:
        await add_course(db, user, course)
    await db.desks.update_one({"_id": user}, setting({"whole": 1}))
    return {**empty, "courses": known}


async def add_course(db: Database, user: str, course: str) -> None:
    await db.desks.update_one({"_id": user}, {"$addToSet": {"courses": course}})


async def set_heads(db: Database, heads: Mapping[str, int]) -> None:
    writes = [UpdateOne({"_id": user}, setting({"head": seq})) for user, seq in heads.items()]
    if writes:
        await db.desks.bulk_write(writes, ordered=False)
