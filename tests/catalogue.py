"""Courses as they are stored, and rows of the catalogue that name them."""

from datetime import UTC, datetime
from typing import Any

from elearn.events.base import Event, Row
from elearn.events.courses import CourseListed, CourseUnlisted
from elearn.nouns.courses import Course, CourseCard, CourseRef
from elearn.wire.topics import CATALOG

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def a_course(ident: str, title: str = "Algebra", **fields: Any) -> Course:
    times = {"created_at": BEGINNING, "updated_at": BEGINNING}
    return Course(**{"id": ident, "title": title, **times, **fields})


def listed(seq: int, course: Course) -> Row:
    return catalogue_row(seq, CourseListed(course=CourseCard.of(course)))


def unlisted(seq: int, course: str) -> Row:
    return catalogue_row(seq, CourseUnlisted(course=CourseRef(course)))


def named(seq: int, course: Course) -> Row:
    """The row of the course as it is now."""
    return listed(seq, course) if course.published else unlisted(seq, course.id)


def catalogue_row(seq: int, event: Event) -> Row:
    return Row(CATALOG, seq, 0, event, "u", "", "", BEGINNING, True)
