"""Who may write where, kept for those who write often: a chat message then reads nothing.

An entry is dropped by the rows that may change it and ages out within a second, so that what
another node decided acts here in time too.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from elearn import access
from elearn.access import RoomPlace
from elearn.models.events import Database, Row
from elearn.nouns.people import User

FRESH = timedelta(seconds=1)
KEPT = 20_000


class WriteAccess:
    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[RoomPlace, datetime]] = {}
        self._of: dict[str, set[tuple[str, str]]] = {}  # by room, person and course
        self._changes = 0

    async def require_writable(self, user: User, room_id: str) -> RoomPlace:
        """As `access.require_writable`; its refusals are never kept."""
        now = self._clock()
        known = self._known.get((room_id, user.id))
        if known is not None and timedelta(0) <= now - known[1] < FRESH:
            return known[0]
        changes = self._changes
        place = await access.require_writable(self._db, user, room_id)
        if changes == self._changes:  # nothing was decided while this was read
            if len(self._known) >= KEPT:
                self._known.clear()
                self._of.clear()
            self._known[room_id, user.id] = (place, now)
            for ident in _idents(room_id, user.id, place):
                self._of.setdefault(ident, set()).add((room_id, user.id))
        return place

    def on_row(self, row: Row) -> None:
        kind = row.event.partition(".")[0]
        if kind not in ("room", "enrollment", "course", "session", "user"):
            return
        self._changes += 1
        ident = row.topic.partition(":")[2]
        if kind == "room":
            ident = row.data.get("room") or row.data["document"]["_id"]
        elif isinstance(row.data.get("course"), str):
            ident = row.data["course"]
        for key in tuple(self._of.get(ident, ())):
            place, _ = self._known.pop(key)
            for other in _idents(*key, place):
                keys = self._of[other]
                keys.discard(key)
                if not keys:
                    del self._of[other]


def _idents(room: str, user: str, place: RoomPlace) -> set[str]:
    """What an entry is dropped by. A course's own room has the course's id."""
    return {room, user} | ({place.room["course"]} if place.room["course"] else set())
