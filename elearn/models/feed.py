"""The collections `feed` (items of the activity feed, one a `feed.posted` row, under its id) and
`feedback` (what each person last said of a course)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from elearn.models.database import Database
from elearn.models.documents import (
    by_id,
    insert_missing,
    load_all,
    load_or_none,
    put_newer,
    set_newer,
)
from elearn.models.portable import find_by_ids, setting
from elearn.nouns.feed import Feedback, Item


def order(at: datetime, seq: int) -> int:
    """Milliseconds, then the place in the topic. Items of one moment may have the same."""
    return int(at.timestamp() * 1000) * 4096 + seq % 4096


async def insert_many(db: Database, items: Sequence[Item]) -> None:
    await insert_missing(db.feed, items)


async def find(db: Database, item: str) -> Item | None:
    return (await find_many(db, [item])).get(item)


async def find_many(db: Database, ids: Iterable[str]) -> dict[str, Item]:
    return by_id(await find_by_ids(db.feed, ids), Item)


async def page(
    db: Database,
    field: str,
    value: str,
    *,
    limit: int,
    before: int | None = None,
) -> list[Item]:
    """Newest first: of a `topic` or of an `author`, below an `order`. At least `limit` when there
    are so many: of items with the same order it holds all or none."""
    query: dict[str, object] = {field: value}
    if before is not None:
        query["order"] = {"$lt": before}
    found = await db.feed.find(query).sort("order", -1).limit(limit).to_list(None)
    if len(found) < limit:
        return load_all(found, Item)
    last = found[-1]["order"]
    same = await db.feed.find({field: value, "order": last}).to_list(None)
    return load_all([*(item for item in found if item["order"] != last), *same], Item)


async def mark_deleted(db: Database, item: str, at: datetime) -> None:
    await db.feed.update_one({"_id": item}, setting({"deleted_at": at}))


def feedback_id(course: str, author: str) -> str:
    return f"{course}/{author}"


async def put_feedback(db: Database, feedback: Feedback) -> None:
    await put_newer(db.feedback, feedback)


async def uncount_feedback(db: Database, course: str, author: str, seq: int) -> None:
    """Its item was deleted: it is remembered, and counts no more."""
    await set_newer(db.feedback, feedback_id(course, author), seq, {"stars": None})


async def find_feedback(db: Database, course: str, author: str) -> Feedback | None:
    found = await db.feedback.find_one({"_id": feedback_id(course, author)})
    return load_or_none(found, Feedback)
