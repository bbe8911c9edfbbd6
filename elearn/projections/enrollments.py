"""A person's place in a course."""

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
    for row in rows:
        course, user = row.data.course, row.data.user.id
        enrollment = Enrollment(
            id=enrollment_id(course, user),
            course=course,
            user=user,
            since=row.seq - 1,
            active=isinstance(row.data, Enrolled),
            at=row.at,
            by=row.actor,
            seq=row.seq,
        )
        await enrollments.put(db, enrollment)
        await start_topics.add_course(db, user, course)
        await courses.set_at(db, course, row.seq, {"enrolled": row.data.enrolled})
