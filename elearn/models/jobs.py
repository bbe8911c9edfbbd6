"""The collection `jobs`: work that a command asks of the server that holds the embedded index."""

from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from elearn.models.database import Database, Document
from elearn.models.portable import setting

ENDED = ("done", "failed", "refused")


async def ask(db: Database, job: str, now: datetime, wanted: Document) -> bool:
    """Leave a job; False when one waits or is under way."""
    fields = {"state": "waiting", "asked_at": now, "done": 0, "total": 0, "text": "", **wanted}
    again = await db.jobs.update_one({"_id": job, "state": {"$in": list(ENDED)}}, setting(fields))
    if again.modified_count:
        return True
    try:
        first = await db.jobs.update_one({"_id": job}, {"$setOnInsert": fields}, upsert=True)
    except DuplicateKeyError:
        return False
    return not first.matched_count


async def take(db: Database, job: str) -> Document | None:
    """The waiting job, if this process got it."""
    result = await db.jobs.update_one(
        {"_id": job, "state": "waiting"}, setting({"state": "running"})
    )
    return await find(db, job) if result.modified_count else None


async def end_running(db: Database, job: str, text: str) -> None:
    """What a process that is gone had begun."""
    await db.jobs.update_one(
        {"_id": job, "state": "running"}, setting({"state": "failed", "text": text})
    )


async def report(db: Database, job: str, **fields: Any) -> None:
    await db.jobs.update_one({"_id": job}, setting(fields))


async def find(db: Database, job: str) -> Document | None:
    found: Document | None = await db.jobs.find_one({"_id": job})
    return found
