"""Courses, who teaches them, and the room that comes with each."""

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from elearn.events.base import RowOf
from elearn.events.courses import CourseChange, CourseCreated, CourseUpdated, CourseWithdrawn
from elearn.models import courses, rooms
from elearn.models.database import Database
from elearn.models.documents import fields_of
from elearn.nouns.courses import Course
from elearn.nouns.rooms import Room
from elearn.projections.table import projects

# What enrolments and feedback change, each with a row of its own.
_MOVED_BY_OTHERS = ("seq", "enrolled", "held", "ratings", "stars")


def own_room(course: Course) -> Room:
    """A course's own room: it has the course's id, and the enrolled are its members."""
    return Room(
        id=course.id,
        course=course.id,
        course_title=course.title,
        kind="course",
        name="general",
        created_at=course.created_at,
    )


@projects(CourseCreated, on=["course"])
async def created(db: Database, rows: Sequence[RowOf[CourseCreated]]) -> None:
    made = [_as_of(row) for row in rows]
    imported = {course.external_id: course.id for course in made if course.external_id}
    await asyncio.gather(
        courses.insert_many(db, made),
        rooms.insert_many(db, [own_room(course) for course in made]),
        courses.insert_teaching(db, made),
        courses.claim_external(db, imported),
    )


@projects(CourseUpdated, CourseWithdrawn, on=["course"])
async def changed(db: Database, rows: Sequence[RowOf[CourseChange]]) -> None:
    known = await courses.find_many(db, {row.data.document.id for row in rows})
    titles, changes = {}, []
    for row in rows:
        course = _as_of(row)
        before = known.get(course.id)
        if before is None or before.seq > row.seq:
            continue
        if row.data.rights:
            await _teachers_changed(db, before, course)
        if before.title != course.title:
            titles[course.id] = course.title
        changes.append((course.id, row.seq, fields_of(course, *_MOVED_BY_OTHERS)))
        known[course.id] = course
    # The courses last: a crash in between leaves all of it to be done again.
    await rooms.rename_courses(db, titles)
    await courses.set_many_at(db, changes)


def _as_of(row: RowOf[CourseChange]) -> Course:
    return replace(row.data.document, seq=row.seq)


async def _teachers_changed(db: Database, before: Course, course: Course) -> None:
    await courses.remove_teaching(db, course.id, set(before.teachers) - set(course.teachers))
    await courses.insert_teaching(db, [course])
