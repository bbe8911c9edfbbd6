"""The collection `events`: the log's rows, unique on (topic, seq) and on (actor, key)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from elearn.events.base import Event, Row, RowOf, holds, read
from elearn.models.database import Database, Document
from elearn.models.documents import dump
from elearn.models.portable import find_by_ids, setting

FAILED = "failed"
"""`reacted` of a row whose reactions failed: set aside, so that it stands in nobody's way."""


E = TypeVar("E", bound=Event)


def document_of(row: Row) -> Document:
    return {
        "_id": row.id,
        "topic": row.topic,
        "seq": row.seq,
        "n": row.n,
        "event": row.event,
        "data": dump(row.data),
        "actor": row.actor,
        "key": row.key,
        "digest": row.digest,
        "at": row.at,
        "reacted": row.reacted,
    }


def row_of(document: Document, *, duplicate: bool = False) -> Row:
    return Row(
        topic=document["topic"],
        seq=document["seq"],
        n=document["n"],
        data=read(document["topic"], document["event"], document["data"]),
        actor=document["actor"],
        key=document["key"],
        digest=document["digest"],
        at=document["at"],
        reacted=bool(document["reacted"]),
        duplicate=duplicate,
    )


async def insert(db: Database, rows: Sequence[Row]) -> None:
    """All rows in order; the driver's `BulkWriteError` names the first that was refused."""
    await db.events.insert_many([document_of(row) for row in rows], ordered=True)


async def find_by_key(db: Database, actor: str, key: str) -> Row | None:
    found = await db.events.find_one({"actor": actor, "key": key})
    return row_of(found, duplicate=True) if found else None


async def find(db: Database, ids: Sequence[str]) -> dict[str, Row]:
    found = await find_by_ids(db.events, ids)
    return {document["_id"]: row_of(document) for document in found}


async def newest(db: Database, topic: str) -> Row | None:
    found = await db.events.find_one({"topic": topic}, sort=[("seq", -1)])
    return row_of(found) if found else None


async def since(db: Database, topic: str, after: int, limit: int) -> list[Row]:
    """The rows of a topic above `after`, oldest first."""
    cursor = db.events.find({"topic": topic, "seq": {"$gt": after}}).sort("seq", 1).limit(limit)
    return [row_of(document) for document in await cursor.to_list(None)]


async def page(
    db: Database,
    topic: str,
    event: type[E],
    *,
    limit: int,
    above: int = 0,
    before: int | None = None,
    newest_first: bool = True,
) -> list[RowOf[E]]:
    """Rows of one event between two places (both exclusive), in the order asked for."""
    place: dict[str, int] = {"$gt": above}
    if before is not None:
        place["$lt"] = before
    name = event.declared.name
    cursor = db.events.find({"topic": topic, "event": name, "seq": place})
    found = await cursor.sort("seq", -1 if newest_first else 1).limit(limit).to_list(None)
    return [row for row in map(row_of, found) if holds(row, event)]


async def of_event(db: Database, topic: str, event: type[E], *, above: int = 0) -> list[RowOf[E]]:
    """All rows of one event above a place: for events that are few."""
    name = event.declared.name
    found = db.events.find({"topic": topic, "event": name, "seq": {"$gt": above}})
    rows = sorted(map(row_of, await found.to_list(None)), key=lambda each: each.seq)
    return [row for row in rows if holds(row, event)]


async def of_names(db: Database, topic: str, names: Iterable[str]) -> list[Row]:
    """All rows of a topic with these events, oldest first."""
    found: list[Row] = []
    for name in names:
        documents = await db.events.find({"topic": topic, "event": name}).to_list(None)
        found += map(row_of, documents)
    return sorted(found, key=lambda each: each.seq)


async def topics(db: Database) -> set[str]:
    """All that have a row: reads the whole log, for a check of it."""
    groups = await db.events.aggregate([{"$group": {"_id": "$topic"}}]).to_list(None)
    return {group["_id"] for group in groups}


async def unreacted(db: Database, limit: int) -> list[Row]:
    """Some of the rows that wait for their reactions, in the order in which they happened."""
    documents = await db.events.find({"reacted": False}).limit(limit).to_list(None)
    rows = sorted(map(row_of, documents), key=lambda each: (each.topic, each.seq))
    moments: dict[str, datetime] = {}
    latest: dict[str, datetime] = {}
    for each in rows:
        # Within a topic the place decides, whatever the clocks of two nodes say.
        latest[each.topic] = max(each.at, latest.get(each.topic, each.at))
        moments[each.id] = latest[each.topic]
    return sorted(rows, key=lambda each: moments[each.id])


async def unreacted_topics(db: Database) -> list[str]:
    """Of each row that waits for its reactions: few do, unless no server ran since an import."""
    found = await db.events.find({"reacted": False}, {"topic": 1}).to_list(None)
    return [document["topic"] for document in found]


async def unreacted_of(db: Database, topic: str) -> list[Row]:
    """A topic's rows that wait for their reactions, the first of which is their projection."""
    # Sorted here: in order, the embedded store would read the whole topic to find these few.
    found = await db.events.find({"reacted": False, "topic": topic}).to_list(None)
    return sorted(map(row_of, found), key=lambda each: each.seq)


async def mark_reacted(db: Database, ids: Sequence[str]) -> None:
    await db.events.update_many({"_id": {"$in": list(ids)}}, setting({"reacted": True}))


async def set_aside(db: Database, ids: Sequence[str]) -> None:
    await db.events.update_many({"_id": {"$in": list(ids)}}, setting({"reacted": FAILED}))


async def take_back(db: Database) -> None:
    """All that were set aside wait for their reactions again."""
    await db.events.update_many({"reacted": FAILED}, setting({"reacted": False}))


async def waiting_times(db: Database, state: bool | str, limit: int) -> list[datetime]:
    """When the oldest rows happened whose `reacted` is this."""
    cursor = db.events.find({"reacted": state}, {"at": 1}).sort("at", 1).limit(limit)
    found = await cursor.to_list(None)
    return [document["at"] for document in found]
