"""The collection `updates`: what teachers published, the projection of `update.*` rows."""

from collections.abc import Iterable
from typing import Any

from elearn.models.courses import insert_missing
from elearn.models.events import Database
from elearn.models.portable import find_by_ids


async def insert(db: Database, document: dict[str, Any]) -> None:
    await insert_missing(db.updates, [document])


async def find(db: Database, update: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = await db.updates.find_one({"_id": update})
    return found


async def find_many(db: Database, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    found = await find_by_ids(db.updates, ids)
    return {document["_id"]: document for document in found}


async def page_of_course(
    db: Database, course: str, *, limit: int, before: int | None = None, above: int = 0
) -> list[dict[str, Any]]:
    """Newest first; `before` and `above` are seqs of the course's topic."""
    place: dict[str, int] = {"$gt": above}
    if before is not None:
        place["$lt"] = before
    cursor = db.updates.find({"course": course, "seq": place}).sort("seq", -1).limit(limit)
    return list(await cursor.to_list(None))
