"""The store's life (`epoch`): positions of another life are not recovered."""

from elearn.models.events import Database
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
