"""Whom and which rooms a person may find by name: those of their courses, kept in the process.

What a course has is kept once for everyone in it. Rows change it or drop it; its age is the net
for rows that this node did not hear of.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import msgspec

from elearn.access.courses import taught_ids, teachers_of
from elearn.caches.name_index import NameIndex
from elearn.caches.shared_reads import SharedReads, Spawn
from elearn.events.base import RowOf
from elearn.events.courses import CourseChange
from elearn.events.enrollments import EnrollmentChange, LeftCourse
from elearn.events.listeners import Listeners
from elearn.events.people import AccountChanged, MemberUpdated, UserUpdated
from elearn.events.rooms import MembershipChange, RoomChange, RoomGone
from elearn.models import courses, enrollments, rooms, users
from elearn.models.database import Database
from elearn.nouns import rooms as stored
from elearn.nouns.people import User
from elearn.parts import Part
from elearn.search.queries import read_query

PATIENCE_S = 0.05
"""How long an answer waits for what is not kept yet; the next keystroke then finds it."""
MAX_PEOPLE = 2_000
"""People of a course that are found by name: the newest ones."""
KEPT = 50_000
"""Names kept of each kind, some 30 MB of people."""

T = TypeVar("T")


class FoundPerson(msgspec.Struct, frozen=True):
    id: str
    name: str
    role: str
    course: str
    course_title: str


class Room(msgspec.Struct, frozen=True):
    id: str
    open: bool
    """Whether those who are in its course may know of it without having joined it."""
    own: bool
    """Whether it is the course's own, where nobody has to join."""


class FoundRoom(msgspec.Struct, frozen=True):
    id: str
    joined: bool


class Found(msgspec.Struct, frozen=True):
    """Of each person one course that both are in."""

    rooms: tuple[FoundRoom, ...] = ()
    people: tuple[FoundPerson, ...] = ()


class _Circle(msgspec.Struct, frozen=True):
    courses: tuple[str, ...]
    joined: frozenset[str]


