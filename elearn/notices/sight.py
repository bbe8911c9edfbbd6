"""Whether a notice may still be seen: it goes with what it is about, and comes back with it.

Who may hear a topic may see its notices but those that were withdrawn there, by one row for all. On
a person's own topic they stand from many rooms and courses: each is judged by what its reader may
see now, so that what was lost is gone before anybody was told.
"""

from collections.abc import Iterable, Sequence

import msgspec

from elearn.access.courses import inside_ids
from elearn.access.rooms import readable
from elearn.events.base import RowOf
from elearn.events.notices import NoticeCreated
from elearn.models.database import Database
from elearn.nouns.addresses import room_at
from elearn.nouns.notices import NoticeContent
from elearn.nouns.people import User

Notice = RowOf[NoticeCreated]


class Sight(msgspec.Struct, frozen=True):
    """What a person may see now of the rooms and courses that some notices are about."""

    rooms: frozenset[str] = frozenset()
    courses: frozenset[str] = frozenset()

    def shows(self, notice: NoticeContent) -> bool:
        """A room may be read without its course's help: a direct one has none."""
        room = room_at(notice.url)
        if room is not None:
            return room in self.rooms
        return notice.course is None or notice.course.id in self.courses


async def sight_of(db: Database, user: User, notices: Iterable[NoticeContent]) -> Sight:
    rooms, courses = set[str](), set[str]()
    for notice in notices:
        if (room := room_at(notice.url)) is not None:
            rooms.add(room)
        elif notice.course is not None:
            courses.add(notice.course.id)
    may_read = await readable(db, user, rooms) if rooms else set()
    inside = await inside_ids(db, user, courses) if courses else set()
    return Sight(frozenset(may_read), frozenset(inside))


async def seen_by(db: Database, user: User, rows: Sequence[Notice]) -> list[Notice]:
    """Those of a person's own topic that the person may still see."""
    sight = await sight_of(db, user, (row.data.notice for row in rows))
    return [row for row in rows if sight.shows(row.data.notice)]
