"""The document `wake`: who writes what no server hears of adds 1 after its writes, servers look."""

from elearn.models.database import Database

LEFT = "count"
"""By a process that serves nobody: it left rows whose reactions nobody holds in memory."""
MOVED = "moved"
"""By a server that cannot reach the others in another way."""


async def ring(db: Database, field: str = LEFT) -> None:
    await db.wake.update_one({"_id": "wake"}, {"$inc": {field: 1}}, upsert=True)


async def counts(db: Database) -> tuple[int, int]:
    """How often it was rung for `LEFT` and for `MOVED`."""
    found = await db.wake.find_one({"_id": "wake"}) or {}
    return int(found.get(LEFT, 0)), int(found.get(MOVED, 0))
