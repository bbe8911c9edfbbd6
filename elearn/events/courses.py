"""What happens to courses. The truth is on each course's own topic; `catalog` and its teachers'
own topics get copies."""

from typing import Any, Generic, TypeVar

import msgspec

from elearn.events.base import Event, RowOf, Subject, event
from elearn.nouns.courses import Course, CourseCard, CourseRef
from elearn.wire.topics import CATALOG


class CourseTold(msgspec.Struct, frozen=True):
    course: CourseCard | CourseRef


class CourseChange(Event, frozen=True, kw_only=True):
    """The course after it. `rights`: other people teach it, or it can be seen by others. `moved`
    are those who teach it from then on, or no longer."""

    document: Course
    was_published: bool = False
    rights: bool = False
    moved: tuple[str, ...] = ()

    def told(self, row: RowOf[Any]) -> CourseTold:
        return CourseTold(CourseCard.of(self.document))

    def subject(self, row: RowOf[Any]) -> Subject | None:
        return Subject("course", self.document.id)

    def acts_on_rights(self, kind: str) -> bool:
        return self.rights


@event("course.created", "course", "user")
class CourseCreated(CourseChange, frozen=True, kw_only=True):
    """`imported` with many others: its teachers are not told of it one by one."""

    imported: bool = False

    def acts_on_rights(self, kind: str) -> bool:
        return kind == "user"


@event("course.updated", "course")
class CourseUpdated(CourseChange, frozen=True, kw_only=True):
    pass


@event("course.withdrawn", "course")
class CourseWithdrawn(CourseChange, frozen=True, kw_only=True):
    pass


Told = TypeVar("Told", CourseCard, CourseRef)


class CatalogChange(Event, Generic[Told], frozen=True, kw_only=True):
    """A course as everybody may see it."""

    course: Told

    def subject(self, row: RowOf[Any]) -> Subject | None:
        return Subject("course", self.course.id)


@event("course.created", CATALOG, everywhere=True)
class CourseListed(CatalogChange[CourseCard], frozen=True, kw_only=True):
    pass


@event("course.updated", CATALOG, everywhere=True)
class CourseRelisted(CatalogChange[CourseCard], frozen=True, kw_only=True):
    pass


@event("course.withdrawn", CATALOG, everywhere=True)
class CourseUnlisted(CatalogChange[CourseRef], frozen=True, kw_only=True):
    """It is not published any more: told by its id alone."""


@event("course.seats", CATALOG, stored=False)
class CourseSeats(Event, frozen=True, kw_only=True):
    course: str
    enrolled: int
    seats_left: int | None
