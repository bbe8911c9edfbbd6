"""Documents by their id: what is asked for while a read is on its way goes together in the next.

Every read begins after it was asked for, so nobody gets anything older than by a read of their own.
After a restart thousands ask for the same few rooms and courses, and each for a session.
"""

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

from pymongo.errors import PyMongoError

Database = Any
TOGETHER = 100


async def find_one(db: Database, collection: str, ident: str) -> dict[str, Any] | None:
    """The document, or None; one of one's own, to be changed at will at its top level."""
    # Two clients of one server are equal: a lock of another loop must not be met through that.
    of_loop = _READS.setdefault(asyncio.get_running_loop(), WeakKeyDictionary())
    known = of_loop.setdefault(db, {})
    if collection not in known:
        known[collection] = _Reads(collection)
    found = await known[collection].find(db, ident)
    return None if found is None else dict(found)


class _Batch:
    """Ids that are read together."""

    def __init__(self) -> None:
        self.ids: dict[str, None] = {}
        self.found: dict[str, dict[str, Any]] | None = None
        self.error: PyMongoError | None = None


class _Reads:
    """The reads of one collection, one after another; it holds no task and outlives no caller."""

    def __init__(self, collection: str) -> None:
        self._collection = collection
        self._turn = asyncio.Lock()
        self._next = _Batch()

    async def find(self, db: Database, ident: str) -> dict[str, Any] | None:
        if len(self._next.ids) >= TOGETHER:
            self._next = _Batch()
        batch = self._next
        batch.ids[ident] = None
        async with self._turn:
            if batch.found is None and batch.error is None:
                await self._read(db, batch)  # cut off here, the next of the batch does it
        if batch.error is not None:
            raise batch.error
        assert batch.found is not None
        return batch.found.get(ident)

    async def _read(self, db: Database, batch: _Batch) -> None:
        if self._next is batch:
            self._next = _Batch()
        ids = list(batch.ids)
        try:
            if len(ids) == 1:
                one = await db[self._collection].find_one({"_id": ids[0]})
                found = [one] if one is not None else []
            else:
                found = await db[self._collection].find({"_id": {"$in": ids}}).to_list(None)
        except PyMongoError as error:
            batch.error = error
            return
        batch.found = {document["_id"]: document for document in found}


# Beside each open database, and gone with it: the functions of `models` get only the database.
_READS: WeakKeyDictionary[
    asyncio.AbstractEventLoop, WeakKeyDictionary[Database, dict[str, _Reads]]
] = WeakKeyDictionary()
