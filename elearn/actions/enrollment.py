"""Enrolment: one act a person and course, decided on the course's topic."""

import hmac

from msgspec.structs import replace

from elearn.access.courses import SEATS_TAKEN, find_rights, require_course, require_inside
from elearn.access.refusals import refused
from elearn.actions.act import Act, keyed
from elearn.errors import Forbidden, NotAMember, RateLimited
from elearn.events.base import Row, RowOf
from elearn.events.enrollments import Enrolled, EnrollmentChange, LeftCourse
from elearn.log.new_events import NewEvent
from elearn.models import courses, enrollments, users
from elearn.nouns.courses import Course, CourseLine, Enrollment, EnrollmentNoun
from elearn.nouns.people import Person, User
from elearn.rendering.visible import name_key
from elearn.services import Services
from elearn.wire import topics

KEY_CHARACTERS = 80
SLOWER = "You have come and gone much lately. Wait a moment, then try again."


@keyed
async def enroll_student(
    services: Services, act: Act, course_id: str, enrollment_key: str | None = None
) -> Row:
    """Stores `enrollment.enrolled` on the course's topic. The seat is taken by that one row, so
    fifty who want the last one get one success and 49 `CourseFull`."""

    services.limits.moves.require(act.user.id, SLOWER, RateLimited)

    async def decide() -> NewEvent:
        course = await require_course(services.db, act.user, course_id)
        rights = await find_rights(services.db, act.user, course, services.clock())
        if not rights.enroll and rights.why_not != SEATS_TAKEN:
            raise refused(rights.why_not)
        if course.enrollment_key:
            _require_key(services, act.user, course.enrollment_key, enrollment_key or "")
        if not rights.enroll:
            raise refused(rights.why_not)
        return _change(act, Enrolled, course, course.enrolled + 1)

    row = await services.log.decide(topics.course(course_id), decide)
    await services.log.reacted(row)
    return row


def _require_key(services: Services, user: User, wanted: str, given: str) -> None:
    """Whatever its case: a phone begins with a capital letter. Whoever guesses has to wait."""
    if not given.strip():
        raise Forbidden("This course needs its enrolment key.", field="enrollment_key")
    services.limits.keys.require_patience(user.id)
    typed = name_key(given[: 4 * KEY_CHARACTERS])
    if not hmac.compare_digest(name_key(wanted).encode(), typed.encode()):
        services.limits.keys.count(user.id)
        raise Forbidden("This is not the key of this course.", field="enrollment_key")


@keyed
async def leave_course(services: Services, act: Act, course_id: str) -> Row:
    """Stores `enrollment.left`; rooms, feed and rights of the course end with it."""
    services.limits.moves.require(act.user.id, SLOWER, RateLimited)

    async def decide() -> NewEvent:
        course = await require_course(services.db, act.user, course_id)
        if await enrollments.find(services.db, course_id, act.user.id) is None:
            raise NotAMember("You are not enrolled in this course.")
        return _change(act, LeftCourse, course, max(0, course.enrolled - 1))

    row = await services.log.decide(topics.course(course_id), decide)
    await services.log.reacted(row)
    return row


def _change(act: Act, event: type[EnrollmentChange], course: Course, enrolled: int) -> NewEvent:
    changed = event(
        course=course.id,
        title=course.title,
        user=act.user.person,
        enrolled=enrolled,
        seats_left=replace(course, enrolled=enrolled).seats_left,
    )
    return act.says(topics.course(course.id), changed)


def enrollment_noun(row: RowOf[Enrolled], course: Course) -> EnrollmentNoun:
    return EnrollmentNoun(
        course=CourseLine(course.id, course.title, course.code),
        user=row.data.user,
        enrolled_at=row.at,
        since=row.seq - 1,
    )


async def list_people(
    services: Services, asker: User, course_id: str, *, limit: int = 100, skip: int = 0
) -> tuple[list[EnrollmentNoun], int]:
    """The enrolled of a course, newest first, and how many there are; for those inside. Closed
    accounts are left out."""
    course = await require_inside(services.db, asker, course_id)
    found = await enrollments.page_of_course(services.db, course_id, limit=limit, skip=skip)
    people = await users.find_open(services.db, [one.user for one in found])
    nouns = [_noun(one, course, people[one.user].person) for one in found if one.user in people]
    return nouns, course.enrolled - (len(found) - len(nouns))


async def list_own(services: Services, asker: User) -> list[EnrollmentNoun]:
    found = await enrollments.find_of_user(services.db, asker.id)
    known = await courses.find_many(services.db, [one.course for one in found])
    return [
        _noun(one, known[one.course], asker.person)
        for one in sorted(found, key=lambda one: one.at, reverse=True)
        if one.course in known
    ]


def _noun(enrollment: Enrollment, course: Course, person: Person) -> EnrollmentNoun:
    return EnrollmentNoun(
        course=CourseLine(course.id, course.title, course.code),
        user=person,
        enrolled_at=enrollment.at,
        since=enrollment.since,
    )


async def attended_ids(services: Services, user_id: str) -> list[str]:
    return [one.course for one in await enrollments.find_of_user(services.db, user_id)]
