"""The collection `notice_states`: what a person has seen and read, one document a person.

`{_id: user, seq, topics: {<topic>: {seen, read, unread: [seq], extra: [seq]}}}`: notices at or
below `read` are read but for those in `unread`; above it only those in `extra` are.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from elearn.models.events import Database
from elearn.models.portable import setting

State = dict[str, dict[str, Any]]
EXCEPTIONS = 200


async def find(db: Database, user: str) -> State:
    found = await db.notice_states.find_one({"_id": user})
    return dict(found["topics"]) if found else {}


async def put(db: Database, user: str, seq: int, topics: State) -> None:
    """Store the state after the row `seq` of the user's topic, unless a later one is stored."""
    await db.notice_states.update_one(
        {"_id": user}, {"$setOnInsert": {"seq": 0, "topics": {}}}, upsert=True
    )
    await db.notice_states.update_one(
        {"_id": user, "seq": {"$lt": seq}}, setting({"seq": seq, "topics": topics})
    )


def is_seen(state: State, topic: str, seq: int) -> bool:
    return bool(seq <= state.get(topic, {}).get("seen", 0))


def is_read(state: State, topic: str, seq: int) -> bool:
    own = state.get(topic, {})
    if seq <= own.get("read", 0):
        return seq not in own.get("unread", ())
    return seq in own.get("extra", ())


def seen_through(state: State, through: Mapping[str, int]) -> State:
    after = dict(state)
    for topic, seq in through.items():
        own = {**_blank(), **state.get(topic, {})}
        after[topic] = {**own, "seen": max(own["seen"], seq)}
    return after


def read_through(state: State, through: Mapping[str, int]) -> State:
    """Everything at or below is read: the exceptions below it are forgotten."""
    after = dict(state)
    for topic, seq in through.items():
        own = {**_blank(), **state.get(topic, {})}
        top = max(own["read"], seq)
        after[topic] = {
            "seen": max(own["seen"], top),
            "read": top,
            "unread": [one for one in own["unread"] if one > top],
            "extra": [one for one in own["extra"] if one > top],
        }
    return after


def with_read(state: State, places: Iterable[tuple[str, int]], *, read: bool) -> State:
    """Some notices read, or unread again; the oldest exceptions give way beyond the limit."""
    after = dict(state)
    for topic, seq in places:
        own = {**_blank(), **after.get(topic, {})}
        below = seq <= own["read"]
        name, other = ("unread", "extra") if below else ("extra", "unread")
        kept = [one for one in own[name] if one != seq]
        if below != read:
            kept = sorted([*kept, seq])[-EXCEPTIONS:]
        after[topic] = {**own, name: kept, other: [one for one in own[other] if one != seq]}
        if read:
            after[topic]["seen"] = max(own["seen"], seq)
    return after


def _blank() -> dict[str, Any]:
    return {"seen": 0, "read": 0, "unread": [], "extra": []}
