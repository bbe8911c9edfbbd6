"""Rows as pushes for one who missed them, with the thing as it is now."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from elearn.access.rooms import may_read
from elearn.events.base import Row, Subject
from elearn.events.pushes import push_of
from elearn.log.backlogs import Backlog
from elearn.models import courses, feed, rooms, updates
from elearn.models.database import Database
from elearn.nouns.courses import Course, CourseCard, CourseRef
from elearn.nouns.feed import ItemNoun
from elearn.nouns.rooms import Room, RoomNoun, RoomRef
from elearn.nouns.updates import UpdateNoun
from elearn.wire import protocol, topics


async def as_now(db: Database, rows: Backlog) -> list[tuple[int, msgspec.Raw]]:
    """The pushes of `rows` as JSON, each with its seq. Rows that name nothing but themselves are
    encoded once for all who missed them."""
    if rows.pushes is not None:
        return rows.pushes
    now = await _things_now(db, rows)
    said = [(row.seq, msgspec.Raw(protocol.encode(push_of(row, _data(row, now))))) for row in rows]
    if not now:
        rows.pushes = said
    return said


_Things = Mapping[Subject, msgspec.Struct]


def _data(row: Row, now: _Things) -> object:
    subject = row.data.subject(row)
    if subject is None or subject not in now:
        return None
    told = row.data.told(row)
    return {**_told_fields(told), subject.noun: now[subject]}


def _told_fields(told: msgspec.Struct) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(told)
    return found


async def _things_now(db: Database, rows: Sequence[Row]) -> dict[Subject, msgspec.Struct]:
    """What the rows show that may have changed since, as it may be told on their topic."""
    by_noun: dict[str, set[str]] = {}
    for row in rows:
        if (subject := row.data.subject(row)) is not None:
            by_noun.setdefault(subject.noun, set()).add(subject.id)
    return {
        Subject(noun, ident): thing
        for noun, ids in by_noun.items()
        for ident, thing in (await _FIND[noun](db, rows[0].topic, ids)).items()
    }


_Found = Mapping[str, msgspec.Struct]


async def _courses(db: Database, topic: str, ids: Iterable[str]) -> _Found:
    return {ident: _told_course(one) for ident, one in (await courses.find_many(db, ids)).items()}


def _told_course(course: Course) -> CourseCard | CourseRef:
    """On a shared topic a course that is no longer published is told by its id alone."""
    return CourseCard.of(course) if course.published else CourseRef(course.id)


async def _rooms(db: Database, topic: str, ids: Iterable[str]) -> _Found:
    """A room that has become private since is told by its id alone to those who are not in it."""
    found = await rooms.find_many(db, ids)
    hidden = await _hidden(db, topic, found)
    return {
        ident: RoomRef(ident) if ident in hidden else RoomNoun.of(room)
        for ident, room in found.items()
    }


async def _hidden(db: Database, topic: str, found: Mapping[str, Room]) -> set[str]:
    """The private rooms that a topic's readers may not know of: all of them on a course's topic,
    and on a person's own those that the person is no longer in."""
    private = [ident for ident, room in found.items() if room.kind == "private"]
    kind = topics.kind_of(topic)
    if kind == "room":
        return set()
    if kind != "user":
        return set(private)
    reader = topics.ident_of(topic)
    return {ident for ident in private if not await may_read(db, reader, ident)}


async def _updates(db: Database, topic: str, ids: Iterable[str]) -> _Found:
    return {ident: UpdateNoun.of(one) for ident, one in (await updates.find_many(db, ids)).items()}


async def _items(db: Database, topic: str, ids: Iterable[str]) -> _Found:
    return {ident: ItemNoun.of(one) for ident, one in (await feed.find_many(db, ids)).items()}


_FIND: dict[str, Callable[[Database, str, Iterable[str]], Awaitable[_Found]]] = {
    "course": _courses,
    "room": _rooms,
    "update": _updates,
    "item": _items,
}
