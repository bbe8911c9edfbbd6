"""Enrolment: one act a person and course, decided on the course's topic."""

import hmac
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from elearn.access.courses import (
    SEATS_TAKEN,
    is_enrolled,
    require_course,
    require_inside,
    why_not_enroll,
)
from elearn.access.refusals import refused
from elearn.actions.act import SYSTEM, Act, UnchangedError, keyed
from elearn.actions.places import Place, read_place, text_of
from elearn.errors import Forbidden, NotAMember, RateLimited
from elearn.events.base import Row, RowOf
from elearn.events.enrollments import Enrolled, EnrollmentChange, LeftCourse, SeatsFreed
from elearn.log.new_events import NewEvent
from elearn.models import courses, enrollments, users
from elearn.models.ids import new_id
from elearn.nouns.courses import Course, CourseLine, Enrollment, EnrollmentNoun, HeldSeat
from elearn.nouns.people import Person, User
from elearn.rendering.visible import name_key
from elearn.services import Services
from elearn.wire import topics
from elearn.wire.budgets import fitted

KEY_CHARACTERS = 80
SLOWER = "You have come and gone much lately. Wait a moment, then try again."


@keyed
async def enroll_student(
    services: Services, act: Act, course_id: str, enrollment_key: str | None = None
) -> Row:
    """Stores `enrollment.enrolled` on the course's topic. The seat is taken by that one row, so
    fifty who want the last one get one success and 49 `CourseFull`."""
    if not await _is_undone(services, act.user, course_id):
        services.limits.moves.require(act.user.id, SLOWER, RateLimited)

    async def decide() -> NewEvent:
        place = await _is_undone(services, act.user, course_id)
        if place and (undoing := await _taken_up(services, act, course_id, place)):
            return undoing
        course = await require_course(services.db, act.user, course_id)
        enrolled = await is_enrolled(services.db, act.user, course_id)
        course = _without_lapsed(services, course)
        why_not = why_not_enroll(act.user, course, enrolled, services.clock())
        if why_not not in (None, SEATS_TAKEN):
            raise refused(why_not)
        if course.enrollment_key:
            _require_key(services, act.user, course.enrollment_key, enrollment_key or "")
        if why_not is not None:
            raise refused(why_not)
        return _change(act, Enrolled, replace(course, enrolled=course.enrolled + 1))

    row = await services.log.decide(topics.course(course_id), decide)
    await services.log.reacted(row)
    return row


async def _is_undone(services: Services, user: User, course_id: str) -> Enrollment | None:
    """The place that one left a moment ago: to enrol is then to take that back."""
    place = await enrollments.find_place(services.db, course_id, user.id)
    if place is None or place.active or place.left_at is None:
        return None
    return place if services.clock() < _undone_until(services, place.left_at) else None


def _undone_until(services: Services, left_at: datetime) -> datetime:
    return left_at + timedelta(seconds=services.config.undo_s)


async def _taken_up(
    services: Services, act: Act, course_id: str, place: Enrollment
) -> NewEvent | None:
    """Whatever the course asks of others meanwhile. None when the seat is somebody else's: another
    node's clock gave it away, or nobody held it because there was no limit of seats then."""
    course = await courses.find(services.db, course_id)
    assert course is not None
    was_held = any(seat.user == act.user.id for seat in course.held)
    if not was_held and course.seats_left == 0:
        return None
    held = [seat for seat in course.held if seat.user != act.user.id]
    course = replace(course, enrolled=course.enrolled + 1, held=held)
    again = {"undoes": place.seq, "since": place.since, "began": place.at}
    return _change(act, Enrolled, course, **again)


def _without_lapsed(services: Services, course: Course) -> Course:
    now = services.clock()
    return replace(course, held=[seat for seat in course.held if now < seat.until])


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
        course = _without_lapsed(services, course)
        until = _undone_until(services, services.clock())
        holds = course.capacity is not None and until > services.clock()
        held = [*course.held, *([HeldSeat(act.user.id, until)] if holds else [])]
        return _change(
            act, LeftCourse, replace(course, enrolled=max(0, course.enrolled - 1), held=held)
        )

    row = await services.log.decide(topics.course(course_id), decide)
    await services.log.reacted(row)
    return row


