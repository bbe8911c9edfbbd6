"""What somebody may do in a course. What one may not know to exist is `NotFound`."""

from collections.abc import Collection
from datetime import datetime

from elearn.errors import Forbidden, NotAMember, NotFound
from elearn.models import courses, enrollments, users
from elearn.models.database import Database
from elearn.models.ids import is_id
from elearn.nouns.courses import Course
from elearn.nouns.people import User
from elearn.nouns.rights import CourseRights, Refusal

GONE = "There is no such course."
SEATS_TAKEN = Refusal("course_full", "All seats are taken.")
NO_TEACHERS = Refusal(
    "room_closed", "This course has no teachers at present: nobody would read what you write."
)


def teaches(user: User | None, teachers: Collection[str]) -> bool:
    """A teacher who became a student stays on the course's list and has no rights by it."""
    return user is not None and user.role != "student" and user.id in teachers


def is_staff(user: User | None, course: Course) -> bool:
    return user is not None and (user.is_admin or teaches(user, course.teachers))


def course_rights(
    user: User | None, course: Course, enrolled: bool, taught: bool, now: datetime
) -> CourseRights:
    """Also of one who is not signed in. `taught` says that anybody teaches it now."""
    staff = is_staff(user, course)
    why_not = why_not_enroll(user, course, enrolled, now)
    why_no_line = _why_no_line(user, course, taught)
    return CourseRights(
        enrolled=enrolled,
        staff=staff,
        enroll=why_not is None,
        why_not=why_not,
        line=why_no_line is None,
        why_no_line=why_no_line,
    )


def _why_no_line(user: User | None, course: Course, taught: bool) -> Refusal | None:
    if user is None:
        return Refusal("forbidden", "Sign in to write to the teachers.")
    if teaches(user, course.teachers):
        return Refusal("forbidden", "You teach this course.")
    return None if taught else NO_TEACHERS


def why_not_enroll(
    user: User | None, course: Course, enrolled: bool, now: datetime
) -> Refusal | None:
    if enrolled:
        return Refusal("already_enrolled", "You are enrolled in this course.")
    if teaches(user, course.teachers):
        return Refusal("forbidden", "You teach this course.")
    if course.opens_at is not None and now < course.opens_at:
        return Refusal("forbidden", "Enrolment has not opened yet.", course.opens_at)
    if course.closes_at is not None and now >= course.closes_at:
        return Refusal("forbidden", "Enrolment is closed.")
    if course.seats_left == 0:
        return SEATS_TAKEN
    return None


async def require_course(db: Database, user: User | None, course_id: str) -> Course:
    """A course that may be seen: published, or one's own, or one is enrolled in it."""
    course = await courses.find(db, course_id) if is_id(course_id) else None
    if course is None:
        raise NotFound(GONE)
    if course.published or is_staff(user, course) or await is_enrolled(db, user, course_id):
        return course
    raise NotFound(GONE)


async def is_enrolled(db: Database, user: User | None, course_id: str) -> bool:
    return user is not None and await enrollments.find(db, course_id, user.id) is not None


async def inside_ids(db: Database, user: User, ids: Collection[str]) -> set[str]:
    """Those of the courses that one is enrolled in or of whose staff one is."""
    enrolled = await enrollments.find_in_courses(db, user.id, ids)
    if user.role == "student" or enrolled >= set(ids):
        return enrolled
    known = await courses.find_many(db, set(ids) - enrolled)
    return enrolled | {course.id for course in known.values() if is_staff(user, course)}


async def require_staff(db: Database, user: User, course_id: str) -> Course:
    course = await require_course(db, user, course_id)
    if not is_staff(user, course):
        raise Forbidden("Only the course's teachers can do this.")
    return course


async def require_inside(db: Database, user: User, course_id: str) -> Course:
    """A course that one is enrolled in or teaches."""
    course = await require_course(db, user, course_id)
    if not is_staff(user, course) and not await is_enrolled(db, user, course_id):
        raise NotAMember("Enrol in the course first.")
    return course


async def find_rights(
    db: Database, user: User | None, course: Course, now: datetime
) -> CourseRights:
    enrolled = await is_enrolled(db, user, course.id)
    return course_rights(user, course, enrolled, bool(await teachers_of(db, course)), now)


async def taught_ids(db: Database, user: User, limit: int = 64) -> list[str]:
    """The courses that one teaches now, newest first."""
    return [] if user.role == "student" else await courses.taught_ids(db, user.id, limit)


async def teachers_of(db: Database, course: Course) -> list[str]:
    """Those who teach it now: whose account is closed does not."""
    known = await users.find_open(db, course.teachers)
    people = [known[one].user for one in course.teachers if one in known]
    return [user.id for user in people if teaches(user, course.teachers)]
