"""Rooms: made, renamed, archived, joined, left. The truth is each room's own topic; the course's
topic (open rooms) and the members' own topics (private ones) get copies by a reaction."""

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from elearn import access, views
from elearn.access import User
from elearn.actions import fields
from elearn.actions.act import Act, keyed
from elearn.appender import Draft
from elearn.errors import Forbidden, InvalidField, NameTaken, NotAMember, NotFound
from elearn.models import courses, enrollments, events, rooms, users
from elearn.models.events import Row
from elearn.models.ids import is_id, new_id
from elearn.services import Services
from elearn.ws import topics

DESCRIPTION_CHARACTERS = 400


@keyed
async def create_room(
    services: Services, act: Act, course_id: str, *, name: str, description: str, kind: str
) -> Row:
    """Stores `room.created` on the room's new topic; its maker is the owner."""
    course = await access.require_staff(services.db, act.user, course_id)
    wanted = fields.name(name)
    await _require_free_name(services, course_id, wanted)
    document = {
        "_id": new_id(),
        "course": course_id,
        "course_title": course["title"],
        "name": wanted,
        "description": fields.one_line(
            description, "description", most=DESCRIPTION_CHARACTERS, least=0
        ),
        "kind": kind,
        "archived": False,
        "owner": act.user.id,
        "users": [],
        "members": 1,
        "created_at": services.clock(),
    }
    topic = topics.room(document["_id"])
    services.log.begin(topic)
    row = await services.log.append(act.draft(topic, "room.created", {"document": document}))
    await services.log.reacted(row)
    return row


async def _require_free_name(
    services: Services, course_id: str, name: str, but: str | None = None
) -> None:
    for room in await rooms.find_of_course(services.db, course_id):
        if room["name"].casefold() == name.casefold() and room["_id"] != but:
            raise NameTaken("The course has a room of this name.", field="name")


@keyed
async def update_room(
    services: Services,
    act: Act,
    room_id: str,
    *,
    name: str | None = None,
    description: str | None = None,
    kind: str | None = None,
) -> Row:
    """Stores `room.updated`. A change of kind makes everyone on the room ask for access again."""

    async def decide() -> Draft:
        place = await access.require_room_owner(services.db, act.user, room_id)
        after = dict(place.room)
        if name is not None:
            after["name"] = fields.name(name)
            await _require_free_name(services, after["course"], after["name"], room_id)
        if description is not None:
            after["description"] = fields.one_line(
                description, "description", most=DESCRIPTION_CHARACTERS, least=0
            )
        after["kind"] = kind or after["kind"]
        return _change(act, "room.updated", place.room, after)

    row = await services.log.decide(topics.room(room_id), decide)
    await services.log.reacted(row)
    return row


@keyed
async def archive_room(services: Services, act: Act, room_id: str, archived: bool) -> Row:
    """Stores `room.archived`: the room stays readable; `archived: False` opens it again."""

    async def decide() -> Draft:
        place = await access.require_room_owner(services.db, act.user, room_id)
        return _change(act, "room.archived", place.room, {**place.room, "archived": archived})

    row = await services.log.decide(topics.room(room_id), decide)
    await services.log.reacted(row)
    return row


def _change(act: Act, event: str, before: dict[str, Any], after: dict[str, Any]) -> Draft:
    data: dict[str, Any] = {"document": after}
    if before["kind"] != after["kind"]:
        data |= {"rights": True, "was": before["kind"]}
    return act.draft(topics.room(after["_id"]), event, data)


@keyed
async def join_room(services: Services, act: Act, room_id: str) -> Row:
    """Stores `room.joined` on the room's topic; joining twice is the first join's answer."""

    async def decide() -> Draft:
        room = await access.require_joinable(services.db, act.user, room_id)
        if await rooms.find_membership(services.db, room_id, act.user.id):
            raise AlreadyMember("You are in this room.")
        return _joined(act, room, act.user.brief())

    try:
        row = await services.log.decide(topics.room(room_id), decide)
    except AlreadyMember:
        return await _joined_row(services, act, room_id)
    await services.log.reacted(row)
    return row


class AlreadyMember(Exception):
    """Not a refusal: joining a room that one is in is answered like the first join."""


async def _joined_row(services: Services, act: Act, room_id: str) -> Row:
    newest = await services.log.head(topics.room(room_id))
    membership = await rooms.find_membership(services.db, room_id, act.user.id)
    seq = membership["seq"] if membership else newest.visible
    found = await events.find(services.db, [topics.event_id(topics.room(room_id), seq)])
    row = next(iter(found.values()))
    row.duplicate = True
    return row


def _joined(act: Act, room: dict[str, Any], user: dict[str, str], role: str = "member") -> Draft:
    data = {
        "room": room["_id"],
        "user": user,
        "role": role,
        "members": room["members"] + 1,
        "course": room["course"],
    }
    return act.draft(topics.room(room["_id"]), "room.joined", data)


