"""The collection `searches`: how often a text was searched, a document a day, and nobody's name.

`about` is the course that it led to, or "" for what the catalogue did not have.
"""

from collections.abc import Mapping

import msgspec

from elearn.models.database import Database, Document

MOST = 5_000


class Tally(msgspec.Struct, frozen=True):
    """What is counted: `day` is an ordinal, `what` is "nothing", "opened" or "enrolled"."""

    day: int
    about: str
    what: str
    q: str


async def add(db: Database, counts: Mapping[Tally, int]) -> None:
    for tally, count in counts.items():
        await db.searches.update_one(
            {"_id": f"{tally.day}.{tally.about}.{tally.what}.{tally.q}"},
            {"$inc": {"count": count}, "$setOnInsert": msgspec.to_builtins(tally)},
            upsert=True,
        )


async def of(db: Database, about: str, since: int) -> list[Document]:
    """Newest days first."""
    rows = db.searches.find({"about": about, "day": {"$gte": since}}).sort("day", -1).limit(MOST)
    return [dict(row) async for row in rows]


async def texts(db: Database, since: int) -> set[str]:
    rows = db.searches.find({"day": {"$gte": since}}).limit(MOST)
    return {str(row["q"]) async for row in rows}


async def forget(db: Database, before: int) -> None:
    await db.searches.delete_many({"day": {"$lt": before}})
