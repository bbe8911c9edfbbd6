"""What somebody may do in a room. What one may not know to exist is `NotFound`."""

import asyncio
from collections.abc import Collection

import msgspec

from elearn.access.courses import (
    NO_TEACHERS,
    is_enrolled,
    is_staff,
    teachers_of,
)
from elearn.access.refusals import refused
from elearn.errors import Forbidden, NotFound
from elearn.models import courses, enrollments, rooms, users
from elearn.models.database import Database
from elearn.models.ids import is_id
from elearn.nouns.courses import Course
from elearn.nouns.people import User
from elearn.nouns.rights import Refusal, RoomRights
from elearn.nouns.rooms import JOINABLE, MADE_BY_PEOPLE, Room

GONE = "There is no such room."
WRITE_ANYWHERE = ("owner", "moderator", "staff")

_GONE = Refusal("not_found", GONE)
_ENROLL = Refusal("not_a_member", "Enrol in the course first.")
_JOIN = Refusal("not_a_member", "Join the room first.")
_ARCHIVED = Refusal("room_closed", "The room is archived: it can be read, not written to.")
_CLOSED_ACCOUNT = Refusal(
    "room_closed", "This account is closed: nobody would read what you write."
)
_UNOWNED = Refusal("not_a_member", "Nobody owns this room: take it over to read it.")
_ANNOUNCE = Refusal("forbidden", "Only owners and moderators write in this room.")


def room_rights(
    room: Room,
    role: str | None,
    *,
    inside: bool,
    staff: bool,
    unread: Refusal | None = None,
    owned: bool = True,
    heirs: bool = False,
    known: bool = True,
) -> RoomRights:
    """`role` is one's own in the room, `inside` says that one is in its course or conversation,
    `staff` that one is of the course's staff, `unread` why nobody else would read, `owned` that
    somebody owns it, `heirs` that somebody else does, or could take it over, `known` that its
    course is no secret. Membership counts only while one is inside: leaving a course ends all of
    its rooms."""
    as_staff = staff and room.kind != "private"
    if as_staff and role is None:
        role = "staff"
    made = room.kind in MADE_BY_PEOPLE
    take_over = made and staff and not owned
    if not inside or (role is None and room.kind not in JOINABLE):
        if take_over:
            return RoomRights(door=True, take_over=True, why_not=_UNOWNED)
        return RoomRights(why_not=_ENROLL if room.of_course and known else _GONE)
    if role is None:
        return RoomRights(door=True, join=not room.archived, why_not=_JOIN)
    by_role = unread or _why_not_by_role(room, role, as_staff)
    why_not = _ARCHIVED if room.archived else by_role
    return RoomRights(
        role=role,
        read=True,
        write=why_not is None,
        writes=by_role is None,
        join=made and role == "staff" and not room.archived,
        leave=made and (role in ("member", "moderator") or (role == "owner" and heirs)),
        manage=made and (role == "owner" or as_staff),
        take_over=take_over,
        why_not=why_not,
    )


def _why_not_by_role(room: Room, role: str, staff: bool) -> Refusal | None:
    if room.kind == "announce" and not staff and role not in WRITE_ANYWHERE:
        return _ANNOUNCE
    return None


class SeenRoom(msgspec.Struct, frozen=True):
    """A room as one person sees it; of its topic they see what comes above `since`. `people` are
    those of a conversation as they are now, its beginner first."""

    room: Room
    course: Course | None
    rights: RoomRights
    since: int = 0
    people: tuple[str, ...] = ()


async def find_room(db: Database, user: User, room_id: str) -> SeenRoom:
    """The room with what one may do there, which may be nothing."""
    room = await rooms.find(db, room_id) if is_id(room_id) else None
    if room is None:
        raise NotFound(GONE)
    course_id = room.course or room.staff_of
    if course_id is None:
        return await _in_conversation(db, user, room)
    course = await courses.find(db, course_id)
    if course is None:
        raise NotFound(GONE)
    if room.staff_of is not None:
        return await _on_line(db, user, room, course)
    return await _in_course(db, user, room, course)


async def _in_conversation(db: Database, user: User, room: Room) -> SeenRoom:
    inside = user.id in room.users
    readers = await users.find_open(db, [one for one in room.users if one != user.id])
    unread = None if readers else _CLOSED_ACCOUNT
    role = "member" if inside else None
    rights = room_rights(room, role, inside=inside, staff=False, unread=unread)
    return SeenRoom(room, None, rights, people=tuple(room.users))


async def _on_line(db: Database, user: User, room: Room, course: Course) -> SeenRoom:
    """Its other side is the staff of the course as it is now."""
    teachers = [one for one in await teachers_of(db, course) if one not in room.users]
    own, staff = user.id in room.users, is_staff(user, course)
    if own:
        unread = None if teachers else NO_TEACHERS
    else:
        unread = None if await users.find_open(db, room.users) else _CLOSED_ACCOUNT
    role = "member" if own else "staff" if staff else None
    rights = room_rights(room, role, inside=role is not None, staff=staff, unread=unread)
    return SeenRoom(room, None, rights, people=(*room.users, *teachers))


