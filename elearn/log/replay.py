"""Rows as pushes for one who missed them, with the thing as it is now."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from elearn.access.rooms import may_read
from elearn.events.base import Row, Subject, holds
from elearn.events.notices import NoticeCreated, NoticesWithdrawn
from elearn.events.pushes import Push, push_of
from elearn.log.backlogs import Backlog
from elearn.models import courses, events, feed, rooms, updates, users
from elearn.models.database import Database
from elearn.notices import sight
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
    hidden = await _hidden_notices(db, rows)
    said = [(row.seq, msgspec.Raw(protocol.encode(_push(row, now, hidden)))) for row in rows]
    if not now and hidden is rows.withdrawn:
        rows.pushes = said
    return said


_Things = Mapping[Subject, msgspec.Struct]


def _push(row: Row, now: _Things, hidden: Collection[str]) -> Push:
    """In the place of a notice that may not be seen any more stands that it is gone."""
    if row.id in hidden:
        return push_of(replace(row, data=NoticesWithdrawn(ids=[row.id])))
    return push_of(row, _data(row, now))


async def withdrawn_among(db: Database, topic: str, rows: Sequence[Row]) -> frozenset[str]:
    """Of the notices among these rows of a shared topic, those that a later row took back."""
    if topics.kind_of(topic) == "user" or not any(holds(row, NoticeCreated) for row in rows):
        return frozenset()
    gone = await events.of_event(db, topic, NoticesWithdrawn, above=rows[0].seq)
    return frozenset(ident for row in gone for ident in row.data.ids)


async def _hidden_notices(db: Database, rows: Backlog) -> Collection[str]:
    """Those of a person's own topic are judged by what the person may see now."""
    own = [row for row in rows if holds(row, NoticeCreated) and row.kind == "user"]
    if not own:
        return rows.withdrawn
    reader = await users.find(db, own[0].about)
    shown = await sight.seen_by(db, reader.user, own) if reader else []
    return {row.id for row in own} - {row.id for row in shown}


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
    own = topics.kind_of(topic) == "user"
    return {
        ident: RoomRef(ident) if ident in hidden else RoomNoun.of(room, own=own)
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