async def free_seats(services: Services, course_id: str) -> bool:
    """Those that were held for long enough are anybody's. Whether none is held any more."""
    lasts = False

    async def decide() -> NewEvent:
        nonlocal lasts
        course = await courses.find(services.db, course_id)
        after = course and _without_lapsed(services, course)
        lasts = bool(after and after.held)
        if after is None or after == course:
            raise UnchangedError
        freed = SeatsFreed(course=course_id, **_seats(after))
        return NewEvent(topics.course(course_id), freed, SYSTEM, new_id())

    with suppress(UnchangedError):
        await services.log.decide(topics.course(course_id), decide)
    return not lasts


def _seats(course: Course) -> dict[str, Any]:
    return {
        "enrolled": course.enrolled,
        "seats_left": course.seats_left,
        "held": tuple(course.held),
    }


def _change(act: Act, event: type[EnrollmentChange], course: Course, **more: Any) -> NewEvent:
    """`course` as it is after it."""
    changed = event(
        course=course.id, title=course.title, user=act.user.person, **_seats(course), **more
    )
    return act.says(topics.course(course.id), changed)


def enrollment_noun(row: RowOf[Enrolled], course: Course) -> EnrollmentNoun:
    return EnrollmentNoun(
        course=CourseLine(course.id, course.title, course.code),
        user=row.data.user,
        enrolled_at=row.data.began or row.at,
        since=row.seq - 1 if row.data.since is None else row.data.since,
    )


class EnrollmentPage(msgspec.Struct, frozen=True):
    """`total`: how many there are in all; `next`: what to ask for as `before`."""

    enrollments: list[EnrollmentNoun]
    total: int
    next: str | None


async def list_people(
    services: Services,
    asker: User,
    course_id: str,
    *,
    before: str | None = None,
    limit: int = 100,
    skip: int = 0,
) -> EnrollmentPage:
    """The enrolled of a course, newest first; for those inside. Closed accounts are left out."""
    course = await require_inside(services.db, asker, course_id)
    seq = int(read_place(before, int)[0]) if before is not None else None
    found = await enrollments.page_of_course(
        services.db, course_id, limit=limit + 1, skip=skip, before=seq
    )
    people = await users.find_open(services.db, [one.user for one in found])
    listed = [one for one in found if one.user in people]
    nouns = (_noun(one, course, people[one.user].person) for one in listed)
    shown, more = fitted(nouns, limit)
    last = listed[len(shown) - 1] if more and shown else found[-1] if len(found) > limit else None
    hidden = len(found) - len(listed)
    return EnrollmentPage(shown, course.enrolled - hidden, str(last.seq) if last else None)


async def list_own(
    services: Services, asker: User, *, before: str | None = None, limit: int = 100
) -> EnrollmentPage:
    """The courses that one is in, the newest first."""
    found = await enrollments.find_of_user(services.db, asker.id)
    below = read_place(before, int, str) if before is not None else None
    in_order = [one for one in sorted(found, key=_place) if below is None or _place(one) > below]
    known = await courses.find_many(services.db, [one.course for one in in_order[: limit + 1]])
    listed = [one for one in in_order[: limit + 1] if one.course in known]
    shown, more = fitted((_noun(one, known[one.course], asker.person) for one in listed), limit)
    end = text_of(_place(listed[len(shown) - 1])) if more else None
    return EnrollmentPage(shown, len(found), end)


def _place(one: Enrollment) -> Place:
    """In the list of one's own, the newest first."""
    return -int(one.at.timestamp() * 1000), one.course


def _noun(enrollment: Enrollment, course: Course, person: Person) -> EnrollmentNoun:
    return EnrollmentNoun(
        course=CourseLine(course.id, course.title, course.code),
        user=person,
        enrolled_at=enrollment.at,
        since=enrollment.since,
    )


async def attended_ids(services: Services, user_id: str) -> list[str]:
    return [one.course for one in await enrollments.find_of_user(services.db, user_id)]
