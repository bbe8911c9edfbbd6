"""The collection `marks`: how far a person has read a topic, `{_id: user/topic, seq, n}`."""

from collections.abc import Iterable

from pymongo import UpdateOne

from elearn.models.database import Database, Document
from elearn.models.portable import find_by_ids, passing_over_duplicates, setting


def mark_id(user: str, topic: str) -> str:
    return f"{user}/{topic}"


async def move(db: Database, marks: Iterable[tuple[str, str, int, int]]) -> None:
    """Move each `(user, topic, seq, n)` forward; a mark never moves back here."""
    writes = [
        UpdateOne(
            {"_id": mark_id(user, topic), "seq": {"$lt": seq}},
            setting({"user": user, "topic": topic, "seq": seq, "n": n}),
            upsert=True,
        )
        for user, topic, seq, n in marks
    ]
    if not writes:
        return
    # The upsert of a mark that stands further on collides with it, and is not needed.
    with passing_over_duplicates():
        await db.marks.bulk_write(writes, ordered=False)


async def find(db: Database, user: str, topics: Iterable[str]) -> dict[str, Document]:
    ids = [mark_id(user, topic) for topic in topics]
    found = await find_by_ids(db.marks, ids)
    return {document["topic"]: document for document in found}