class Directory(Part):
    def __init__(self, db: Database, clock: Callable[[], datetime], spawn: Spawn) -> None:
        self._db = db
        minute = timedelta(minutes=1)
        self._circles = SharedReads(
            self._read_circle, clock, spawn, timedelta(seconds=10), lambda _: 1, KEPT
        )
        self._rooms = SharedReads(self._read_rooms, clock, spawn, minute, len, KEPT)
        self._people = SharedReads(self._read_people, clock, spawn, minute, len, KEPT)

    async def find(self, user: User, q: str, *, limit: int) -> Found:
        """By the beginnings of words of their names. What is not read in time is left out."""
        typed = read_query(q).words
        if not typed:
            return Found()
        await _patiently(self._circles.ask([user.id]))
        circle = self._circles.get(user.id)
        if circle is None:
            return Found()
        await _patiently(self._rooms.ask(circle.courses) | self._people.ask(circle.courses))
        seen = _named(self._rooms, circle.courses, typed)
        people = {one.id: one for one in _named(self._people, circle.courses, typed)}
        people.pop(user.id, None)
        own = [
            FoundRoom(one.id, one.own or one.id in circle.joined)
            for one in seen
            if one.open or one.id in circle.joined
        ]
        return Found(tuple(own[:limit]), tuple(people.values())[:limit])

    async def find_in(
        self, course: str, typed: Sequence[str], among: Collection[str] | None = None
    ) -> list[str]:
        """The ids of a course's people with such words in their names, the best first; with `among`
        only those of these. Waits for what is not kept yet."""
        await asyncio.gather(*self._people.ask([course]))
        names = self._people.get(course)
        found = names.begun(typed, among) if names is not None else []
        return [one.id for _, one in sorted(found, key=lambda hit: hit[0])]

    async def _read_circle(self, user: str) -> _Circle:
        taught, enrolled, joined = await asyncio.gather(
            self._read_taught(user),
            enrollments.find_of_user(self._db, user),
            rooms.find_memberships(self._db, user),
        )
        inside = dict.fromkeys([*taught, *(one.course for one in enrolled)])
        return _Circle(tuple(inside), frozenset(one.room for one in joined))

    async def _read_taught(self, user: str) -> list[str]:
        found = await users.find(self._db, user)
        return [] if found is None else await taught_ids(self._db, found.user)

    async def _read_rooms(self, course: str) -> NameIndex[Room]:
        found = await rooms.find_of_course(self._db, course)
        return NameIndex((room.id, room.name, _room(room)) for room in found)

    async def _read_people(self, course: str) -> NameIndex[FoundPerson]:
        known = await courses.find(self._db, course)
        if known is None:
            return NameIndex(())
        newest = await enrollments.page_of_course(self._db, course, limit=MAX_PEOPLE)
        teachers = await teachers_of(self._db, known)
        ids = [*teachers, *(one.user for one in newest)]
        found = await users.find_open(self._db, ids)
        title = known.title
        return NameIndex(
            (one.id, one.name, FoundPerson(one.id, one.name, one.role, course, title))
            for one in found.values()
        )

    def listen(self, listeners: Listeners) -> None:
        listeners.hear(self._enrolled, EnrollmentChange)
        listeners.hear(self._joined, MembershipChange)
        listeners.hear(self._rights_changed, UserUpdated)
        listeners.hear(self._course_changed, CourseChange)
        listeners.hear(self._room_changed, RoomChange)
        listeners.hear(self._room_changed, RoomGone)
        listeners.hear(self._member_changed, MemberUpdated)
        listeners.hear(self._account_changed, AccountChanged)

    def forget(self) -> None:
        for kept in (self._circles, self._rooms, self._people):
            kept.clear()

    def _enrolled(self, row: RowOf[EnrollmentChange]) -> None:
        self._circles.drop(row.data.user.id)
        if row.kind == "course":
            self._people.change(row.about, partial(_move, row.data))

    def _joined(self, row: RowOf[MembershipChange]) -> None:
        self._circles.drop(row.data.user.id)
        if row.kind == "course":
            self._rooms.drop(row.about)

    def _rights_changed(self, row: RowOf[UserUpdated]) -> None:
        if row.data.rights is True:
            self._circles.drop(row.about)

    def _member_changed(self, row: RowOf[MemberUpdated]) -> None:
        user = row.data.user
        self._people.change(row.about, partial(_rename, user.id, user.name))

    def _account_changed(self, row: RowOf[AccountChanged]) -> None:
        """It may be closed, or open again; seldom enough to read all anew."""
        self._people.clear()

    def _course_changed(self, row: RowOf[CourseChange]) -> None:
        if row.kind == "user":
            self._circles.drop(row.about)
            return
        self._rooms.drop(row.about)
        self._people.drop(row.about)
        if row.data.rights:
            self._circles.clear()

    def _room_changed(self, row: RowOf[RoomChange | RoomGone]) -> None:
        if row.kind == "user":
            self._circles.drop(row.about)
        elif row.kind == "course":
            self._rooms.drop(row.about)
        elif row.data.document is not None:
            self._rooms.drop(row.data.document.course or "")
            self._circles.drop(row.actor)


def _room(room: stored.Room) -> Room:
    return Room(room.id, is_open(room), room.kind == "course")


def is_open(room: stored.Room) -> bool:
    return room.kind != "private" and not room.archived


def _move(change: EnrollmentChange, names: NameIndex[FoundPerson]) -> None:
    """What a row of a course's own topic says about one of its people; harmless to repeat."""
    user = change.user
    if isinstance(change, LeftCourse):
        names.remove(user.id)
    elif names.get(user.id) is not None:
        _rename(user.id, user.name, names)
    else:
        person = FoundPerson(user.id, user.name, user.role, change.course, change.title)
        names.put(person.id, person.name, person)


def _rename(ident: str, name: str, names: NameIndex[FoundPerson]) -> None:
    if (known := names.get(ident)) is not None:
        names.put(ident, name, msgspec.structs.replace(known, name=name))


def _named(kept: SharedReads[NameIndex[T]], ids: Iterable[str], typed: Sequence[str]) -> list[T]:
    """Best first: names that begin with what was typed, then by name."""
    found = [
        hit for ident in ids if (names := kept.get(ident)) is not None for hit in names.begun(typed)
    ]
    return [thing for _, thing in sorted(found, key=lambda hit: hit[0])]


async def _patiently(reading: set["asyncio.Task[Any]"]) -> None:
    if reading:
        await asyncio.wait(reading, timeout=PATIENCE_S)
