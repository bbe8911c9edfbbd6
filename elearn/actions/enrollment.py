"""Enrolment: one act a person and course, decided on the course's topic."""

import hmac
from typing import Any

from elearn import access, views
from elearn.actions.act import Act, keyed
from elearn.errors import AlreadyEnrolled, CourseFull, Forbidden, NotAMember
from elearn.log.new_events import NewEvent
from elearn.models import courses, enrollments, users
from elearn.models.events import Row
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics


@keyed
async def enroll_student(
    services: Services, act: Act, course_id: str, enrollment_key: str | None = None
) -> Row:
    """Stores `enrollment.enrolled` on the course's topic. The seat is taken by that one row, so
    fifty who want the last one get one success and 49 `CourseFull`."""

    async def decide() -> NewEvent:
        course = await access.require_course(services.db, act.user, course_id)
        earlier = await enrollments.find(services.db, course_id, act.user.id)
        _require_admission(services, act.user, course, earlier is not None, enrollment_key)
        return _change(act, "enrollment.enrolled", course, course["enrolled"] + 1)

    row = await services.log.decide(topics.course(course_id), decide)
    await services.log.reacted(row)
    return row


def _require_admission(
    services: Services, user: User, course: dict[str, Any], enrolled: bool, key: str | None
) -> None:
    now = services.clock()
    if enrolled:
        raise AlreadyEnrolled("You are enrolled in this course.")
    if access.teaches(user, course):
        raise Forbidden("You teach this course.")
    if course["opens_at"] is not None and now < course["opens_at"]:
        raise Forbidden("Enrolment has not opened yet.")
    if course["closes_at"] is not None and now >= course["closes_at"]:
        raise Forbidden("Enrolment is closed.")
    wanted = course["enrollment_key"]
    if wanted and not hmac.compare_digest(wanted.encode(), (key or "").strip().encode()):
        raise Forbidden("This course needs its enrolment key.")
    if views.seats_left(course) == 0:
        raise CourseFull("All seats are taken.")


@keyed
async def leave_course(services: Services, act: Act, course_id: str) -> Row:
    """Stores `enrollment.left`; rooms, feed and rights of the course end with it."""

    async def decide() -> NewEvent:
        course = await access.require_course(services.db, act.user, course_id)
        if await enrollments.find(services.db, course_id, act.user.id) is None:
            raise NotAMember("You are not enrolled in this course.")
        return _change(act, "enrollment.left", course, max(0, course["enrolled"] - 1))

    row = await services.log.decide(topics.course(course_id), decide)
    await services.log.reacted(row)
    return row


def _change(act: Act, event: str, course: dict[str, Any], enrolled: int) -> NewEvent:
    data = {
        "course": course["_id"],
        "title": course["title"],
        "user": act.user.brief(),
        "enrolled": enrolled,
        "seats_left": views.seats_left({**course, "enrolled": enrolled}),
    }
    return act.draft(topics.course(course["_id"]), event, data)


def enrollment_noun(row: Row, course: dict[str, Any]) -> dict[str, Any]:
    return {
        "course": {**views.course_brief(course), "code": course["code"]},
        "user": row.data["user"],
        "enrolled_at": row.at,
        "since": row.seq - 1,
    }


async def list_people(
    services: Services, asker: User, course_id: str, *, limit: int = 100, skip: int = 0
) -> tuple[list[dict[str, Any]], int]:
    """The enrolled of a course, newest first, and how many there are; for those inside."""
    course = await access.require_inside(services.db, asker, course_id)
    found = await enrollments.page_of_course(services.db, course_id, limit=limit, skip=skip)
    people = await users.find_many(services.db, [one["user"] for one in found])
    brief = {**views.course_brief(course), "code": course["code"]}
    return [
        {
            "course": brief,
            "user": views.person(people[one["user"]]),
            "enrolled_at": one["at"],
            "since": one["since"],
        }
        for one in found
        if one["user"] in people
    ], course["enrolled"]


async def list_own(services: Services, asker: User) -> list[dict[str, Any]]:
    found = await enrollments.find_of_user(services.db, asker.id)
    known = await courses.find_many(services.db, [one["course"] for one in found])
    return [
        {
            "course": {
                **views.course_brief(known[one["course"]]),
                "code": known[one["course"]]["code"],
            },
            "user": asker.brief(),
            "enrolled_at": one["at"],
            "since": one["since"],
        }
        for one in sorted(found, key=lambda one: one["at"], reverse=True)
        if one["course"] in known
    ]


async def attended_ids(services: Services, user_id: str) -> list[str]:
    return [one["course"] for one in await enrollments.find_of_user(services.db, user_id)]
