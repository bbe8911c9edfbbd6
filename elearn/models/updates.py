"""The collection `updates`: what teachers published, the projection of `update.*` rows."""

from collections.abc import Iterable, Sequence

from elearn.models.database import Database
from elearn.models.documents import by_id, insert_missing, load_all, load_or_none
from elearn.models.portable import find_by_ids
from elearn.nouns.updates import Update


async def insert_many(db: Database, updates: Sequence[Update]) -> None:
    await insert_missing(db.updates, updates)


async def find(db: Database, update: str) -> Update | None:
    return load_or_none(await db.updates.find_one({"_id": update}), Update)


async def find_many(db: Database, ids: Iterable[str]) -> dict[str, Update]:
    return by_id(await find_by_ids(db.updates, ids), Update)


async def page_of_course(
    db: Database, course: str, *, limit: int, before: int | None = None, above: int = 0
) -> list[Update]:
    """Newest first; `before` and `above` are seqs of the course's topic."""
    place: dict[str, int] = {"$gt": above}
    if before is not None:
        place["$lt"] = before
    cursor = db.updates.find({"course": course, "seq": place}).sort("seq", -1).limit(limit)
    return load_all(await cursor.to_list(None), Update)
