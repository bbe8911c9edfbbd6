"""Who may do what: one function a question. What one may not know to exist is `NotFound`."""

from collections.abc import Mapping
from typing import Any

import msgspec

from elearn.errors import (
    ClientError,
    Forbidden,
    InvalidField,
    NotAMember,
    NotFound,
    RoomClosed,
    Unauthenticated,
)
from elearn.models import courses, enrollments, rooms, updates, users
from elearn.models.events import Database, Row
from elearn.models.ids import is_id
from elearn.nouns.people import User
from elearn.wire import topics


def user_of(document: Mapping[str, Any]) -> User:
    """The account as stored."""
    invisible = document.get("invisible", False)
    return User(document["_id"], document["name"], document["role"], invisible)


def user_told(row: Row, known: User | None) -> User:
    """The person that a `user.updated` tells of. A role is news only where it acts on rights:
    other rows hold what was read some time before they were stored."""
    told = User(**row.data["user"], invisible=row.data.get("invisible", False))
    if known is None or row.data.get("rights"):
        return told
    return msgspec.structs.replace(told, role=known.role)


class Place(msgspec.Struct, frozen=True):
    """What one may see of a topic: rows above `since`."""

    since: int = 0


def require_user(user: User | None) -> User:
    if user is None:
        raise Unauthenticated("Sign in first.")
    return user


def require_teacher(user: User | None) -> User:
    """For making courses; acts inside a course ask `require_staff`."""
    asker = require_user(user)
    if asker.role not in ("teacher", "admin"):
        raise Forbidden("Only teachers can do this.")
    return asker


def require_admin(user: User | None) -> User:
    asker = require_user(user)
    if not asker.is_admin:
        raise Forbidden("Only admins can do this.")
    return asker


def teaches(user: User | None, course: Mapping[str, Any]) -> bool:
    """A teacher who became a student stays on the course's list and has no rights by it."""
    return user is not None and user.role != "student" and user.id in course["teachers"]


def is_staff(user: User | None, course: Mapping[str, Any]) -> bool:
    return user is not None and (user.is_admin or teaches(user, course))


async def taught_ids(db: Database, user: User, limit: int = 64) -> list[str]:
    """The courses that one teaches now, newest first."""
    return [] if user.role == "student" else await courses.taught_ids(db, user.id, limit)


async def teachers_of(db: Database, course: Mapping[str, Any]) -> list[str]:
    """Those who teach it now."""
    known = await users.find_many(db, course["teachers"])
    people = [user_of(known[one]) for one in course["teachers"] if one in known]
    return [user.id for user in people if teaches(user, course)]


async def require_course(db: Database, user: User | None, course_id: str) -> dict[str, Any]:
    """A course that may be seen: published, or one's own, or one is enrolled in it."""
    course = await courses.find(db, course_id) if is_id(course_id) else None
    if course is None:
        raise NotFound("There is no such course.")
    if course["published"] or is_staff(user, course):
        return course
    if user is not None and await enrollments.find(db, course_id, user.id):
        return course
    raise NotFound("There is no such course.")


async def require_staff(db: Database, user: User, course_id: str) -> dict[str, Any]:
    course = await require_course(db, user, course_id)
    if not is_staff(user, course):
        raise Forbidden("Only the course's teachers can do this.")
    return course


async def require_inside(db: Database, user: User, course_id: str) -> dict[str, Any]:
    """A course that one is enrolled in or teaches."""
    course = await require_course(db, user, course_id)
    if not is_staff(user, course) and not await enrollments.find(db, course_id, user.id):
        raise NotAMember("Enrol in the course first.")
    return course


class RoomPlace(msgspec.Struct, frozen=True):
    """A room as seen by one who may read it; `role` is owner, moderator, member or staff."""

    room: dict[str, Any]
    course: dict[str, Any] | None
    since: int
    role: str


