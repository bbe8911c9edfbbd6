"""What moves of the courses that searches find: seats, and who is enrolled. Kept from one
keystroke to the next, which then reads nothing from the store.

An entry is dropped by the rows that may change it, and all of them when rows may have been missed.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from elearn.caches.kept import Kept
from elearn.events.base import Row, RowOf
from elearn.events.courses import CatalogChange, CourseChange
from elearn.events.enrollments import SeatsChange
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
        self._courses: Kept[str, KeptCard] = Kept(KEPT, FRESH_S, now_s)
        self._enrolled: Kept[tuple[str, str], bool] = Kept(
            KEPT_ENROLLMENTS, FRESH_S, now_s, lambda key, _: key[:1]
        )

    async def find(self, ids: Sequence[str]) -> dict[str, KeptCard]:
        """Courses by id, without their descriptions; those that do not exist are left out."""
        known = {ident: kept for ident in ids if (kept := self._courses.get(ident)) is not None}
        if missing := [ident for ident in ids if ident not in known]:
            changes = self._courses.changes
            for ident, course in (await courses.find_many(self._db, missing)).items():
                known[ident] = _card(course)
                self._courses.put(ident, known[ident], changes)
        return known

    async def enrolled(self, user: str, ids: Sequence[str]) -> set[str]:
        """Those of the courses that the user is enrolled in."""
        found = {ident: self._enrolled.get((ident, user)) for ident in ids}
        if missing := [ident for ident, enrolled in found.items() if enrolled is None]:
            changes = self._enrolled.changes
            mine = await enrollments.find_in_courses(self._db, user, missing)
            for ident in missing:
                found[ident] = ident in mine
                self._enrolled.put((ident, user), ident in mine, changes)
        return {ident for ident, enrolled in found.items() if enrolled}

    def listen(self, listeners: Listeners) -> None:
        # Every node hears the catalogue, also of courses that nobody here listens to.
        listeners.hear(self._relisted, CatalogChange)
        listeners.hear(self._moved, CourseChange, SeatsChange, FeedPosted, FeedDeleted)

    def _relisted(self, row: RowOf[CatalogChange[Any]]) -> None:
        self._drop(row.data.course.id)

    def _moved(self, row: Row) -> None:
        if row.kind == "course":
            self._drop(row.about)

    def _drop(self, course: str) -> None:
        self._courses.drop(course)
        self._enrolled.drop_tagged(course)

    def forget(self) -> None:
        self._courses.clear()
        self._enrolled.clear()


def _card(course: Course) -> KeptCard:
    listed = ListedCourse(
        **msgspec.structs.asdict(CourseCard.of(course)),
        teacher_names=course.teacher_names,
        url=f"/courses/{course.id}",
    )
    return KeptCard(listed, msgspec.json.encode(listed)[:-1] + b",", tuple(course.teachers))
