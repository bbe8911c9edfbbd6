"""The enrolment channel."""

from typing import Annotated, Any

import msgspec

from elearn import access, views
from elearn.actions import enrollment
from elearn.actions.fields import Limit
from elearn.models.ids import Id
from elearn.ws.commands.table import Answer, Caller, answer, command


class Enroll(msgspec.Struct, frozen=True):
    course: Id
    enrollment_key: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class Leave(msgspec.Struct, frozen=True):
    course: Id


class ListEnrollments(msgspec.Struct, frozen=True):
    course: Id | None = None
    limit: Limit = 100
    skip: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0


@command("enrollment.enroll", channel="enrollment", keyed=True)
async def enroll(caller: Caller, args: Enroll) -> Answer:
    row = await enrollment.enroll_student(
        caller.services, caller.act(), args.course, args.enrollment_key
    )
    course = await access.require_course(caller.services.db, caller.user, args.course)
    return answer(
        row,
        enrollment=enrollment.enrollment_noun(row, course),
        course=views.course_card(course),
    )


@command("enrollment.leave", channel="enrollment", keyed=True)
async def leave(caller: Caller, args: Leave) -> Answer:
    return answer(await enrollment.leave_course(caller.services, caller.act(), args.course))


@command("enrollment.list", channel="enrollment")
async def list_enrollments(caller: Caller, args: ListEnrollments) -> dict[str, Any]:
    if args.course is None:
        own = await enrollment.list_own(caller.services, caller.asker)
        return {"enrollments": own, "total": len(own)}
    found, total = await enrollment.list_people(
        caller.services, caller.asker, args.course, limit=args.limit, skip=args.skip
    )
    return {"enrollments": found, "total": total}
