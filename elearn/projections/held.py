"""Which documents hold that a row was applied, and what they then say: for a check of the documents
against the log."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from elearn.events.base import Event, Row, RowOf
from elearn.events.courses import CourseChange, CourseCreated, CourseUpdated, CourseWithdrawn
from elearn.events.enrollments import Enrolled, EnrollmentChange, LeftCourse, SeatsFreed
from elearn.events.feed import FeedDeleted, FeedPosted
from elearn.events.notices import NoticesRead
from elearn.events.people import AccountChanged
from elearn.events.rooms import (
    MembershipChange,
    RoomArchived,
    RoomChange,
    RoomCreated,
    RoomJoined,
    RoomLeft,
    RoomModerated,
    RoomUpdated,
)
from elearn.events.updates import UpdatePublished
from elearn.models.enrollments import enrollment_id
from elearn.models.feed import feedback_id
from elearn.models.held_rows import DELETED, Mark, Place
from elearn.models.rooms import membership_id

Held = Iterator[tuple[Place, Mark]]


def marks_after(rows: Iterable[Row]) -> dict[Place, Mark]:
    """What the documents of a topic say once these rows of it are applied."""
    marks: dict[Place, Mark] = {}
    for row in rows:
        if isinstance(row.data, CourseChange):
            marks = {place: mark for place, mark in marks.items() if place[0] != "teaching"}
        marks.update(HELD[type(row.data)](row))
        if isinstance(row.data, CourseChange):  # its rooms carry its title
            title = row.data.document.title
            marks.update({place: title for place in marks if place[0] == "rooms"})
    return marks


def _course(row: RowOf[CourseChange]) -> Held:
    course = row.data.document
    yield ("courses", course.id), row.seq
    yield ("rooms", course.id), course.title
    yield from ((("teaching", f"{course.id}/{user}"), 0) for user in course.teachers)


def _enrollment(row: RowOf[EnrollmentChange]) -> Held:
    yield ("enrollments", enrollment_id(row.data.course, row.data.user.id)), row.seq
    yield ("courses", row.data.course), row.seq


def _seats(row: RowOf[SeatsFreed]) -> Held:
    yield ("courses", row.data.course), row.seq


def _room_created(row: RowOf[RoomCreated]) -> Held:
    room = row.data.document
    yield ("rooms", room.id), row.seq
    for user in room.users or [room.owner or ""]:
        yield ("memberships", membership_id(room.id, user)), row.seq


def _room(row: RowOf[RoomChange]) -> Held:
    yield ("rooms", row.data.document.id), row.seq


def _membership(row: RowOf[MembershipChange]) -> Held:
    yield ("memberships", membership_id(row.data.room, row.data.user.id)), row.seq
    yield ("rooms", row.data.room), row.seq


def _moderated(row: RowOf[RoomModerated]) -> Held:
    one = row.data.membership
    yield ("memberships", membership_id(one.room, one.user.id)), row.seq


def _update(row: RowOf[UpdatePublished]) -> Held:
    update = row.data.document
    yield ("updates", update.id), row.seq
    yield ("rooms", update.id), update.course_title


def _posted(row: RowOf[FeedPosted]) -> Held:
    yield ("feed", row.id), row.seq
    if row.data.total is not None:
        yield ("feedback", feedback_id(row.about, row.data.author)), row.seq
        yield ("courses", row.about), row.seq


def _deleted(row: RowOf[FeedDeleted]) -> Held:
    yield ("feed", row.data.id), DELETED
    if row.data.total is not None:
        yield ("courses", row.about), row.seq


def _notices_read(row: RowOf[NoticesRead]) -> Held:
    yield ("notice_states", row.about), row.seq


def _account(row: RowOf[AccountChanged]) -> Held:
    yield ("users", row.data.user.id), row.seq


HELD: dict[type[Event], Callable[[RowOf[Any]], Held]] = {
    **dict.fromkeys((CourseCreated, CourseUpdated, CourseWithdrawn), _course),
    **dict.fromkeys((Enrolled, LeftCourse), _enrollment),
    SeatsFreed: _seats,
    RoomCreated: _room_created,
    **dict.fromkeys((RoomUpdated, RoomArchived), _room),
    **dict.fromkeys((RoomJoined, RoomLeft), _membership),
    RoomModerated: _moderated,
    UpdatePublished: _update,
    FeedPosted: _posted,
    FeedDeleted: _deleted,
    NoticesRead: _notices_read,
    AccountChanged: _account,
}
"""Without read marks, which do not follow from the log alone."""
