"""What moves of the courses that searches find: seats, and who is enrolled. Kept from one
keystroke to the next, which then reads nothing from the store.

An entry is dropped by the rows that may change it, and all of them when rows may have been missed.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from elearn.events.base import Row, RowOf
from elearn.events.courses import CatalogChange, CourseChange
from elearn.events.enrollments import EnrollmentChange
from elearn.events.feed import FeedDeleted, FeedPosted
from elearn.events.listeners import Listeners
from elearn.models import courses, enrollments
from elearn.models.database import Database
from elearn.nouns.courses import Course, CourseCard
from elearn.parts import Part

FRESH_S = 10.0
"""For what no row tells of."""
KEPT = 4_000
KEPT_ENROLLMENTS = 50_000


class ListedCourse(CourseCard, frozen=True, kw_only=True):
    """A course as every viewer sees it in a list of hits."""

    teacher_names: list[str]
    url: str


class KeptCard(msgspec.Struct, frozen=True):
    """`json` is the beginning of the course as JSON: encoded once for all keystrokes."""

    course: ListedCourse
    json: bytes
    teachers: tuple[str, ...]

    def with_json(self, more: msgspec.Struct) -> msgspec.Raw:
        """The course with `more`, which is not empty, beside what everyone sees."""
        return msgspec.Raw(self.json + msgspec.json.encode(more)[1:])


class CourseCards(Part):
    def __init__(self, db: Database, now_s: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._now_s = now_s
        self._courses: dict[str, tuple[float, KeptCard]] = {}
        self._enrolled: dict[str, dict[str, tuple[float, bool]]] = {}  # by course and person
        self._enrollments = 0
        self._changes = 0

    async def find(self, ids: Sequence[str]) -> dict[str, KeptCard]:
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

    def listen(self, listeners: Listeners) -> None:
        # Every node hears the catalogue, also of courses that nobody here listens to.
        listeners.hear(self._relisted, CatalogChange)
        listeners.hear(self._moved, CourseChange, EnrollmentChange, FeedPosted, FeedDeleted)

    def _relisted(self, row: RowOf[CatalogChange[Any]]) -> None:
        self._drop(row.data.course.id)

    def _moved(self, row: Row) -> None:
        if row.kind == "course":
            self._drop(row.about)

    def _drop(self, course: str) -> None:
        self._changes += 1
        self._courses.pop(course, None)
        self._enrollments -= len(self._enrolled.pop(course, ()))

    def forget(self) -> None:
        self._changes += 1
        self._courses.clear()
        self._enrolled.clear()
        self._enrollments = 0

    def _keep(self, found: dict[str, KeptCard]) -> None:
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


def _card(course: Course) -> KeptCard:
    listed = ListedCourse(
        **msgspec.structs.asdict(CourseCard.of(course)),
        teacher_names=course.teacher_names,
        url=f"/courses/{course.id}",
    )
    return KeptCard(listed, msgspec.json.encode(listed)[:-1] + b",", tuple(course.teachers))
