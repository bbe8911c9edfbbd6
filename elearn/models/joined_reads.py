"""What many ask for one by one is read together: all that is asked for while a read is on its way
goes in the next.

Every read begins after it was asked for, so nobody gets anything older than by a read of their own.
After a restart thousands ask for the same few rooms and courses, and each for a session.
"""

import asyncio
import weakref
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar

from pymongo.errors import NetworkTimeout, PyMongoError, ServerSelectionTimeoutError

from elearn.models.database import Database, Document
from elearn.models.portable import find_by_ids

TOGETHER = 100
Found = TypeVar("Found")


async def find_one(db: Database, collection: str, ident: str) -> Document | None:
    """The document, or None; one of one's own, to be changed at will at its top level."""
    if isinstance(db, Look):
        return await db.find_one(collection, ident)
    known = _READS.get(id(db)) or _reads_of(db)
    reads = known.get(collection)
    if reads is None:
        reads = known[collection] = JoinedReads()
    found = await reads.find(ident, lambda ids: find_many(db, collection, ids))
    return None if found is None else dict(found)


async def find_many(db: Database, collection: str, ids: list[str]) -> dict[str, Document]:
    if len(ids) == 1:
        one = await db[collection].find_one({"_id": ids[0]})
        return {} if one is None else {one["_id"]: one}
    found = await find_by_ids(db[collection], ids)
    return {document["_id"]: document for document in found}


class Look:
    """A database in which every document is read by its id once at most: for questions that are
    asked one after another about one moment, which begins with the look."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._seen: dict[tuple[str, str], Document | None] = {}

    async def find_one(self, collection: str, ident: str) -> Document | None:
        place = (collection, ident)
        if place not in self._seen:
            self._seen[place] = await find_one(self._db, collection, ident)
        return self._seen[place]

    def __getattr__(self, collection: str) -> Any:
        return getattr(self._db, collection)


class _Batch(Generic[Found]):
    """Ids that are read together, asked for after so many time-outs."""

    __slots__ = ("error", "found", "ids", "timeouts")

    def __init__(self, timeouts: int) -> None:
        self.timeouts = timeouts
        self.ids: dict[str, None] = {}
        self.found: Mapping[str, Found] | None = None
        self.error: PyMongoError | None = None


class JoinedReads(Generic[Found]):
    """The reads of one kind, one after another; it holds no task and outlives no caller."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._timeouts = 0
        self._timeout: PyMongoError | None = None
        self._next: _Batch[Found] = _Batch(0)

    async def find(
        self, ident: str, read: Callable[[list[str]], Awaitable[Mapping[str, Found]]]
    ) -> Found | None:
        """`ident` by `read`, or by that of another who asked at the same time."""
        if len(self._next.ids) >= TOGETHER:
            self._next = _Batch(self._timeouts)
        batch = self._next
        batch.ids[ident] = None
        async with self._turn:
            if batch.found is None and batch.timeouts < self._timeouts:
                # The store is away: who waited for so long does not wait as long again.
                batch.error = self._timeout
            if batch.found is None and batch.error is None:
                if self._next is batch:
                    self._next = _Batch(self._timeouts)
                try:  # cut off here, the next of the batch does it
                    batch.found = await read(list(batch.ids))
                except PyMongoError as error:
                    batch.error = error
                    self._note(error)
        if batch.error is not None:
            raise batch.error.with_traceback(None)  # it would grow with everyone who gets it
        assert batch.found is not None
        return batch.found.get(ident)

    def _note(self, error: PyMongoError) -> None:
        if isinstance(error, NetworkTimeout | ServerSelectionTimeoutError):
            self._timeouts += 1
            self._timeout = error
            self._next = _Batch(self._timeouts)


# Beside each open database, and gone with it: the functions of `models` get only the database. By
# identity: two clients of one server are equal, and may belong to two loops.
_READS: dict[int, dict[str, JoinedReads[Document]]] = {}


def _reads_of(db: Database) -> dict[str, JoinedReads[Document]]:
    weakref.finalize(db, _READS.pop, id(db), None)
    return _READS.setdefault(id(db), {})
