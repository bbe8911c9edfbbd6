"""Who may write where, kept for those who write often: a chat message then reads nothing.

An entry is dropped by the rows that may change it and ages out within a second, so that what
another node decided acts here in time too.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from elearn.access.rooms import SeenRoom, require_writable
from elearn.events.base import RowOf
from elearn.events.courses import CourseChange
from elearn.events.enrollments import EnrollmentChange
from elearn.events.listeners import Listeners
from elearn.events.people import PersonChange
from elearn.events.rooms import MembershipChange, RoomChange, RoomGone
from elearn.models.database import Database
from elearn.nouns.people import User
from elearn.parts import Part

FRESH = timedelta(seconds=1)
KEPT = 20_000


class WriteAccess(Part):
    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[SeenRoom, datetime]] = {}
        self._of: dict[str, set[tuple[str, str]]] = {}  # by room, person and course
        self._changes = 0

    async def require_writable(self, user: User, room_id: str) -> SeenRoom:
        """As `require_writable`; its refusals are never kept."""
        now = self._clock()
        known = self._known.get((room_id, user.id))
        if known is not None and timedelta(0) <= now - known[1] < FRESH:
            return known[0]
        changes = self._changes
        seen = await require_writable(self._db, user, room_id)
        if changes == self._changes:  # nothing was decided while this was read
            if len(self._known) >= KEPT:
                self._known.clear()
                self._of.clear()
            self._known[room_id, user.id] = (seen, now)
            for ident in _idents(room_id, user.id, seen):
                self._of.setdefault(ident, set()).add((room_id, user.id))
        return seen

    def listen(self, listeners: Listeners) -> None:
        listeners.hear(self._room_changed, RoomChange)
        listeners.hear(self._room_changed, RoomGone)
        listeners.hear(self._membership_changed, MembershipChange)
        listeners.hear(self._enrolled, EnrollmentChange)
        listeners.hear(self._course_changed, CourseChange)
        listeners.hear(self._person_changed, PersonChange)

    def _room_changed(self, row: RowOf[RoomChange | RoomGone]) -> None:
        if (subject := row.data.subject(row)) is not None:
            self._drop(subject.id)

    def _membership_changed(self, row: RowOf[MembershipChange]) -> None:
        self._drop(row.data.room)

    def _enrolled(self, row: RowOf[EnrollmentChange]) -> None:
        self._drop(row.data.course)

    def _course_changed(self, row: RowOf[CourseChange]) -> None:
        self._drop(row.data.document.id)

    def _person_changed(self, row: RowOf[PersonChange]) -> None:
        self._drop(row.data.user.id)

    def _drop(self, ident: str) -> None:
        self._changes += 1
        for key in tuple(self._of.get(ident, ())):
            seen, _ = self._known.pop(key)
            for other in _idents(*key, seen):
                keys = self._of[other]
                keys.discard(key)
                if not keys:
                    del self._of[other]


def _idents(room: str, user: str, seen: SeenRoom) -> set[str]:
    """What an entry is dropped by. A course's own room has the course's id."""
    return {room, user} | ({seen.room.course} if seen.room.course else set())
