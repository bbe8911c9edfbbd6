"""A person's place in a course."""

import asyncio
from collections.abc import Sequence

from elearn.events.base import RowOf
from elearn.events.enrollments import Enrolled, EnrollmentChange, LeftCourse
from elearn.models import courses, enrollments, start_topics
from elearn.models.database import Database
from elearn.models.enrollments import enrollment_id
from elearn.nouns.courses import Enrollment
from elearn.projections.table import projects


@projects(Enrolled, LeftCourse, on=["course"])
async def changed(db: Database, rows: Sequence[RowOf[EnrollmentChange]]) -> None:
    places = [(row.data.user.id, row.data.course) for row in rows]
    await asyncio.gather(
        enrollments.put(db, *map(_enrollment, rows)), start_topics.add_courses(db, places)
    )
    # The courses last: a crash in between leaves all of it to be done again.
    await courses.set_many_at(
        db, [(row.data.course, row.seq, {"enrolled": row.data.enrolled}) for row in rows]
    )


def _enrollment(row: RowOf[EnrollmentChange]) -> Enrollment:
    course, user = row.data.course, row.data.user.id
    return Enrollment(
        id=enrollment_id(course, user),
        course=course,
        user=user,
        since=row.seq - 1,
        active=isinstance(row.data, Enrolled),
        at=row.at,
        by=row.actor,
        seq=row.seq,
    )
