"""Every index. The embedded store also needs each field of a query indexed on its own: else it
does not ask SQLite's indexes at all. With them, the joined ones serve a filter with its order."""

import asyncio
from collections.abc import Callable, Iterator

from pymongo.errors import PyMongoError

from elearn.models.database import Database

UNIQUE: dict[str, list[tuple[str, ...]]] = {
    "events": [("topic", "seq"), ("actor", "key")],
    "users": [("email",)],
}
PLAIN: dict[str, list[tuple[str, ...]]] = {
    "events": [("reacted", "topic"), ("topic", "event", "seq")],
    "users": [("name_key",), ("role",)],
    "sessions": [("user",)],
    "courses": [("published",), ("holding",)],
    "teaching": [("user",)],
    "enrollments": [("user",), ("course", "active", "seq")],
    "rooms": [("course", "kind")],
    "memberships": [("user",), ("room",), ("room", "active", "seq"), ("room", "role")],
    "updates": [("course", "seq")],
    "searches": [("about", "day"), ("day",)],
    "feed": [("topic", "order"), ("author", "order")],
}


SAY_AFTER_S, SAY_AGAIN_S = 2.0, 10.0
Index = tuple[str, tuple[str, ...], bool]


async def create(
    db: Database,
    *,
    embedded: bool,
    say: Callable[[str], None],
    after_s: float = SAY_AFTER_S,
    again_s: float = SAY_AGAIN_S,
) -> None:
    """Make the indexes that are missing; harmless to repeat. What takes long is said, and again
    and again how far it is."""
    wanted = list(_wanted(embedded))
    for number, (collection, fields, unique) in enumerate(wanted, 1):
        what = f"index {number} of {len(wanted)}, {' and '.join(fields)} of {collection}"
        making = asyncio.ensure_future(
            db[collection].create_index([(name, 1) for name in fields], unique=unique)
        )
        wait_s = after_s
        while not (await asyncio.wait({making}, timeout=wait_s))[0]:
            wait_s = again_s
            say(f"the store builds {what}{await _so_far(db, collection)}: leave it running")
        await making


def _wanted(embedded: bool) -> Iterator[Index]:
    for unique, indexes in ((True, UNIQUE), (False, PLAIN)):
        for collection, groups in indexes.items():
            yield from ((collection, fields, unique) for fields in groups)
    if embedded:
        for collection in sorted(UNIQUE.keys() | PLAIN.keys()):
            groups = UNIQUE.get(collection, []) + PLAIN.get(collection, [])
            single = {(name,) for fields in groups for name in fields} - set(groups)
            yield from ((collection, fields, False) for fields in sorted(single))


async def _so_far(db: Database, collection: str) -> str:
    """How far a build is, where the server tells it."""
    try:
        running = await db.client.admin.aggregate([{"$currentOp": {}}]).to_list(None)
    except PyMongoError:
        return ""
    for one in running:
        progress = one.get("progress") or {}
        if one.get("command", {}).get("createIndexes") == collection and progress.get("total"):
            return f" ({progress['done'] / progress['total']:.0%})"
    return ""
