"""What each person comes back to: their own topic and those of their courses.

After a restart everyone asks at once, so it is read for many together: their desks say where to
look, the log and the enrolments what is true.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec

from elearn.access.courses import taught_ids
from elearn.caches.write_behind import WriteBehind
from elearn.events.base import Row
from elearn.events.listeners import Listeners, events_on
from elearn.log.log import Log
from elearn.models import enrollments, start_topics
from elearn.models.database import Database
from elearn.models.enrollments import enrollment_id
from elearn.models.joined_reads import JoinedReads
from elearn.nouns.courses import Enrollment
from elearn.nouns.people import User
from elearn.parts import Part
from elearn.wire import topics

AUTO_COURSES = 64
FLUSH_S = 5.0


class Start(msgspec.Struct):
    """`user:`, and `course:` (for staff also `staff:`) of at most 64 courses, newest first; with
    the position of the first, read before the others."""

    names: list[str]
    before: int


class _Own(msgspec.Struct):
    """The position of a person's own topic, and the courses that they are in, newest first."""

    before: int
    courses: list[str]


class StartTopics(Part):
    def __init__(self, db: Database, the_log: Log) -> None:
        self._db = db
        self._log = the_log
        self._together: JoinedReads[_Own] = JoinedReads()
        self.behind: WriteBehind[str, int] = WriteBehind(
            "positions of people", self._write, FLUSH_S
        )

    def listen(self, listeners: Listeners) -> None:
        listeners.hear(self._moved, *events_on("user"))

    def _moved(self, row: Row) -> None:
        if row.kind == "user":
            self.behind.put(row.about, row.seq)

    def loops(self) -> dict[str, Coroutine[Any, Any, None]]:
        return {"start topics": self.behind.run()}

    async def flush(self) -> None:
        await self.behind.flush()

    async def find(self, user: User) -> Start:
        own = await self._together.find(user.id, self._read)
        assert own is not None
        taught = await taught_ids(self._db, user, AUTO_COURSES)
        return Start(list(_names(user.id, taught, own.courses)), own.before)

    async def _read(self, users: list[str]) -> dict[str, _Own]:
        known = await start_topics.find_many(self._db, users)
        missing = [user for user in users if user not in known]
        gathered = await asyncio.gather(*(start_topics.gather(self._db, user) for user in missing))
        known.update(zip(missing, gathered, strict=True))
        before = await self._heads({user: hints.head for user, hints in known.items()})
        ids = {
            user: [enrollment_id(course, user) for course in hints.courses]
            for user, hints in known.items()
        }
        found = await enrollments.find_many(self._db, list(chain(*ids.values())))
        return {
            user: _Own(before[user], _newest_first(found[each] for each in own if each in found))
            for user, own in ids.items()
        }

    async def _heads(self, guesses: Mapping[str, int]) -> dict[str, int]:
        """How far each person's topic is; guesses that were wrong are put right for the next."""
        await self._log.guess_heads({topics.user(user): seq for user, seq in guesses.items()})
        heads = await self._log.heads([topics.user(user) for user in guesses])
        for user, guess in guesses.items():
            head = heads[topics.user(user)]
            if head.seq != guess:
                self.behind.put(user, head.seq)
        return {user: heads[topics.user(user)].visible for user in guesses}

    async def _write(self, moved: Mapping[str, int]) -> None:
        await start_topics.set_heads(self._db, moved)


def _newest_first(enrolled: Iterable[Enrollment]) -> list[str]:
    active = sorted((one for one in enrolled if one.active), key=lambda one: one.at)
    return [one.course for one in reversed(active)]


def _names(user: str, taught: Sequence[str], enrolled: Sequence[str]) -> Iterator[str]:
    yield topics.user(user)
    staffed = set(taught)
    for course in list(dict.fromkeys([*taught, *enrolled]))[:AUTO_COURSES]:
        yield topics.course(course)
        if course in staffed:
            yield topics.staff(course)
