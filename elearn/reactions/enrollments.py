"""What follows from somebody's coming into a course, or leaving it."""

from contextlib import suppress
from functools import partial

from elearn.access.courses import is_staff
from elearn.events.base import RowOf, holds
from elearn.events.courses import CourseSeats
from elearn.events.enrollments import Enrolled, LeftCourse, SeatsChange, SeatsFreed
from elearn.events.rooms import RoomJoined, RoomLeft
from elearn.log.new_events import NewEvent
from elearn.models import courses, events, rooms, users
from elearn.notices import kinds
from elearn.nouns.rooms import MADE_BY_PEOPLE
from elearn.reactions import withdrawals
from elearn.reactions.derived import copied, derived, derived_key, notice, posted
from elearn.reactions.first_marks import begin_at_the_end
from elearn.reactions.table import follows
from elearn.services import Services
from elearn.wire import topics


@follows(Enrolled, on=["course"])
async def enrolled(services: Services, row: RowOf[Enrolled]) -> list[NewEvent]:
    _tell_seats(services, row.data)
    if row.data.undoes is not None:
        await _return_to_rooms(services, row)
        return [copied(row, topics.user(row.data.user.id))]
    person, course = row.data.user, row.data.course_brief
    own, staff = topics.user(person.id), topics.staff(course.id)
    await begin_at_the_end(services, person.id, course.id)
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
    """Who leaves a course leaves its rooms, unless they teach it: coming back does not open a
    private one again. Each is decided on its room, where others leave and join at the same time."""
    account = await users.find(services.db, row.data.user.id)
    course = await courses.find(services.db, row.data.course)
    if account is not None and course is not None and is_staff(account.user, course):
        return
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
    return derived(row, topics.room(room_id), event, _left(room_id))


async def _return_to_rooms(services: Services, row: RowOf[Enrolled]) -> None:
    """Leaving was undone: the rooms that it ended are as they were, with the role in each."""
    ended = await rooms.find_ended(services.db, row.data.user.id)
    places = [topics.event_id(topics.room(one.room), one.seq) for one in ended]
    leaving = topics.event_id(row.topic, row.data.undoes or 0)
    for left in (await events.find(services.db, places)).values():
        if holds(left, RoomLeft) and left.key == derived_key(leaving, _left(left.about)):
            with suppress(_GoneError):
                await services.log.decide(left.topic, partial(_returned, services, row, left.data))


async def _returned(services: Services, row: RowOf[Enrolled], left: RoomLeft) -> NewEvent:
    person, room = row.data.user, await rooms.find(services.db, left.room)
    membership = await rooms.find_membership(services.db, left.room, person.id)
    if room is None or membership is not None:
        raise _GoneError
    event = RoomJoined(
        room=room.id,
        user=person,
        role=left.role,
        members=room.members + 1,
        course=room.course,
        undone=True,
    )
    return derived(row, topics.room(room.id), event, f"back/{room.id}")


def _left(room: str) -> str:
    return f"left/{room}"


class _GoneError(Exception):
    """They left the room themselves meanwhile, or came in, or this was done before."""


@follows(SeatsFreed, on=["course"])
async def freed(services: Services, row: RowOf[SeatsFreed]) -> list[NewEvent]:
    _tell_seats(services, row.data)
    return []


def _tell_seats(services: Services, data: SeatsChange) -> None:
    services.throttled.offer(
        f"seats/{data.course}",
        topics.CATALOG,
        CourseSeats(course=data.course, enrolled=data.enrolled, seats_left=data.seats_left),
        lambda: _is_published(services, data.course),
    )


async def _is_published(services: Services, course_id: str) -> bool:
    course = await courses.find(services.db, course_id)
    return course is not None and course.published