async def _in_course(db: Database, user: User, room: Room, course: Course) -> SeenRoom:
    staff = is_staff(user, course)
    inside = staff or await is_enrolled(db, user, course.id)
    if room.of_course:
        return SeenRoom(room, course, _of_course(room, course, inside=inside, staff=staff))
    membership = await rooms.find_membership(db, room.id, user.id) if inside else None
    role, since = (membership.role, membership.since) if membership else (None, 0)
    owners = await owners_of(db, room, course) if staff or role == "owner" else {user.id}
    heirs = bool(owners - {user.id}) or (
        role == "owner" and bool(set(await teachers_of(db, course)) - {user.id})
    )
    rights = room_rights(room, role, inside=inside, staff=staff, owned=bool(owners), heirs=heirs)
    return SeenRoom(room, course, rights, since)


def _of_course(room: Room, course: Course, *, inside: bool, staff: bool) -> RoomRights:
    role = "member" if inside and not staff else None
    return room_rights(room, role, inside=inside, staff=staff, known=course.published)


async def owners_of(db: Database, room: Room, course: Course) -> set[str]:
    """Those who own a room and can act: in its course, with an open account. Without any, the
    staff of the course may take it over."""
    ids = await rooms.find_owners(db, room.id)
    accounts = await users.find_open(db, ids)
    enrolled = await enrollments.find_of_users(db, course.id, accounts)
    return {
        ident
        for ident, account in accounts.items()
        if ident in enrolled or is_staff(account.user, course)
    }


async def readable(db: Database, user: User, room_ids: Collection[str]) -> set[str]:
    """Those of the rooms that one may read: a handful of reads, however many they are."""
    found = (await rooms.find_many(db, room_ids)).values()
    of_courses = {one for room in found if (one := room.course or room.staff_of) is not None}
    known, enrolled, own = await asyncio.gather(
        courses.find_many(db, of_courses),
        enrollments.find_in_courses(db, user.id, of_courses),
        rooms.find_memberships_in(db, user.id, [one.id for one in found if not one.of_course]),
    )

    def reads(room: Room) -> bool:
        if room.course is None and room.staff_of is None:
            return user.id in room.users
        course = known.get(room.course or room.staff_of or "")
        if course is None:
            return False
        if room.staff_of is not None:
            return user.id in room.users or is_staff(user, course)
        staff = is_staff(user, course)
        inside = staff or course.id in enrolled
        if room.of_course:
            return _of_course(room, course, inside=inside, staff=staff).read
        role = own[room.id].role if room.id in own else None
        return room_rights(room, role, inside=inside, staff=staff).read

    return {room.id for room in found if reads(room)}


async def require_room(db: Database, user: User, room_id: str) -> SeenRoom:
    """A room that one may read: a member, or in the course for its own room and its threads."""
    seen = await find_room(db, user, room_id)
    if not seen.rights.read:
        raise refused(seen.rights.why_not)
    return seen


async def require_door(db: Database, user: User, room_id: str) -> SeenRoom:
    """A room that one may read, or know of: an open one of a course that one is in, or one of a
    course that one teaches which nobody owns."""
    seen = await find_room(db, user, room_id)
    return seen if seen.rights.door else await require_room(db, user, room_id)


async def require_unowned(db: Database, user: User, room_id: str) -> SeenRoom:
    """A room that nobody owns, of a course on whose staff one is."""
    seen = await require_door(db, user, room_id)
    if not seen.rights.take_over:
        raise Forbidden("Only the course's teachers take over a room, when nobody owns it.")
    return seen


async def may_read(db: Database, user_id: str, room_id: str) -> bool:
    """Whether this account may read the room, for what is told without its asking."""
    found = await users.find(db, user_id)
    return found is not None and room_id in await readable(db, found.user, [room_id])


async def require_joinable(db: Database, user: User, room_id: str) -> SeenRoom:
    """An open or announce-only room of a course that one is in."""
    seen = await find_room(db, user, room_id)
    if seen.room.kind not in JOINABLE or seen.rights.why_not is _GONE:
        raise NotFound(GONE)
    if seen.room.archived:
        raise refused(Refusal("room_closed", "The room is archived."))
    return seen


async def require_writable(db: Database, user: User, room_id: str) -> SeenRoom:
    seen = await require_room(db, user, room_id)
    if not seen.rights.write:
        raise refused(seen.rights.why_not)
    return seen


async def require_reader(db: Database, other: str) -> None:
    """A conversation begins with somebody who can read it."""
    if not await users.find_open(db, [other]):
        raise refused(_CLOSED_ACCOUNT)


async def require_managed(db: Database, user: User, room_id: str) -> SeenRoom:
    seen = await require_room(db, user, room_id)
    if not seen.rights.manage:
        raise Forbidden("Only the room's owner can do this.")
    return seen
