"""What follows from a change of a course: copies for its teachers and for the catalogue."""

from elearn.events.base import RowOf
from elearn.events.courses import (
    CourseChange,
    CourseCreated,
    CourseListed,
    CourseRelisted,
    CourseUnlisted,
    CourseUpdated,
    CourseWithdrawn,
)
from elearn.log.new_events import NewEvent
from elearn.models import courses
from elearn.nouns.courses import CourseCard, CourseRef
from elearn.reactions import staff
from elearn.reactions.derived import copied
from elearn.reactions.table import follows
from elearn.services import Services
from elearn.wire import topics


@follows(CourseCreated, on=["course"])
async def created(services: Services, row: RowOf[CourseCreated]) -> list[NewEvent]:
    teachers = () if row.data.imported else row.data.document.teachers
    told = CourseCreated(document=row.data.document)
    copies = [copied(row, topics.user(teacher), told) for teacher in teachers]
    return copies + await changed(services, row)


@follows(CourseUpdated, CourseWithdrawn, on=["course"])
async def changed(services: Services, row: RowOf[CourseChange]) -> list[NewEvent]:
    """The course for all, as it is now. What is hidden, perhaps by a later row, is told by its id
    alone."""
    document = row.data.document
    came = set(row.data.moved) & set(document.teachers)
    if came:
        await staff.begin(services, came, [document.id])
    left = await staff.left_rooms(services, row, set(row.data.moved) - came, document.id)
    # The first row of a course holds all of it: nothing is read for each line of an import.
    found = None if row.seq == 1 else await courses.find(services.db, document.id)
    course = found or document
    listed = document.published and course.published
    if listed:
        kind = CourseRelisted if row.data.was_published else CourseListed
        return [*left, copied(row, topics.CATALOG, kind(course=CourseCard.of(course)))]
    if row.data.was_published:
        return [*left, copied(row, topics.CATALOG, CourseUnlisted(course=CourseRef(document.id)))]
    return left
