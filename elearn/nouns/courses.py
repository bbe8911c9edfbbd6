"""Courses: as stored, in a list, in whole; and a person's place in one."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from elearn.nouns.changes import changes_of
from elearn.nouns.people import Person
from elearn.rendering.texts import render


class CourseBrief(msgspec.Struct, frozen=True):
    """A course as named beside what happened in it."""

    id: str
    title: str


class CourseRef(msgspec.Struct, frozen=True):
    """A course of which nothing but its id may be told: it is not published any more."""

    id: str


class Rating(msgspec.Struct, frozen=True):
    """What the feedback comes to; `average` is None without any."""

    average: float | None
    count: int

    @classmethod
    def of(cls, count: int, stars: int) -> "Rating":
        return cls(round(stars / count, 1) if count else None, count)


MOST_SEATS = 1_000_000
Capacity = Annotated[int, msgspec.Meta(ge=1, le=MOST_SEATS)]


class CourseFields(msgspec.Struct, frozen=True):
    """What a teacher says of a course."""

    title: str
    code: str = ""
    summary: str = ""
    description: str = ""
    subject: str = ""
    level: str = ""
    language: str = ""
    capacity: Capacity | None = None
    enrollment_key: str | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    published: bool = False


CourseChanges = changes_of(CourseFields, "CourseChanges")


class HeldSeat(msgspec.Struct, frozen=True):
    """Kept for somebody who left, while that can be undone."""

    user: str
    until: datetime


class Course(CourseFields, frozen=True, kw_only=True):
    """The document. `teacher_names` stand beside `teachers`, so that a list reads nothing else;
    `ratings` and `stars` are the number and the sum of the feedback. `held` seats are taken, also
    after their time until a row says that they are free."""

    id: str = msgspec.field(name="_id")
    teachers: list[str] = []
    teacher_names: list[str] = []
    owner: str = ""
    enrolled: int = 0
    held: list[HeldSeat] = []
    external_id: str | None = None
    created_at: datetime
    updated_at: datetime
    ratings: int = 0
    stars: int = 0
    seq: int = 0

    @property
    def brief(self) -> CourseBrief:
        return CourseBrief(self.id, self.title)

    @property
    def seats_left(self) -> int | None:
        if self.capacity is None:
            return None
        return max(0, self.capacity - self.enrolled - len(self.held))

    @property
    def rating(self) -> Rating:
        return Rating.of(self.ratings, self.stars)


class CourseCard(msgspec.Struct, frozen=True, kw_only=True):
    """A course in a list: all but its description."""

    id: str
    code: str
    title: str
    summary: str
    subject: str
    level: str
    language: str
    capacity: int | None
    enrolled: int
    seats_left: int | None
    published: bool
    needs_key: bool
    opens_at: datetime | None
    closes_at: datetime | None
    teachers: list[Person]
    rating: Rating
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, course: Course) -> "CourseCard":
        return cls(**_card_fields(course))


class CourseNoun(CourseCard, frozen=True, kw_only=True):
    """A course in whole."""

    description: str
    description_html: str

    @classmethod
    def of(cls, course: Course) -> "CourseNoun":
        return cls(
            **_card_fields(course),
            description=course.description,
            description_html=render(course.description),
        )


# What a card says as the document does.
_ALIKE = tuple(set(CourseCard.__struct_fields__) & set(Course.__struct_fields__) - {"teachers"})


def _card_fields(course: Course) -> dict[str, Any]:
    return {
        **{name: getattr(course, name) for name in _ALIKE},
        "seats_left": course.seats_left,
        "needs_key": bool(course.enrollment_key),
        "rating": course.rating,
        "teachers": [
            Person(user, name, "teacher")
            for user, name in zip(course.teachers, course.teacher_names, strict=True)
        ],
    }


class Enrollment(msgspec.Struct, frozen=True, kw_only=True):
    """The document: a person's place in a course, ended ones too: then `left_at` says when. Of
    the course's topic they may see what comes above `since`."""

    id: str = msgspec.field(name="_id")
    course: str
    user: str
    since: int
    active: bool
    at: datetime
    by: str
    left_at: datetime | None = None
    seq: int = 0


class CourseLine(msgspec.Struct, frozen=True):
    """A course as named in a list of enrolments."""

    id: str
    title: str
    code: str


class EnrollmentNoun(msgspec.Struct, frozen=True, kw_only=True):
    course: CourseLine
    user: Person
    enrolled_at: datetime
    since: int
