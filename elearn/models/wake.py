"""The document `wake`: a process that serves nobody adds 1 after its writes, servers look."""

from elearn.models.events import Database


async def ring(db: Database) -> None:
    await db.wake.update_one({"_id": "wake"}, {"$inc": {"count": 1}}, upsert=True)


async def count(db: Database) -> int:
    found = await db.wake.find_one({"_id": "wake"})
    return int(found["count"]) if found else 0
