"""Between documents of the store and the structs of `nouns`; what follows from rows is written so
that an older row changes nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from pymongo import UpdateOne

from elearn.models.database import Document
from elearn.models.portable import passing_over_duplicates, setting

T = TypeVar("T", bound=msgspec.Struct)


def load(document: Document, shape: type[T]) -> T:
    """A field that the document lacks has its default: a new one needs no migration."""
    return msgspec.convert(document, shape)


def load_or_none(document: Document | None, shape: type[T]) -> T | None:
    return None if document is None else load(document, shape)


def load_all(documents: Iterable[Document], shape: type[T]) -> list[T]:
    return [load(document, shape) for document in documents]


def by_id(documents: Iterable[Document], shape: type[T]) -> dict[str, T]:
    return {document["_id"]: load(document, shape) for document in documents}


def dump(thing: msgspec.Struct) -> Document:
    found: Document = msgspec.to_builtins(thing, builtin_types=(datetime,))
    return found


def fields_of(thing: msgspec.Struct, *but: str) -> Document:
    """All that it stores but its id, and but what is named."""
    return {name: value for name, value in dump(thing).items() if name not in ("_id", *but)}


async def insert_missing(collection: Any, things: Sequence[msgspec.Struct]) -> None:
    """Unordered; what is there already stays (a row applied twice)."""
    if not things:
        return
    with passing_over_duplicates():
        await collection.insert_many([dump(thing) for thing in things], ordered=False)


async def put_newer(collection: Any, *things: msgspec.Struct) -> None:
    """Store the state after the row that each one's `seq` names, unless a later one is stored; all
    in one write."""
    writes = []
    for thing in things:
        document = dump(thing)
        identity = {"_id": document["_id"]}
        writes.append(UpdateOne(identity, {"$setOnInsert": {**document, "seq": 0}}, upsert=True))
        writes.append(UpdateOne(*newer(document.pop("_id"), document.pop("seq"), document)))
    if writes:
        await collection.bulk_write(writes)


async def set_newer(collection: Any, ident: str, seq: int, fields: Document) -> None:
    """Set fields after the row `seq`, unless a later one was applied."""
    await collection.update_one(*newer(ident, seq, fields))


async def set_all_newer(collection: Any, changes: Sequence[tuple[str, int, Document]]) -> None:
    """`set_newer` for many `(id, seq, fields)` in order, in one write."""
    if changes:
        await collection.bulk_write([UpdateOne(*newer(*change)) for change in changes])


def newer(ident: str, seq: int, fields: Document) -> tuple[Document, Document]:
    """The filter and the update of `set_newer`."""
    return {"_id": ident, "seq": {"$lt": seq}}, setting({**fields, "seq": seq})
