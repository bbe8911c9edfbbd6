"""Rooms for a viewer: lists with what is unread and what was said last, and who is inside."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from elearn.access.courses import require_inside, taught_ids, teachers_of
from elearn.access.rooms import require_door
from elearn.errors import NotFound
from elearn.events.chat import ChatPosted, message_of
from elearn.models import courses, enrollments, events, rooms, users
from elearn.nouns.courses import Course
from elearn.nouns.people import Person, User
from elearn.nouns.rooms import MemberNoun, Room, SeenRoomNoun, line_name, room_fields
from elearn.services import Services
from elearn.wire import topics


async def list_rooms(
    services: Services, user: User, course_id: str | None = None
) -> list[SeenRoomNoun]:
    """The rooms of a course that one may know of, or all rooms that one is in."""
    if course_id is not None:
        course = await require_inside(services.db, user, course_id)
        own = {one.room for one in await rooms.find_memberships(services.db, user.id)}
        found = [
            room
            for room in await rooms.find_of_course(services.db, course_id)
            if room.kind != "private" or room.id in own
        ]
        return await room_nouns(services, user, found, {course_id: course}, own)
    found, known, own = await rooms_of(services, user)
    return await room_nouns(services, user, found, known, own)


async def rooms_of(
    services: Services, user: User
) -> tuple[list[Room], dict[str, Course], set[str]]:
    """The rooms one is in, their courses, and the ids of those joined by oneself."""
    enrolled = [one.course for one in await enrollments.find_of_user(services.db, user.id)]
    taught = await taught_ids(services.db, user)
    inside = list(dict.fromkeys([*taught, *enrolled]))
    own = {one.room for one in await rooms.find_memberships(services.db, user.id)}
    lines = await rooms.find_lines(services.db, taught)
    found = await rooms.find_many(services.db, dict.fromkeys([*inside, *own, *lines]))
    known = await courses.find_many(
        services.db, {one for room in found.values() if (one := room.course or room.staff_of)}
    )
    seen = [room for room in found.values() if _is_in(user, room, inside, taught)]
    return seen, known, own


def _is_in(user: User, room: Room, inside: Collection[str], taught: Collection[str]) -> bool:
    if room.staff_of is not None:
        return user.id in room.users or room.staff_of in taught
    return room.course is None or room.course in inside


async def room_nouns(
    services: Services,
    user: User,
    found: Sequence[Room],
    known: Mapping[str, Course],
    own: set[str],
) -> list[SeenRoomNoun]:
    """Rooms for a viewer, those with news first: unread, newest message, whether joined."""
    names = [topics.room(room.id) for room in found]
    heads, marks, last, people = await asyncio.gather(
        services.log.heads(names),
        services.read_marks.find(user.id, names),
        asyncio.gather(*(events.page(services.db, t, ChatPosted, limit=1) for t in names)),
        _people(services, user, found, known),
    )
    nouns = []
    for room, topic, newest in zip(found, names, last, strict=True):
        joined = room.kind in ("course", "thread", "direct") or room.id in own
        seq, n = marks[topic]
        fields = room_fields(room, known.get(room.course or ""))
        others = people.get(room.id, [])
        begun = user.id in room.users
        partner = others[0] if others and not (room.staff_of and begun) else None
        if partner and not room.name:
            fields["name"] = partner.name
        if room.staff_of:
            title = known[room.staff_of].title if room.staff_of in known else room.course_title
            name = partner.name if partner else room.name
            fields["name"] = line_name(title, None if begun else name)
        noun = SeenRoomNoun(
            **fields,
            joined=joined,
            unread=max(0, heads[topic].visible_n - n) if joined else 0,
            read_seq=seq,
            last_message=message_of(newest[0], newest[0].data) if newest and joined else None,
            partner=partner,
            people=others,
        )
        nouns.append(noun)
    return sorted(nouns, key=_news_first)


def _news_first(room: SeenRoomNoun) -> tuple[bool, float]:
    at = room.last_message.created_at if room.last_message else room.created_at
    return (not room.unread, -at.timestamp())


async def _people(
    services: Services, user: User, found: Sequence[Room], known: Mapping[str, Course]
) -> dict[str, list[Person]]:
    """Those on the other side of each conversation."""
    others: dict[str, list[str]] = {}
    for room in found:
        if room.kind == "direct":
            ids = room.users
            if room.staff_of and user.id in room.users:
                ids = await _teachers(services, room, known)
            others[room.id] = [one for one in ids if one != user.id]
    accounts = await users.find_many(services.db, {one for ids in others.values() for one in ids})
    return {
        room: [accounts[one].person for one in ids if one in accounts]
        for room, ids in others.items()
    }


async def _teachers(services: Services, room: Room, known: Mapping[str, Course]) -> list[str]:
    course = known.get(room.staff_of or "")
    return [] if course is None else await teachers_of(services.db, course)


async def room_noun(services: Services, user: User, room_id: str) -> SeenRoomNoun:
    room = await rooms.find(services.db, room_id)
    if room is None:
        raise NotFound("There is no such room.")
    course = room.course or room.staff_of
    known = await courses.find_many(services.db, [course] if course else [])
    own = {room_id} if await rooms.find_membership(services.db, room_id, user.id) else set()
    return (await room_nouns(services, user, [room], known, own))[0]


async def list_members(
    services: Services, user: User, room_id: str, *, limit: int = 100
) -> tuple[list[MemberNoun], int]:
    """A room's members, staff first, and how many there are; closed accounts are left out."""
    seen = await require_door(services.db, user, room_id)
    if seen.room.of_course and seen.course is not None:
        found = await enrollments.page_of_course(services.db, seen.course.id, limit=limit)
        teachers = await teachers_of(services.db, seen.course)
        ids = [*teachers, *(one.user for one in found)]
        roles = dict.fromkeys(teachers, "staff")
        total = seen.course.enrolled + len(teachers)
    elif seen.people:
        ids = list(seen.people)
        roles = {one: "staff" for one in ids if seen.room.staff_of and one not in seen.room.users}
        total = len(ids)
    else:
        members = await rooms.find_members(services.db, room_id, limit)
        ids = [one.user for one in members]
        roles = {one.user: one.role for one in members}
        total = seen.room.members
    people = await users.find_open(services.db, ids)
    listed = [
        MemberNoun(people[one].person, roles.get(one, "member"))
        for one in dict.fromkeys(ids)
        if one in people
    ]
    hidden = len(set(ids)) - len(listed)
    return sorted(listed, key=lambda one: one.role == "member"), total - hidden


async def rooms_with(services: Services, user: User, room_ids: Sequence[str]) -> set[str]:
    """Those of `room_ids` that this person is in too."""
    inside = {one.course for one in await enrollments.find_of_user(services.db, user.id)}
    inside |= set(await taught_ids(services.db, user))
    joined = {one.room for one in await rooms.find_memberships(services.db, user.id)}
    return {room for room in room_ids if room in inside or room in joined}
