"""Which rows the documents of a topic hold, over all collections that follow from it: for a check
against the log, and for writing them anew."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from elearn.models.database import Database, Document
from elearn.models.portable import find_by_ids, setting
from elearn.nouns.rooms import OF_COURSE

Place = tuple[str, str]
"""A collection and an id in it."""
Mark = int | str
"""What a document says of the rows that it holds: the seq of the last one, for most."""
DELETED = "deleted"

# Collections whose documents follow from the rows of a course, a room, a person's own topic.
_FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "course": (
        *(("courses", "_id"), ("enrollments", "course"), ("updates", "course")),
        *(("teaching", "course"), ("rooms", "course")),
    ),
    "room": (("rooms", "_id"), ("memberships", "room")),
    "user": (("notice_states", "_id"),),
}


async def marks_of(db: Database, topic: str, accounts: Iterable[Place]) -> dict[Place, Mark]:
    """Every document of the topic, and those of the accounts that are there."""
    of_course = topic.startswith("course:")
    found: dict[Place, Mark] = {}
    for name, query in _queries(topic):
        for document in await db[name].find(query).to_list(None):
            if name != "rooms" or (document["kind"] in OF_COURSE) == of_course:
                found[name, document["_id"]] = _mark(name, document)
    for name, ids in _by_collection(accounts).items():
        for document in await find_by_ids(db[name], ids):
            found[name, document["_id"]] = _mark(name, document)
    return found


def _queries(topic: str) -> Iterator[tuple[str, Document]]:
    kind, _, ident = topic.partition(":")
    yield from ((name, {field: ident}) for name, field in _FIELDS.get(kind, ()))
    yield "feed", {"topic": topic}
    if kind == "course":  # of each person, with the id `course/person`
        yield "feedback", {"_id": {"$gt": f"{ident}/", "$lt": f"{ident}0"}}


def _mark(name: str, document: Document) -> Mark:
    if name == "rooms" and document["kind"] in OF_COURSE:
        return str(document["course_title"])
    if document.get("deleted_at") is not None:
        return DELETED
    return int(document.get("seq", 0))


async def forget(db: Database, places: Iterable[Place]) -> None:
    """Delete what follows from rows alone; an account only holds none of them any more."""
    for name, ids in _by_collection(places).items():
        if name == "users":
            await db.users.update_many({"_id": {"$in": ids}}, setting({"seq": 0}))
        else:
            await db[name].delete_many({"_id": {"$in": ids}})


async def topics_with_documents(db: Database) -> set[str]:
    """Of the courses and rooms that are there, whatever the log says."""
    courses = await db.courses.find({}, {"_id": 1}).to_list(None)
    rooms = await db.rooms.find({}, {"kind": 1}).to_list(None)
    return {f"course:{one['_id']}" for one in courses} | {
        f"room:{one['_id']}" for one in rooms if one["kind"] not in OF_COURSE
    }


def _by_collection(places: Iterable[Place]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, ident in places:
        found[name].append(ident)
    return found
