"""The collection `feed`: items of the activity feed, one a `feed.posted` row, under its id.

`topic` is where the item was posted; `order` grows with time over all topics and pages by it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeGuard

from elearn.models.courses import insert_missing
from elearn.models.events import Database, Row
from elearn.models.portable import find_by_ids, setting


def order(at: datetime, seq: int) -> int:
    """Milliseconds, then the place in the topic. Items of one moment may have the same."""
    return int(at.timestamp() * 1000) * 4096 + seq % 4096


async def insert_many(db: Database, documents: Sequence[dict[str, Any]]) -> None:
    await insert_missing(db.feed, documents)


async def find_many(db: Database, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    found = await find_by_ids(db.feed, ids)
    return {document["_id"]: document for document in found}


async def page(
    db: Database,
    field: str,
    value: str,
    *,
    limit: int,
    before: int | None = None,
) -> list[dict[str, Any]]:
    """Newest first: of a `topic` or of an `author`, below an `order`. At least `limit` when there
    are so many: of items with the same order it holds all or none."""
    query: dict[str, Any] = {field: value}
    if before is not None:
        query["order"] = {"$lt": before}
    found = await db.feed.find(query).sort("order", -1).limit(limit).to_list(None)
    if len(found) < limit:
        return list(found)
    last = found[-1]["order"]
    same = await db.feed.find({field: value, "order": last}).to_list(None)
    return [*(item for item in found if item["order"] != last), *same]


async def mark_deleted(db: Database, item: str, at: datetime) -> None:
    await db.feed.update_one({"_id": item}, setting({"deleted_at": at}))


async def put_feedback(db: Database, course: str, row: Row) -> None:
    """A person's one opinion of a course: the newest row's, with its item's id."""
    author, item = row.data["author"], row.data["item"]
    await db.feedback.update_one(
        {"_id": f"{course}/{author}"}, {"$setOnInsert": {"seq": 0}}, upsert=True
    )
    await db.feedback.update_one(
        {"_id": f"{course}/{author}", "seq": {"$lt": row.seq}},
        setting({"seq": row.seq, "item": row.id, "stars": item["stars"]}),
    )


async def uncount_feedback(db: Database, course: str, author: str, seq: int) -> None:
    """Its item was deleted: it is remembered, and counts no more."""
    await db.feedback.update_one(
        {"_id": f"{course}/{author}", "seq": {"$lt": seq}}, setting({"seq": seq, "stars": None})
    )


def is_counted(feedback: dict[str, Any] | None) -> TypeGuard[dict[str, Any]]:
    return feedback is not None and feedback.get("stars") is not None


async def find_feedback(db: Database, course: str, author: str) -> dict[str, Any] | None:
    """`{seq, item, stars}` of what this person last said of the course; `stars` None when that was
    deleted."""
    found: dict[str, Any] | None = await db.feedback.find_one({"_id": f"{course}/{author}"})
    return found
