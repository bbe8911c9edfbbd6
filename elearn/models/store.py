"""The store itself: its life (`epoch`: positions of another life are not recovered), and whether it
takes writes."""

from elearn.models.database import Database
from elearn.models.ids import new_id
from elearn.models.portable import setting


async def epoch(db: Database) -> str:
    """This store's epoch, made at the first start."""
    await db.meta.update_one({"_id": "epoch"}, {"$setOnInsert": {"value": new_id()}}, upsert=True)
    found = await db.meta.find_one({"_id": "epoch"})
    return str(found["value"])


async def new_epoch(db: Database) -> str:
    """After a restore from a backup: every client reloads instead of resuming."""
    value = new_id()
    await db.meta.update_one({"_id": "epoch"}, setting({"value": value}), upsert=True)
    return value


async def vouch(db: Database) -> None:
    """Write something that says nothing. The store keeps its writes in order: once this one is
    acknowledged, rows that were there before it will not be rolled back."""
    await db.meta.update_one({"_id": "appender"}, {"$inc": {"vouched": 1}}, upsert=True)
