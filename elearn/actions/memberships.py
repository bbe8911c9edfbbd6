"""Who is in a room: joined, invited, left, removed. Decided on the room's topic."""

from typing import Any

from elearn import access, views
from elearn.actions.act import Act, keyed
from elearn.errors import Forbidden, NameTaken, NotAMember, NotFound
from elearn.log.new_events import NewEvent
from elearn.models import courses, enrollments, events, rooms, users
from elearn.models.events import Row
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics


@keyed
async def join_room(services: Services, act: Act, room_id: str) -> Row:
    """Stores `room.joined` on the room's topic; joining twice is the first join's answer."""

    async def decide() -> NewEvent:
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


def _joined(act: Act, room: dict[str, Any], user: dict[str, str], role: str = "member") -> NewEvent:
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

    async def decide() -> NewEvent:
        place = await access.require_room_owner(services.db, act.user, room_id)
        invited = (await users.find_many(services.db, [user_id])).get(user_id)
        course = place.room["course"]
        if invited is None or not await _in_course(services, course, access.user_of(invited)):
            raise NotFound("There is no such person in the course.")
        if await rooms.find_membership(services.db, room_id, user_id):
            raise NameTaken("This person is in the room.", field="user")
        return _joined(act, place.room, views.person(invited))

    row = await services.log.decide(topics.room(room_id), decide)
    await services.log.reacted(row)
    return row


async def _in_course(services: Services, course_id: str, user: User) -> bool:
    course = await courses.find(services.db, course_id)
    if course is not None and access.teaches(user, course):
        return True
    return await enrollments.find(services.db, course_id, user.id) is not None


@keyed
async def leave_room(services: Services, act: Act, room_id: str, user_id: str | None = None) -> Row:
    """Stores `room.left`: one leaves, or the owner removes `user_id`. An owner stays."""
    leaving = user_id or act.user.id

    async def decide() -> NewEvent:
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