async def require_room(db: Database, user: User, room_id: str) -> RoomPlace:
    """A room that one may read: a member, or in the course for its own room and its threads."""
    room = await _room(db, room_id)
    if room["course"] is None:
        return _direct_place(user, room)
    course = await courses.find(db, room["course"])
    if course is None:
        raise NotFound("There is no such room.")
    if is_staff(user, course) and room["kind"] != "private":
        return RoomPlace(room, course, 0, "staff")
    if room["kind"] in rooms.OF_COURSE:
        if await enrollments.find(db, course["_id"], user.id):
            return RoomPlace(room, course, 0, "member")
        await require_course(db, user, course["_id"])
        raise NotAMember("Enrol in the course first.")
    return await _membership_place(db, user, room, course)


async def may_read(db: Database, user_id: str, room_id: str) -> bool:
    """Whether this account may read the room, for what is told without its asking."""
    found = await users.find(db, user_id)
    if found is None:
        return False
    try:
        await require_room(db, user_of(found), room_id)
    except ClientError:
        return False
    return True


async def _room(db: Database, room_id: str) -> dict[str, Any]:
    room = await rooms.find(db, room_id) if is_id(room_id) else None
    if room is None:
        raise NotFound("There is no such room.")
    return room


def _direct_place(user: User, room: dict[str, Any]) -> RoomPlace:
    if user.id not in room["users"]:
        raise NotFound("There is no such room.")
    return RoomPlace(room, None, 0, "member")


async def _membership_place(
    db: Database, user: User, room: dict[str, Any], course: dict[str, Any]
) -> RoomPlace:
    """Membership counts only while one is in the course: leaving it ends all of its rooms."""
    inside = is_staff(user, course) or await enrollments.find(db, course["_id"], user.id)
    membership = await rooms.find_membership(db, room["_id"], user.id)
    if inside and membership:
        return RoomPlace(room, course, membership["since"], membership["role"])
    if room["kind"] == "private" or not inside:
        raise NotFound("There is no such room.")
    raise NotAMember("Join the room first.")


async def require_joinable(db: Database, user: User, room_id: str) -> dict[str, Any]:
    """An open or announce-only room of a course that one is in."""
    room = await _room(db, room_id)
    if room["kind"] not in ("open", "announce"):
        raise NotFound("There is no such room.")
    await require_inside(db, user, room["course"])
    if room["archived"]:
        raise RoomClosed("The room is archived.")
    return room


async def require_writable(db: Database, user: User, room_id: str) -> RoomPlace:
    place = await require_room(db, user, room_id)
    if place.room["archived"]:
        raise RoomClosed("The room is archived: it can be read, not written to.")
    if place.room["kind"] == "announce" and place.role not in ("owner", "moderator", "staff"):
        raise Forbidden("Only owners and moderators write in this room.")
    return place


async def require_room_owner(db: Database, user: User, room_id: str) -> RoomPlace:
    place = await require_room(db, user, room_id)
    if place.role not in ("owner", "staff") or place.room["kind"] in ("course", "thread", "direct"):
        raise Forbidden("Only the room's owner can do this.")
    return place


async def require_update(db: Database, user: User, update_id: str) -> dict[str, Any]:
    update = await updates.find(db, update_id) if is_id(update_id) else None
    if update is None:
        raise NotFound("There is no such update.")
    try:
        await require_inside(db, user, update["course"])
    except NotFound:
        raise NotFound("There is no such update.") from None
    return update


async def require_topic(db: Database, user: User | None, topic: str) -> Place:
    """What a subscriber may see of a topic; the same answer as for a fresh join."""
    named = topics.split(topic)
    if named is None:
        raise InvalidField("There is no such kind of topic.", field="topic")
    kind, ident = named
    if kind == topics.CATALOG:
        return Place()
    asker = require_user(user)
    if kind == "user":
        if ident != asker.id:
            raise Forbidden("This is somebody else's topic.")
        return Place()
    if kind == "room":
        return Place((await require_room(db, asker, ident)).since)
    if kind == "staff":
        await require_staff(db, asker, ident)
        return Place()
    course = await require_inside(db, asker, ident)
    if is_staff(asker, course):
        return Place()
    enrollment = await enrollments.find(db, ident, asker.id)
    return Place(enrollment["since"] if enrollment else 0)
