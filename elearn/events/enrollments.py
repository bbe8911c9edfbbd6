"""Who comes into a course and leaves it."""

from datetime import datetime
from typing import Any

import msgspec

from elearn.events.base import Event, RowOf, event
from elearn.nouns.courses import CourseBrief, HeldSeat
from elearn.nouns.people import Person


class SeatsTold(msgspec.Struct, frozen=True):
    course: str
    enrolled: int
    seats_left: int | None


class EnrollmentTold(msgspec.Struct, frozen=True):
    course: str
    title: str
    user: Person
    enrolled: int
    seats_left: int | None


class SeatsChange(Event, frozen=True, kw_only=True):
    """`course` is an id; `enrolled`, `seats_left` and the `held` seats are those after it."""

    course: str
    enrolled: int
    seats_left: int | None
    held: tuple[HeldSeat, ...] = ()


class EnrollmentChange(SeatsChange, frozen=True, kw_only=True):
    """`title` is the course's."""

    title: str
    user: Person

    @property
    def course_brief(self) -> CourseBrief:
        return CourseBrief(self.course, self.title)

    def told(self, row: RowOf[Any]) -> EnrollmentTold:
        return EnrollmentTold(self.course, self.title, self.user, self.enrolled, self.seats_left)

    def acts_on_rights(self, kind: str) -> bool:
        return kind == "user"


# Everywhere: each node's index counts who is enrolled.
@event("enrollment.enrolled", "course", "user", everywhere=True)
class Enrolled(EnrollmentChange, frozen=True, kw_only=True):
    """`undoes` is the place of the leaving that it takes back: then nothing is new about it, and
    `since` and `began` are those of the enrolment that it takes up again."""

    undoes: int | None = None
    since: int | None = None
    began: datetime | None = None


@event("enrollment.left", "course", "user", everywhere=True)
class LeftCourse(EnrollmentChange, frozen=True, kw_only=True):
    pass


@event("enrollment.changed", "course", everywhere=True)
class SeatsFreed(SeatsChange, frozen=True, kw_only=True):
    """Those who left did not come back in time: their seats are anybody's."""

    def told(self, row: RowOf[Any]) -> SeatsTold:
        return SeatsTold(self.course, self.enrolled, self.seats_left)
