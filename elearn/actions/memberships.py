"""Who is in a room: joined, invited, left, removed. Decided on the room's topic."""

from datetime import timedelta

from elearn.access.courses import teaches
from elearn.access.rooms import (
    require_joinable,
    require_managed,
    require_room,
    require_unowned,
)
from elearn.actions.act import Act, keyed
from elearn.actions.enrollment import SLOWER
from elearn.errors import Forbidden, NameTaken, NotAMember, NotFound, RateLimited
from elearn.events.base import Row
from elearn.events.rooms import RoomJoined, RoomLeft, RoomModerated
from elearn.log.new_events import NewEvent
from elearn.models import courses, enrollments, events, rooms, users
from elearn.nouns.people import Person, User
from elearn.nouns.rooms import MADE_BY_PEOPLE, MembershipNoun, Room
from elearn.services import Services
from elearn.wire import topics

LAST = "You own this room, and nobody else could take it over. Close it instead."


@keyed
async def join_room(services: Services, act: Act, room_id: str) -> Row:
    """Stores `room.joined` on the room's topic; joining twice is the first join's answer."""
    services.limits.moves.require(act.user.id, SLOWER, RateLimited)

    async def decide() -> NewEvent:
        room = (await require_joinable(services.db, act.user, room_id)).room
        if await rooms.find_membership(services.db, room_id, act.user.id):
            raise AlreadyMember("You are in this room.")
        return await _joined(services, act, room, act.user.person)

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
    seq = membership.seq if membership else newest.visible
    found = await events.find(services.db, [topics.event_id(topics.room(room_id), seq)])
    row = next(iter(found.values()))
    row.duplicate = True
    return row


async def _joined(services: Services, act: Act, room: Room, user: Person) -> NewEvent:
    """Whoever takes somebody out, or goes, may take it back for a moment: all is as it was."""
    place = await rooms.find_place(services.db, room.id, user.id)
    grace = timedelta(seconds=services.config.undo_s)
    undone = place is not None and place.by == act.user.id and services.clock() < place.at + grace
    joined = RoomJoined(
        room=room.id,
        user=user,
        role=place.role if place and undone else "member",
        members=room.members + 1,
        course=room.course,
        undone=undone,
    )
    return act.says(topics.room(room.id), joined)


@keyed
async def invite_member(services: Services, act: Act, room_id: str, user_id: str) -> Row:
    """The owner adds somebody of the course; they are told."""

    async def decide() -> NewEvent:
        room = (await require_managed(services.db, act.user, room_id)).room
        invited = (await users.find_many(services.db, [user_id])).get(user_id)
        if invited is None or not await _in_course(services, room.course or "", invited.user):
            raise NotFound("There is no such person in the course.")
        if await rooms.find_membership(services.db, room_id, user_id):
            raise NameTaken("This person is in the room.", field="user")
        return await _joined(services, act, room, invited.person)

    row = await services.log.decide(topics.room(room_id), decide)
    await services.log.reacted(row)
    return row


async def _in_course(services: Services, course_id: str, user: User) -> bool:
    course = await courses.find(services.db, course_id)
    if course is not None and teaches(user, course.teachers):
        return True
    return await enrollments.find(services.db, course_id, user.id) is not None


@keyed
async def leave_room(services: Services, act: Act, room_id: str, user_id: str | None = None) -> Row:
    """Stores `room.left`: one leaves, or the owner removes `user_id`. An owner stays, unless
    somebody else owns the room or could take it over."""
    leaving = user_id or act.user.id

    async def decide() -> NewEvent:
        goes = leaving == act.user.id
        require = require_room if goes else require_managed
        seen = await require(services.db, act.user, room_id)
        room = seen.room
        membership = await rooms.find_membership(services.db, room_id, leaving)
        if room.kind not in MADE_BY_PEOPLE or membership is None:
            raise NotAMember("There is no such member.")
        if membership.role == "owner" and not (goes and seen.rights.leave):
            raise Forbidden(LAST if goes else "The room would lose its owner.")
        account = (await users.find_many(services.db, [leaving]))[leaving]
        left = RoomLeft(
            room=room_id,
            user=account.person,
            role=membership.role,
            members=max(0, room.members - 1),
            course=room.course,
        )
        return act.says(topics.room(room_id), left)

    row = await services.log.decide(topics.room(room_id), decide)
    await services.log.reacted(row)
    return row


@keyed
async def take_over(services: Services, act: Act, room_id: str) -> Row:
    """Somebody of the course's staff becomes the owner of a room that has none any more: stores
    `room.joined`, or `room.moderated` for one who is in it."""

    async def decide() -> NewEvent:
        room = (await require_unowned(services.db, act.user, room_id)).room
        person, topic = act.user.person, topics.room(room_id)
        if await rooms.find_membership(services.db, room_id, act.user.id):
            owns = MembershipNoun(room_id, person, "owner", active=True)
            return act.says(topic, RoomModerated(membership=owns))
        joined = RoomJoined(
            room=room_id,
            user=person,
            role="owner",
            members=room.members + 1,
            course=room.course,
        )
        return act.says(topic, joined)

    row = await services.log.decide(topics.room(room_id), decide)
    await services.log.reacted(row)
    return row
