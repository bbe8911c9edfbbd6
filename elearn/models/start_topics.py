"""The collection `desks`: where a person takes up again.

Hints, with the person as `_id` so that those of many are read at once.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from pymongo import UpdateOne

from elearn.models import enrollments
from elearn.models.database import Database
from elearn.models.documents import insert_missing, load
from elearn.models.portable import find_by_ids, setting


class Hints(msgspec.Struct, frozen=True):
    """`courses` has every course that they ever enrolled in (the enrolments say which still
    count), `head` is how far their own topic was lately (the log says how far it is)."""

    id: str = msgspec.field(name="_id")
    courses: list[str] = []
    head: int = 0
    whole: int = 0


async def find_many(db: Database, users: Sequence[str]) -> dict[str, Hints]:
    """Those that are whole."""
    found = [load(document, Hints) for document in await find_by_ids(db.desks, users)]
    return {hints.id: hints for hints in found if hints.whole}


async def gather(db: Database, user: str) -> Hints:
    """A person's first hints. They are there before the enrolments are read: whoever enrols them
    meanwhile adds to it."""
    await insert_missing(db.desks, [Hints(user)])
    known = [one.course for one in await enrollments.find_of_user(db, user)]
    await add_courses(db, [(user, course) for course in known])
    await db.desks.update_one({"_id": user}, setting({"whole": 1}))
    return Hints(user, known)


async def add_courses(db: Database, places: Iterable[tuple[str, str]]) -> None:
    """To the hints of each `(person, course)` that has any."""
    writes = [
        UpdateOne({"_id": user}, {"$addToSet": {"courses": course}}) for user, course in places
    ]
    if writes:
        await db.desks.bulk_write(writes, ordered=False)


async def set_heads(db: Database, heads: Mapping[str, int]) -> None:
    writes = [UpdateOne({"_id": user}, setting({"head": seq})) for user, seq in heads.items()]
    if writes:
        await db.desks.bulk_write(writes, ordered=False)
