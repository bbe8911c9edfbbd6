"""A person's place in a course, and the seats of a course."""

import asyncio
from collections.abc import Sequence

from elearn.events.base import RowOf
from elearn.events.enrollments import (
    Enrolled,
    EnrollmentChange,
    LeftCourse,
    SeatsChange,
    SeatsFreed,
)
from elearn.models import courses, enrollments, start_topics
from elearn.models.database import Database, Document
from elearn.models.documents import dump
from elearn.models.enrollments import enrollment_id
from elearn.nouns.courses import Enrollment
from elearn.projections.table import projects


@projects(Enrolled, on=["course"])
async def enrolled(db: Database, rows: Sequence[RowOf[Enrolled]]) -> None:
    """The courses last, here and below: a crash in between leaves all of it to be done again."""
    new = [_enrollment(row) for row in rows if row.data.undoes is None]
    back = [(_place(row), row.seq) for row in rows if row.data.undoes is not None]
    places = [(row.data.user.id, row.data.course) for row in rows]
    await asyncio.gather(enrollments.put(db, *new), start_topics.add_courses(db, places))
    await enrollments.take_up(db, *back)
    await _count(db, rows)


@projects(LeftCourse, on=["course"])
async def left(db: Database, rows: Sequence[RowOf[LeftCourse]]) -> None:
    await enrollments.end(db, *((_place(row), row.seq, row.at) for row in rows))
    await _count(db, rows)


@projects(SeatsFreed, on=["course"])
async def freed(db: Database, rows: Sequence[RowOf[SeatsFreed]]) -> None:
    await _count(db, rows)


async def _count(db: Database, rows: Sequence[RowOf[SeatsChange]]) -> None:
    await courses.set_many_at(db, [(row.data.course, row.seq, _seats(row.data)) for row in rows])


def _seats(data: SeatsChange) -> Document:
    held = [dump(seat) for seat in data.held]
    return {"enrolled": data.enrolled, "held": held, "holding": len(held)}


def _place(row: RowOf[EnrollmentChange]) -> str:
    return enrollment_id(row.data.course, row.data.user.id)


def _enrollment(row: RowOf[Enrolled]) -> Enrollment:
    return Enrollment(
        id=_place(row),
        course=row.data.course,
        user=row.data.user.id,
        since=row.seq - 1,
        active=True,
        at=row.at,
        by=row.actor,
        seq=row.seq,
    )
