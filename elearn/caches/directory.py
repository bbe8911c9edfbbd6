"""Whom and which rooms a person may find by name: those of their courses, kept in the process.

What a course has is kept once for everyone in it. Rows change it or drop it; its age is the net
for rows that this node did not hear of.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from elearn import access
from elearn.caches.name_index import NameIndex
from elearn.caches.shared_reads import SharedReads, Spawn
from elearn.models import courses, enrollments, rooms, users
from elearn.models.events import Database, Row
from elearn.nouns.people import User
from elearn.search.queries import read_query

PATIENCE_S = 0.05
"""How long an answer waits for what is not kept yet; the next keystroke then finds it."""
MAX_PEOPLE = 2_000
"""People of a course that are found by name: the newest ones."""
KEPT = 50_000
"""Names kept of each kind, some 30 MB of people."""

T = TypeVar("T")


class Person(msgspec.Struct, frozen=True):
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
    people: tuple[Person, ...] = ()


class _Circle(msgspec.Struct, frozen=True):
    courses: tuple[str, ...]
    joined: frozenset[str]


class Directory:
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

    async def _read_circle(self, user: str) -> _Circle:
        taught, enrolled, joined = await asyncio.gather(
            self._read_taught(user),
            enrollments.find_of_user(self._db, user),
            rooms.find_memberships(self._db, user),
        )
        inside = dict.fromkeys([*taught, *(one["course"] for one in enrolled)])
        return _Circle(tuple(inside), frozenset(one["room"] for one in joined))

    async def _read_taught(self, user: str) -> list[str]:
        found = await users.find(self._db, user)
        return [] if found is None else await access.taught_ids(self._db, access.user_of(found))

    async def _read_rooms(self, course: str) -> NameIndex[Room]:
        found = await rooms.find_of_course(self._db, course)
        return NameIndex((room["_id"], room["name"], _room(room)) for room in found)

    async def _read_people(self, course: str) -> NameIndex[Person]:
        known = await courses.find(self._db, course)
        if known is None:
            return NameIndex(())
        newest = await enrollments.page_of_course(self._db, course, limit=MAX_PEOPLE)
        teachers = await access.teachers_of(self._db, known)
        ids = [*teachers, *(one["user"] for one in newest)]
        found = await users.find_many(self._db, ids)
        title = known["title"]
        return NameIndex(
            (one["_id"], one["name"], Person(one["_id"], one["name"], one["role"], course, title))
            for one in found.values()
        )

    def forget_all(self) -> None:
        for kept in (self._circles, self._rooms, self._people):
            kept.clear()

    def on_row(self, row: Row) -> None:
        kind, _, ident = row.topic.partition(":")
        room_row = row.event.startswith("room.")
        if row.event in _MOVES:
            self._circles.drop(row.data["user"]["id"])
        if kind == "user" and (room_row or row.event == "course.created" or row.data.get("rights")):
            self._circles.drop(ident)
        elif kind == "course" and row.event.startswith("course."):
            self._rooms.drop(ident)
            self._people.drop(ident)
            if row.data.get("rights"):
                self._circles.clear()
        elif kind == "course" and room_row:
            self._rooms.drop(ident)
        elif kind == "room" and room_row and "document" in row.data:
            self._rooms.drop(row.data["document"]["course"])
            self._circles.drop(row.actor)
        elif kind == "course" and row.event in _PEOPLE:
            self._people.change(ident, lambda names: _move(names, row))


_MOVES = frozenset({"enrollment.enrolled", "enrollment.left", "room.joined", "room.left"})
_PEOPLE = frozenset({"enrollment.enrolled", "enrollment.left", "user.updated"})


def _room(room: dict[str, Any]) -> Room:
    return Room(room["_id"], is_open(room), room["kind"] == "course")


def is_open(room: dict[str, Any]) -> bool:
    return room["kind"] != "private" and not room["archived"]


def _move(names: NameIndex[Person], row: Row) -> None:
    """What a row of a course's own topic says about one of its people; harmless to repeat."""
    user = row.data["user"]
    known = names.get(user["id"])
    if row.event == "enrollment.left":
        names.remove(user["id"])
    elif known is not None:
        names.put(known.id, user["name"], msgspec.structs.replace(known, name=user["name"]))
    elif row.event == "enrollment.enrolled":
        course, title = row.data["course"], row.data["title"]
        person = Person(user["id"], user["name"], user["role"], course, title)
        names.put(person.id, person.name, person)


def _named(kept: SharedReads[NameIndex[T]], ids: Iterable[str], typed: Sequence[str]) -> list[T]:
    """Best first: names that begin with what was typed, then by name."""
    found = [
        hit for ident in ids if (names := kept.get(ident)) is not None for hit in names.begun(typed)
    ]
    return [thing for _, thing in sorted(found, key=lambda hit: hit[0])]


async def _patiently(reading: set["asyncio.Task[Any]"]) -> None:
    if reading:
        await asyncio.wait(reading, timeout=PATIENCE_S)
