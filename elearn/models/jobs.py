"""The collection `jobs`: work that a command asks of the server that holds the embedded index."""

from datetime import datetime
from typing import Any

from elearn.models.events import Database
from elearn.models.portable import setting


async def ask(db: Database, kind: str, now: datetime) -> str:
    """Leave a job, or join the one that is under way; its id."""
    await db.jobs.update_one(
        {"_id": kind, "state": {"$in": ["done", "failed"]}},
        setting({"state": "waiting", "asked_at": now, "done": 0, "total": 0, "error": ""}),
    )
    await db.jobs.update_one(
        {"_id": kind},
        {
            "$setOnInsert": {
                "state": "waiting",
                "asked_at": now,
                "done": 0,
                "total": 0,
                "error": "",
            }
        },
        upsert=True,
    )
    return kind


async def take(db: Database, kind: str) -> bool:
    """Whether this process got the waiting job."""
    result = await db.jobs.update_one(
        {"_id": kind, "state": "waiting"}, setting({"state": "running"})
    )
    return bool(result.modified_count)


async def report(db: Database, kind: str, **fields: Any) -> None:
    await db.jobs.update_one({"_id": kind}, setting(fields))


async def find(db: Database, kind: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = await db.jobs.find_one({"_id": kind})
    return found
