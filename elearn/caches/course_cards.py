"""What moves of the courses that searches find: seats, and who is enrolled. Kept from one
keystroke to the next, which then reads nothing from the store.

An entry is dropped by the rows that may change it, and all of them when rows may have been missed.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from elearn import views
from elearn.models import courses, enrollments
from elearn.models.events import Database, Row
from elearn.wire.topics import CATALOG

FRESH_S = 10.0
"""For what no row tells of."""
KEPT = 4_000
KEPT_ENROLLMENTS = 50_000


class CourseCard(msgspec.Struct, frozen=True):
    """A course as every viewer sees it in a list (`noun` is shared: not to be changed), and the
    beginning of it as JSON: encoded once for all keystrokes."""

    noun: views.Noun
    json: bytes
    teachers: tuple[str, ...]

    def with_json(self, more: dict[str, Any]) -> msgspec.Raw:
        """The course with `more`, which is not empty, beside what everyone sees."""
        return msgspec.Raw(self.json + msgspec.json.encode(more)[1:])


class CourseCards:
    def __init__(self, db: Database, now_s: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._now_s = now_s
        self._courses: dict[str, tuple[float, CourseCard]] = {}
        self._enrolled: dict[str, dict[str, tuple[float, bool]]] = {}  # by course and person
        self._enrollments = 0
        self._changes = 0

    async def find(self, ids: Sequence[str]) -> dict[str, CourseCard]:
        """Courses by id, without their descriptions; those that do not exist are left out."""
        since = self._now_s() - FRESH_S
        held = ((id, self._courses.get(id)) for id in ids)
        known = {id: kept[1] for id, kept in held if kept is not None and kept[0] > since}
        if missing := [id for id in ids if id not in known]:
            changes = self._changes
            read = await courses.find_many(self._db, missing)
            found = {id: _card(course) for id, course in read.items()}
            if changes == self._changes:  # nothing was decided while this was read
                self._keep(found)
            known |= found
        return known

    async def enrolled(self, user: str, ids: Sequence[str]) -> set[str]:
        """Those of the courses that the user is enrolled in."""
        since = self._now_s() - FRESH_S
        held = ((id, self._enrolled.get(id, {}).get(user)) for id in ids)
        known = {id: kept[1] for id, kept in held if kept is not None and kept[0] > since}
        if missing := [id for id in ids if id not in known]:
            changes = self._changes
            mine = await enrollments.find_in_courses(self._db, user, missing)
            if changes == self._changes:
                self._keep_enrolled(user, missing, mine)
            known |= {id: id in mine for id in missing}
        return {id for id, enrolled in known.items() if enrolled}

    def on_row(self, row: Row) -> None:
        kind, _, course = row.topic.partition(":")
        if row.topic == CATALOG:  # every node hears it, also of courses nobody here listens to
            self._drop(str(row.data.get("course", {}).get("id")))
        elif kind == "course":
            self._drop(course)

    def _drop(self, course: str) -> None:
        self._changes += 1
        self._courses.pop(course, None)
        self._enrollments -= len(self._enrolled.pop(course, ()))

    def forget_all(self) -> None:
        self._changes += 1
        self._courses.clear()
        self._enrolled.clear()
        self._enrollments = 0

    def _keep(self, found: dict[str, CourseCard]) -> None:
        now = self._now_s()
        if len(self._courses) + len(found) > KEPT:
            self._courses.clear()
        self._courses |= {id: (now, course) for id, course in found.items()}

    def _keep_enrolled(self, user: str, ids: Iterable[str], mine: set[str]) -> None:
        now = self._now_s()
        if self._enrollments > KEPT_ENROLLMENTS:
            self._enrolled.clear()
            self._enrollments = 0
        for id in ids:
            people = self._enrolled.setdefault(id, {})
            self._enrollments += user not in people
            people[user] = (now, id in mine)


def _card(course: Mapping[str, Any]) -> CourseCard:
    noun = views.course_card(course)
    noun |= {"teacher_names": course["teacher_names"], "url": f"/courses/{course['_id']}"}
    return CourseCard(noun, msgspec.json.encode(noun)[:-1] + b",", tuple(course["teachers"]))
