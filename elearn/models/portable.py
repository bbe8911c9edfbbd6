"""How documents are changed, and found by ids, on every server of MongoDB's protocol."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pymongo.errors import BulkWriteError

from elearn.models.database import Document

# Codes of a refusal by a unique index.
DUPLICATE_KEY = frozenset({11000, 11001})


def setting(fields: Mapping[str, Any]) -> Document:
    """The update that sets `fields`, each with the type that it has.

    nx-27017 0.8.1 has two ways to set a field, and the quick one turns `True` into 1 and a time
    into text. It takes the careful one when the update also pulls from a field that is not there,
    which changes nothing on any server. (Measured: as quick, and as atomic.)
    """
    return {"$set": dict(fields), "$pull": {"absent": 0}}


def not_vouched_for(error: BulkWriteError) -> bool:
    """Whether what was written may be rolled back: a majority has not confirmed it."""
    return bool((error.details or {}).get("writeConcernErrors"))


@contextmanager
def passing_over_duplicates() -> Iterator[None]:
    """Around an unordered write: what is there already stays, and is no failure."""
    try:
        yield
    except BulkWriteError as error:
        refused = (error.details or {}).get("writeErrors", [])
        if not_vouched_for(error) or any(e.get("code") not in DUPLICATE_KEY for e in refused):
            raise


async def find_by_ids(collection: Any, ids: Iterable[str]) -> list[Document]:
    """For no ids the store is not asked: the embedded one would look at every document."""
    wanted = list(ids)
    if not wanted:
        return []
    found: list[Document] = await collection.find({"_id": {"$in": wanted}}).to_list(None)
    return found
