"""Every index. The embedded store also needs each field of a query indexed on its own: else it
does not ask SQLite's indexes at all. With them, the joined ones serve a filter with its order."""

from elearn.models.database import Database

UNIQUE: dict[str, list[tuple[str, ...]]] = {
    "events": [("topic", "seq"), ("actor", "key")],
    "users": [("email",)],
}
PLAIN: dict[str, list[tuple[str, ...]]] = {
    "events": [("reacted", "topic"), ("topic", "event", "seq")],
    "users": [("name_key",), ("role",)],
    "sessions": [("user",)],
    "courses": [("published",)],
    "teaching": [("user",)],
    "enrollments": [("user",), ("course", "active", "seq")],
    "rooms": [("course",)],
    "memberships": [("user",), ("room",), ("room", "active")],
    "updates": [("course", "seq")],
    "searches": [("about", "day"), ("day",)],
    "feed": [("topic", "order"), ("author", "order")],
}


async def create(db: Database, *, embedded: bool) -> None:
    """Make the indexes that are missing; harmless to repeat."""
    for collection, groups in UNIQUE.items():
        for fields in groups:
            await db[collection].create_index([(name, 1) for name in fields], unique=True)
    for collection, groups in PLAIN.items():
        for fields in groups:
            await db[collection].create_index([(name, 1) for name in fields])
    if embedded:
        for collection in UNIQUE.keys() | PLAIN.keys():
            groups = UNIQUE.get(collection, []) + PLAIN.get(collection, [])
            for name in sorted({name for fields in groups for name in fields}):
                if (name,) not in groups:
                    await db[collection].create_index([(name, 1)])
