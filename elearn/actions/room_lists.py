"""Rooms for a viewer: lists with what is unread and what was said last, and who is inside."""

import asyncio
from collections.abc import Sequence
from typing import Any

from elearn import access, views
from elearn.errors import NotFound
from elearn.models import courses, enrollments, events, rooms, users
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics


async def list_rooms(
    services: Services, user: User, course_id: str | None = None
) -> list[dict[str, Any]]:
    """The rooms of a course that one may know of, or all rooms that one is in."""
    if course_id is not None:
        course = await access.require_inside(services.db, user, course_id)
        own = {one["room"] for one in await rooms.find_memberships(services.db, user.id)}
        found = [
            room
            for room in await rooms.find_of_course(services.db, course_id)
            if room["kind"] != "private" or room["_id"] in own
        ]
        return await room_nouns(services, user, found, {course_id: course}, own)
    found, known, own = await rooms_of(services, user)
    return await room_nouns(services, user, found, known, own)


async def rooms_of(
    services: Services, user: User
) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]], set[str]]:
    """The rooms one is in, their courses, and the ids of those joined by oneself."""
    enrolled = [one["course"] for one in await enrollments.find_of_user(services.db, user.id)]
    taught = await access.taught_ids(services.db, user)
    inside = list(dict.fromkeys([*taught, *enrolled]))
    own = {one["room"] for one in await rooms.find_memberships(services.db, user.id)}
    found = await rooms.find_many(services.db, [*inside, *own])
    known = await courses.find_many(
        services.db, {room["course"] for room in found.values() if room["course"]}
    )
    seen = [
        room for room in found.values() if room["course"] is None or room["course"] in set(inside)
    ]
    return seen, known, own


async def room_nouns(
    services: Services,
    user: User,
    found: Sequence[dict[str, Any]],
    known: dict[str, dict[str, Any]],
    own: set[str],
) -> list[dict[str, Any]]:
    """Rooms for a viewer, those with news first: unread, newest message, whether joined."""
    names = [topics.room(room["_id"]) for room in found]
    heads, marks, last, people = await asyncio.gather(
        services.log.heads(names),
        services.read_marks.find(user.id, names),
        asyncio.gather(*(events.page(services.db, t, "chat.posted", limit=1) for t in names)),
        _partners(services, user, found),
    )
    nouns = []
    for room, topic, newest in zip(found, names, last, strict=True):
        joined = room["kind"] in ("course", "thread", "direct") or room["_id"] in own
        seq, n = marks[topic]
        noun = views.room(room, known.get(room["course"] or ""))
        noun |= {
            "joined": joined,
            "unread": max(0, heads[topic].visible_n - n) if joined else 0,
            "read_seq": seq,
            "last_message": views.message(newest[0]) if newest and joined else None,
            "with": people.get(room["_id"]),
        }
        if noun["with"] and not noun["name"]:
            noun["name"] = noun["with"]["name"]
        nouns.append(noun)
    return sorted(nouns, key=_news_first)


def _news_first(room: dict[str, Any]) -> tuple[bool, float]:
    last = room["last_message"]
    at = last["created_at"] if last else room["created_at"]
    return (not room["unread"], -at.timestamp())


async def _partners(
    services: Services, user: User, found: Sequence[dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The other person of each direct conversation of two."""
    other = {
        room["_id"]: next(one for one in room["users"] if one != user.id)
        for room in found
        if room["kind"] == "direct" and user.id in room["users"]
    }
    people = await users.find_many(services.db, other.values()) if other else {}
    return {room: views.person(people[one]) for room, one in other.items() if one in people}


async def room_noun(services: Services, user: User, room_id: str) -> dict[str, Any]:
    room = await rooms.find(services.db, room_id)
    if room is None:
        raise NotFound("There is no such room.")
    known = await courses.find_many(services.db, [room["course"]] if room["course"] else [])
    own = {room_id} if await rooms.find_membership(services.db, room_id, user.id) else set()
    return (await room_nouns(services, user, [room], known, own))[0]


async def list_members(
    services: Services, user: User, room_id: str, *, limit: int = 100
) -> tuple[list[dict[str, Any]], int]:
    """`{user, role}` of a room's members, staff first, and how many there are."""
    place = await access.require_room(services.db, user, room_id)
    if place.room["kind"] in rooms.OF_COURSE and place.course is not None:
        found = await enrollments.page_of_course(services.db, place.course["_id"], limit=limit)
        teachers = await access.teachers_of(services.db, place.course)
        ids = [*teachers, *(one["user"] for one in found)]
        roles = dict.fromkeys(teachers, "staff")
        total = place.course["enrolled"] + len(teachers)
    else:
        members = await rooms.find_members(services.db, room_id, limit)
        ids = [one["user"] for one in members]
        roles = {one["user"]: one["role"] for one in members}
        total = place.room["members"]
    people = await users.find_many(services.db, ids)
    listed = [
        {"user": views.person(people[one]), "role": roles.get(one, "member")}
        for one in dict.fromkeys(ids)
        if one in people
    ]
    return sorted(listed, key=lambda one: one["role"] == "member"), total


async def rooms_with(services: Services, user: User, room_ids: Sequence[str]) -> set[str]:
    """Those of `room_ids` that this person is in too."""
    inside = {one["course"] for one in await enrollments.find_of_user(services.db, user.id)}
    inside |= set(await access.taught_ids(services.db, user))
    joined = {one["room"] for one in await rooms.find_memberships(services.db, user.id)}
    return {room for room in room_ids if room in inside or room in joined}
