"""What follows from somebody's coming into a course, or leaving it."""

from contextlib import suppress
from functools import partial

from elearn.events.base import RowOf
from elearn.events.courses import CourseSeats
from elearn.events.enrollments import Enrolled, EnrollmentChange, LeftCourse
from elearn.events.rooms import RoomLeft
from elearn.log.new_events import NewEvent
from elearn.models import courses, rooms
from elearn.notices import kinds
from elearn.nouns.rooms import MADE_BY_PEOPLE
from elearn.reactions import withdrawals
from elearn.reactions.derived import copied, derived, notice, posted
from elearn.reactions.table import follows
from elearn.services import Services
from elearn.wire import topics


@follows(Enrolled, on=["course"])
async def enrolled(services: Services, row: RowOf[Enrolled]) -> list[NewEvent]:
    _tell_seats(services, row.data)
    person, course = row.data.user, row.data.course_brief
    own, staff = topics.user(person.id), topics.staff(course.id)
    return [
        copied(row, own),
        notice(row, own, kinds.of_own_enrollment(course)),
        notice(row, staff, kinds.of_new_enrollment(course, person)),
        posted(
            row,
            course,
            person.id,
            kind="enrollment",
            actor=person,
            title="joined the course",
            url=f"/courses/{course.id}/people",
        ),
    ]


@follows(LeftCourse, on=["course"])
async def left(services: Services, row: RowOf[LeftCourse]) -> list[NewEvent]:
    _tell_seats(services, row.data)
    await _leave_rooms(services, row)
    user = row.data.user.id
    gone = await withdrawals.with_course(services, row, user, row.data.course)
    return [copied(row, topics.user(user)), gone]


async def _leave_rooms(services: Services, row: RowOf[LeftCourse]) -> None:
    """Who leaves a course leaves its rooms: coming back does not open a private one again. Each is
    decided on its room, where others leave and join at the same time."""
    memberships = await rooms.find_memberships(services.db, row.data.user.id)
    found = await rooms.find_many(services.db, [one.room for one in memberships])
    for room in found.values():
        if room.course == row.data.course and room.kind in MADE_BY_PEOPLE:
            with suppress(_GoneError):
                await services.log.decide(
                    topics.room(room.id), partial(_left_room, services, row, room.id)
                )


async def _left_room(services: Services, row: RowOf[LeftCourse], room_id: str) -> NewEvent:
    person, room = row.data.user, await rooms.find(services.db, room_id)
    membership = await rooms.find_membership(services.db, room_id, person.id)
    if room is None or membership is None:
        raise _GoneError
    event = RoomLeft(
        room=room_id,
        user=person,
        role=membership.role,
        members=max(0, room.members - 1),
        course=row.data.course,
    )
    return derived(row, topics.room(room_id), event, f"left/{room_id}")


class _GoneError(Exception):
    """They left the room themselves meanwhile, or this was done before."""


def _tell_seats(services: Services, data: EnrollmentChange) -> None:
    services.throttled.offer(
        f"seats/{data.course}",
        topics.CATALOG,
        CourseSeats(course=data.course, enrolled=data.enrolled, seats_left=data.seats_left),
        lambda: _is_published(services, data.course),
    )


async def _is_published(services: Services, course_id: str) -> bool:
    course = await courses.find(services.db, course_id)
    return course is not None and course.published
