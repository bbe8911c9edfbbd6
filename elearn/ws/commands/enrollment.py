"""The enrolment channel."""

from typing import Annotated

import msgspec

from elearn.access.courses import require_course
from elearn.actions import enrollment
from elearn.actions.fields import Limit
from elearn.events.base import holds
from elearn.events.enrollments import Enrolled
from elearn.models.ids import Id
from elearn.nouns.courses import CourseCard
from elearn.ws.commands.table import Answer, Caller, Result, answer, command


class Enroll(msgspec.Struct, frozen=True):
    course: Id
    enrollment_key: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class Leave(msgspec.Struct, frozen=True):
    course: Id


class ListEnrollments(msgspec.Struct, frozen=True):
    course: Id | None = None
    before: Annotated[str, msgspec.Meta(max_length=96)] | None = None
    limit: Limit = 100
    skip: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0


@command("enrollment.enroll", channel="enrollment", keyed=True)
async def enroll(caller: Caller, args: Enroll) -> Answer:
    row = await enrollment.enroll_student(
        caller.services, caller.act(), args.course, args.enrollment_key
    )
    assert holds(row, Enrolled)
    course = await require_course(caller.services.db, caller.user, args.course)
    return answer(
        row,
        enrollment=enrollment.enrollment_noun(row, course),
        course=CourseCard.of(course),
    )


@command("enrollment.leave", channel="enrollment", keyed=True)
async def leave(caller: Caller, args: Leave) -> Answer:
    return answer(await enrollment.leave_course(caller.services, caller.act(), args.course))


@command("enrollment.list", channel="enrollment")
async def list_enrollments(caller: Caller, args: ListEnrollments) -> Result:
    if args.course is None:
        return await enrollment.list_own(
            caller.services, caller.asker, before=args.before, limit=args.limit
        )
    return await enrollment.list_people(
        caller.services,
        caller.asker,
        args.course,
        before=args.before,
        limit=args.limit,
        skip=args.skip,
    )