@keyed
async def invite_member(services: Services, act: Act, room_id: str, user_id: str) -> Row:
    """The owner adds somebody of the course; they are told."""

    async def decide() -> Draft:
        place = await access.require_room_owner(services.db, act.user, room_id)
        invited = (await users.find_many(services.db, [user_id])).get(user_id)
        course = place.room["course"]
        if invited is None or not await _in_course(services, course, user_id):
            raise NotFound("There is no such person in the course.")
        if await rooms.find_membership(services.db, room_id, user_id):
            raise NameTaken("This person is in the room.", field="user")
        return _joined(act, place.room, views.person(invited))

    row = await services.log.decide(topics.room(room_id), decide)
    await services.log.reacted(row)
    return row


async def _in_course(services: Services, course_id: str, user_id: str) -> bool:
    course = await courses.find(services.db, course_id)
    if course is not None and user_id in course["teachers"]:
        return True
    return await enrollments.find(services.db, course_id, user_id) is not None


@keyed
async def leave_room(services: Services, act: Act, room_id: str, user_id: str | None = None) -> Row:
    """Stores `room.left`: one leaves, or the owner removes `user_id`. An owner stays."""
    leaving = user_id or act.user.id

    async def decide() -> Draft:
        if leaving == act.user.id:
            place = await access.require_room(services.db, act.user, room_id)
        else:
            place = await access.require_room_owner(services.db, act.user, room_id)
        membership = await rooms.find_membership(services.db, room_id, leaving)
        if place.room["kind"] not in rooms.KINDS or membership is None:
            raise NotAMember("There is no such member.")
        if membership["role"] == "owner":
            raise Forbidden("The room would lose its owner.")
        person = (await users.find_many(services.db, [leaving]))[leaving]
        data = {
            "room": room_id,
            "user": views.person(person),
            "role": membership["role"],
            "members": max(0, place.room["members"] - 1),
            "course": place.room["course"],
        }
        return act.draft(topics.room(room_id), "room.left", data)

    row = await services.log.decide(topics.room(room_id), decide)
    await services.log.reacted(row)
    return row


def direct_id(*people: str) -> str:
    """One conversation a set of people, so that two who begin at once begin the same one."""
    return hashlib.sha256("/".join(people).encode()).hexdigest()[:24]


async def open_direct(
    services: Services, act: Act, *, user_id: str | None = None, course_id: str | None = None
) -> dict[str, Any]:
    """The conversation with a person, or with a course's teachers; made when it did not exist."""
    if (user_id is None) == (course_id is None):
        raise InvalidField("Name either a user or a course.", field="user")
    if user_id is not None:
        others, ident, title = [user_id], direct_id(*sorted((act.user.id, user_id))), ""
    else:
        course = await access.require_course(services.db, act.user, str(course_id))
        others = [teacher for teacher in course["teachers"] if teacher != act.user.id]
        ident, title = direct_id("course", course["_id"], act.user.id), course["title"]
        if len(others) == 1:
            ident, title = direct_id(*sorted((act.user.id, others[0]))), ""
    if act.user.id in others or not others:
        raise InvalidField("One does not write to oneself.", field="user")
    known = await users.find_many(services.db, others) if all(map(is_id, others)) else {}
    if len(known) != len(others):
        raise NotFound("There is no such person.")
    return await _direct_room(services, act, ident, sorted((act.user.id, *others)), title)


async def _direct_room(
    services: Services, act: Act, ident: str, people: list[str], title: str
) -> dict[str, Any]:
    async def decide() -> Draft:
        document = {
            "_id": ident,
            "course": None,
            "course_title": "",
            "name": title,
            "description": "",
            "kind": "direct",
            "archived": False,
            "owner": None,
            "users": people,
            "members": len(people),
            "created_at": services.clock(),
        }
        if await rooms.find(services.db, ident):
            raise _ExistsError
        return Draft(topics.room(ident), "room.created", {"document": document}, act.user.id, ident)

    existing = await rooms.find(services.db, ident)
    if existing is None:
        with suppress(_ExistsError):
            await services.log.reacted(await services.log.decide(topics.room(ident), decide))
        existing = await rooms.find(services.db, ident)
        assert existing is not None
    return existing


class _ExistsError(Exception):
    """Somebody else made it first."""


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
    taught = await courses.taught_ids(services.db, user.id, 64)
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
        services.marks.find(user.id, names),
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
        ids = [*place.course["teachers"], *(one["user"] for one in found)]
        roles = dict.fromkeys(place.course["teachers"], "staff")
        total = place.course["enrolled"] + len(place.course["teachers"])
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


async def rooms_with(services: Services, user_id: str, room_ids: Sequence[str]) -> set[str]:
    """Those of `room_ids` that this person is in too."""
    inside = {one["course"] for one in await enrollments.find_of_user(services.db, user_id)}
    inside |= set(await courses.taught_ids(services.db, user_id, 64))
    joined = {one["room"] for one in await rooms.find_memberships(services.db, user_id)}
    return {room for room in room_ids if room in inside or room in joined}
