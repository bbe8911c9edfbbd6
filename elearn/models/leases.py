"""The collection `leases`: who does a piece of work that one node does for all. `beat` moves with
every renewal; no times are kept, so that no two clocks have to agree."""

from elearn.models.database import Database, Document
from elearn.models.portable import setting

FREE = ""


async def find(db: Database, name: str) -> tuple[str, int]:
    """Holder and beat; made free when it is not there yet."""
    found: Document | None = await db.leases.find_one({"_id": name})
    if found is None:
        await db.leases.update_one(
            {"_id": name}, {"$setOnInsert": {"holder": FREE, "beat": 0}}, upsert=True
        )
        found = await db.leases.find_one({"_id": name})
    assert found is not None
    return found["holder"], found["beat"]


async def take(db: Database, name: str, seen: tuple[str, int], holder: str) -> bool:
    """Whether `holder` got it: nobody moved it since it was `seen`."""
    result = await db.leases.update_one(
        {"_id": name, "holder": seen[0], "beat": seen[1]},
        setting({"holder": holder, "beat": seen[1] + 1}),
    )
    return bool(result.modified_count)


async def renew(db: Database, name: str, holder: str) -> bool:
    """Whether it is still the holder's."""
    result = await db.leases.update_one({"_id": name, "holder": holder}, {"$inc": {"beat": 1}})
    return bool(result.modified_count)


async def release(db: Database, name: str, holder: str) -> None:
    await db.leases.update_one({"_id": name, "holder": holder}, setting({"holder": FREE}))
