"""Rooms: made, renamed, archived. The truth is each room's own topic; the course's topic (open
rooms) and the members' own topics (private ones) get copies by a reaction.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import Literal

import msgspec
from msgspec.structs import replace

from elearn.access.courses import require_staff
from elearn.access.rooms import require_managed
from elearn.actions import fields
from elearn.actions.act import Act, UnchangedError, keyed
from elearn.errors import ClientError, NameTaken, Unavailable
from elearn.events.base import Row
from elearn.events.rooms import RoomArchived, RoomChange, RoomCreated, RoomUpdated
from elearn.log.new_events import NewEvent
from elearn.models import rooms
from elearn.models.ids import new_id
from elearn.nouns.rooms import Room
from elearn.rendering.visible import name_key
from elearn.services import Services
from elearn.wire import topics

DESCRIPTION_CHARACTERS = 400

Kind = Literal["open", "private", "announce"]


class NewRoom(msgspec.Struct, frozen=True, kw_only=True):
    """What its maker says of a room."""

    name: str
    description: str = ""
    kind: Kind = "open"


class RoomChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change; what is absent stays."""

    name: str | None = None
    description: str | None = None
    kind: Kind | None = None


@keyed
async def create_room(services: Services, act: Act, course_id: str, given: NewRoom) -> Row:
    """Stores `room.created` on the room's new topic; its maker is the owner."""
    course = await require_staff(services.db, act.user, course_id)
    wanted = fields.name(given.name)
    room = Room(
        id=new_id(),
        course=course_id,
        course_title=course.title,
        name=wanted,
        description=_description(given.description),
        kind=given.kind,
        owner=act.user.id,
        members=1,
        created_at=services.clock(),
    )
    topic = topics.room(room.id)
    services.log.begin(topic)
    async with _taking_name(services, act, course_id, wanted):
        row = await services.log.append(act.says(topic, RoomCreated(document=room)))
    await services.log.reacted(row)
    return row


@asynccontextmanager
async def _taking_name(
    services: Services, act: Act, course_id: str, name: str, but: str | None = None
) -> AsyncIterator[None]:
    """`NameTaken` when a room of the course has the name, or another act is taking it."""
    wanted = name_key(name)
    claim = (course_id, wanted, act.hidden_key)
    if not await rooms.claim_name(services.db, *claim, services.clock()):
        raise NameTaken("The course has a room of this name.", field="name")
    try:
        for room in await rooms.find_of_course(services.db, course_id):
            if name_key(room.name) == wanted and room.id != but:
                raise NameTaken("The course has a room of this name.", field="name")
        yield
    except ClientError as error:
        if not isinstance(error, Unavailable):  # then the row may still come through
            await rooms.release_name(services.db, *claim)
        raise
    await rooms.release_name(services.db, *claim)


@keyed
async def update_room(services: Services, act: Act, room_id: str, given: RoomChanges) -> Row | None:
    """Stores `room.updated`; nothing, and None, when all is so already. A change of kind makes
    everyone on the room ask for access again."""
    course = (await require_managed(services.db, act.user, room_id)).room.course or ""
    said = {name: getattr(given, name) for name in RoomChanges.__struct_fields__}
    changes = {name: value for name, value in said.items() if value is not None}
    if "name" in changes:
        changes["name"] = fields.name(changes["name"])
    if "description" in changes:
        changes["description"] = _description(changes["description"])

    async def decide() -> NewEvent:
        room = (await require_managed(services.db, act.user, room_id)).room
        return _change(act, RoomUpdated, room, replace(room, **changes))

    wanted = changes.get("name")
    taking = _taking_name(services, act, course, wanted, room_id) if wanted else nullcontext()
    async with taking:
        return await _changed(services, room_id, decide)


@keyed
async def archive_room(services: Services, act: Act, room_id: str, archived: bool) -> Row | None:
    """Stores `room.archived`: the room stays readable; `archived: False` opens it again. None when
    it is so already."""

    async def decide() -> NewEvent:
        room = (await require_managed(services.db, act.user, room_id)).room
        return _change(act, RoomArchived, room, replace(room, archived=archived))

    return await _changed(services, room_id, decide)


async def _changed(
    services: Services, room_id: str, decide: Callable[[], Awaitable[NewEvent]]
) -> Row | None:
    try:
        row = await services.log.decide(topics.room(room_id), decide)
    except UnchangedError:
        return None
    await services.log.reacted(row)
    return row


def _change(act: Act, event: type[RoomChange], before: Room, after: Room) -> NewEvent:
    if before == after:
        raise UnchangedError
    other_kind = before.kind != after.kind
    changed = event(document=after, was=before.kind if other_kind else None, rights=other_kind)
    return act.says(topics.room(after.id), changed)


def _description(text: str) -> str:
    return fields.one_line(text, "description", most=DESCRIPTION_CHARACTERS, least=0)
