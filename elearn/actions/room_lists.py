"""Rooms for a viewer: lists with what is unread and what was said last, and who is inside."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from elearn.access.courses import is_staff, require_inside, taught_ids, teachers_of
from elearn.access.rooms import SeenRoom, owners_of, require_door
from elearn.actions.places import Place, read_place, text_of
from elearn.errors import NotFound
from elearn.events.chat import ChatPosted, brief_of
from elearn.models import courses, enrollments, events, rooms, users
from elearn.nouns.courses import Course
from elearn.nouns.people import Person, User
from elearn.nouns.rooms import (
    MADE_BY_PEOPLE,
    MemberNoun,
    Room,
    SeenRoomNoun,
    line_name,
    room_fields,
)
from elearn.services import Services
from elearn.wire import topics
from elearn.wire.budgets import fitted


async def list_rooms(
    services: Services,
    user: User,
    course_id: str | None = None,
    *,
    kind: str | None = None,
    before: str | None = None,
    limit: int,
) -> tuple[list[SeenRoomNoun], str | None]:
    """Rooms of a course that one may know of, or those that one is in, with news first; and what
    to ask for as `before` next. A room that gets news meanwhile moves to the front, and its event
    tells of it."""
    found = await all_rooms(services, user, course_id)
    below = read_place(before, int, int, str) if before is not None else None
    wanted = [
        room
        for room in found
        if kind in (None, room.kind) and (below is None or _place(room) > below)
    ]
    shown, more = fitted(wanted, limit)
    return shown, text_of(_place(shown[-1])) if more else None


async def all_rooms(
    services: Services, user: User, course_id: str | None = None
) -> list[SeenRoomNoun]:
    """With news first: unread, then by the newest message."""
    if course_id is not None:
        course = await require_inside(services.db, user, course_id)
        own = {one.room for one in await rooms.find_memberships(services.db, user.id)}
        of_course = await rooms.find_of_course(services.db, course_id)
        free = await _unowned(services, user, course, of_course)
        found = [room for room in of_course if room.kind != "private" or room.id in own | free]
        nouns = await room_nouns(services, user, found, {course_id: course}, own)
        return [replace(one, take_over=True) if one.id in free else one for one in nouns]
    found, known, own = await rooms_of(services, user)
    return await room_nouns(services, user, found, known, own)


async def _unowned(
    services: Services, user: User, course: Course, found: Sequence[Room]
) -> set[str]:
    """Those that one may take over."""
    made = [room for room in found if is_staff(user, course) and room.kind in MADE_BY_PEOPLE]
    owners = await asyncio.gather(*(owners_of(services.db, room, course) for room in made))
    return {room.id for room, some in zip(made, owners, strict=True) if not some}


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
            last_message=brief_of(newest[0]) if newest and joined else None,
            partner=partner,
            people=others,
        )
        nouns.append(noun)
    return sorted(nouns, key=_place)


def _place(room: SeenRoomNoun) -> Place:
    """Where it stands in a list with news first."""
    at = room.last_message.created_at if room.last_message else room.created_at
    return int(not room.unread), -int(at.timestamp() * 1000), room.id


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
    services: Services, user: User, room_id: str, *, before: int | None = None, limit: int = 100
) -> tuple[list[MemberNoun], int, int | None]:
    """A room's members, how many there are, and what to ask for as `before` next: staff and owner,
    then the newest. Closed accounts are left out."""
    seen = await require_door(services.db, user, room_id)
    found, first, total = await _members(services, seen, before, limit + 1)
    page = found[:limit]
    more = page[-1].seq if len(found) > limit else None
    listed = {} if before is not None else dict(first)
    listed |= {one.user: one.role for one in page if one.user not in first}
    people = await users.find_open(services.db, listed)
    nouns = [MemberNoun(people[one].person, listed[one]) for one in listed if one in people]
    return nouns, total - (len(listed) - len(nouns)), more


class _Member(NamedTuple):
    """`seq` is their place in the list."""

    seq: int
    user: str
    role: str = "member"


async def _members(
    services: Services, seen: SeenRoom, before: int | None, limit: int
) -> tuple[list[_Member], dict[str, str], int]:
    """Members, newest first; who stands before them, by id with their role; the number of all."""
    room, course = seen.room, seen.course
    if room.of_course and course is not None:
        found = await enrollments.page_of_course(services.db, course.id, limit=limit, before=before)
        teachers = await teachers_of(services.db, course)
        total = course.enrolled + len(teachers)
        members = [_Member(one.seq, one.user) for one in found]
        return members, dict.fromkeys(teachers, "staff"), total
    if room.course is None:
        people = {one: "staff" for one in seen.people if one not in room.users}
        people |= dict.fromkeys(room.users, "member")
        return [], people, len(people)
    page = await rooms.page_of_members(services.db, room.id, limit=limit, before=before)
    owner = await rooms.find_membership(services.db, room.id, room.owner or "")
    first = {owner.user: owner.role} if owner else {}
    return [_Member(one.seq, one.user, one.role) for one in page], first, room.members


async def rooms_with(services: Services, user: User, room_ids: Sequence[str]) -> set[str]:
    """Those of `room_ids` that this person is in too."""
    inside = {one.course for one in await enrollments.find_of_user(services.db, user.id)}
    inside |= set(await taught_ids(services.db, user))
    joined = {one.room for one in await rooms.find_memberships(services.db, user.id)}
    return {room for room in room_ids if room in inside or room in joined}
