"""Who may write where, kept for those who write often: a chat message then reads nothing.

An entry is dropped by the rows that may change it and ages out within a second, so that what
another node decided acts here in time too.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from elearn.access.rooms import SeenRoom, require_writable
from elearn.caches.kept import Kept
from elearn.events.base import RowOf
from elearn.events.courses import CourseChange
from elearn.events.enrollments import EnrollmentChange
from elearn.events.listeners import Listeners
from elearn.events.people import PersonChange
from elearn.events.rooms import MembershipChange, RoomChange, RoomGone, RoomModerated
from elearn.models.database import Database
from elearn.nouns.people import User
from elearn.parts import Part

FRESH = timedelta(seconds=1)
KEPT = 20_000


class WriteAccess(Part):
    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._known: Kept[tuple[str, str], SeenRoom] = Kept(KEPT, FRESH, clock, _idents)

    async def require_writable(self, user: User, room_id: str) -> SeenRoom:
        """As `access.rooms.require_writable`; its refusals are never kept."""
        known = self._known.get((room_id, user.id))
        if known is not None:
            return known
        changes = self._known.changes
        seen = await require_writable(self._db, user, room_id)
        self._known.put((room_id, user.id), seen, changes)
        return seen

    def listen(self, listeners: Listeners) -> None:
        listeners.hear(self._room_changed, RoomChange)
        listeners.hear(self._room_changed, RoomGone)
        listeners.hear(self._membership_changed, MembershipChange)
        listeners.hear(self._moderated, RoomModerated)
        listeners.hear(self._enrolled, EnrollmentChange)
        listeners.hear(self._course_changed, CourseChange)
        listeners.hear(self._person_changed, PersonChange)

    def _room_changed(self, row: RowOf[RoomChange | RoomGone]) -> None:
        if (subject := row.data.subject(row)) is not None:
            self._known.drop_tagged(subject.id)

    def _membership_changed(self, row: RowOf[MembershipChange]) -> None:
        self._known.drop_tagged(row.data.room)

    def _moderated(self, row: RowOf[RoomModerated]) -> None:
        self._known.drop_tagged(row.data.membership.room)

    def _enrolled(self, row: RowOf[EnrollmentChange]) -> None:
        self._known.drop_tagged(row.data.course)

    def _course_changed(self, row: RowOf[CourseChange]) -> None:
        self._known.drop_tagged(row.data.document.id)

    def _person_changed(self, row: RowOf[PersonChange]) -> None:
        self._known.drop_tagged(row.data.user.id)


def _idents(key: tuple[str, str], seen: SeenRoom) -> set[str]:
    """What an entry is dropped by. A course's own room has the course's id; in a direct one each
    person decides whether the other may write, in a line to its teachers the course does."""
    course = seen.room.course or seen.room.staff_of
    return {*key, *seen.people} | ({course} if course else set())
