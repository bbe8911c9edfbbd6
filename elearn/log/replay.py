"""Rows as pushes for one who missed them, with the thing as it is now."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from elearn import access, views
from elearn.log.backlogs import Backlog
from elearn.models import courses, feed, rooms, updates
from elearn.models.events import Database, Row
from elearn.wire import protocol


async def as_now(db: Database, rows: Backlog) -> list[tuple[int, msgspec.Raw]]:
    """The pushes of `rows` as JSON, each with its seq. Rows that name nothing but themselves are
    encoded once for all who missed them."""
    if rows.pushes is not None:
        return rows.pushes
    pushes = [views.push(row) for row in rows]
    same_for_all = not await _renew(db, rows, pushes)
    said = [(push["seq"], msgspec.Raw(protocol.encode(push))) for push in pushes]
    if same_for_all:
        rows.pushes = said
    return said


async def _renew(db: Database, rows: Sequence[Row], pushes: list[dict[str, Any]]) -> bool:
    """Courses, rooms, updates and feed items are read anew; whether there were any. A room that
    has become private since is told by its id alone to those who are not in it."""
    any_there = False
    for noun, (find, view) in _NOUNS.items():
        wanted = {
            push["data"][noun]["id"]
            for push in pushes
            if isinstance(push["data"].get(noun), dict) and "id" in push["data"][noun]
        }
        if not wanted:
            continue
        any_there = True
        now = await find(db, wanted)
        hidden = await _hidden_rooms(db, rows[0].topic, now) if noun == "room" else set()
        for push in pushes:
            thing = push["data"].get(noun)
            if isinstance(thing, dict) and (document := now.get(thing.get("id", ""))) is not None:
                told = document["_id"] not in hidden
                noun_now = view(document) if told else {"id": document["_id"], "archived": True}
                push["data"] = {**push["data"], noun: noun_now}
    return any_there


async def _hidden_rooms(db: Database, topic: str, now: dict[str, dict[str, Any]]) -> set[str]:
    """The private rooms among those of a topic that its readers may not know of: all of them on a
    course's topic, and on a person's own those that the person is no longer in."""
    kind, _, ident = topic.partition(":")
    private = [room for room, document in now.items() if document["kind"] == "private"]
    if kind == "room":
        return set()
    if kind != "user":
        return set(private)
    return {room for room in private if not await access.may_read(db, ident, room)}


def _course_now(course: dict[str, Any]) -> dict[str, Any]:
    """On a shared topic a course that is no longer published is told by its id alone."""
    return views.course_card(course) if course["published"] else {"id": course["_id"]}


def _room_now(room: dict[str, Any]) -> dict[str, Any]:
    return views.room(room)


_NOUNS: dict[str, tuple[Callable[..., Any], Callable[[Any], dict[str, Any]]]] = {
    "course": (courses.find_many, _course_now),
    "room": (rooms.find_many, _room_now),
    "update": (updates.find_many, views.update),
    "item": (feed.find_many, views.item),
}
