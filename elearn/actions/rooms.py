"""Rooms: made, renamed, archived. The truth is each room's own topic; the course's topic (open
rooms) and the members' own topics (private ones) get copies by a reaction.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from elearn import access
from elearn.actions import fields
from elearn.actions.act import Act, keyed
from elearn.errors import ClientError, NameTaken, Unavailable
from elearn.log.new_events import NewEvent
from elearn.models import rooms
from elearn.models.events import Row
from elearn.models.ids import new_id
from elearn.services import Services
from elearn.wire import topics

DESCRIPTION_CHARACTERS = 400


@keyed
async def create_room(
    services: Services, act: Act, course_id: str, *, name: str, description: str, kind: str
) -> Row:
    """Stores `room.created` on the room's new topic; its maker is the owner."""
    course = await access.require_staff(services.db, act.user, course_id)
    wanted = fields.name(name)
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
    async with _taking_name(services, act, course_id, wanted):
        row = await services.log.append(act.draft(topic, "room.created", {"document": document}))
    await services.log.reacted(row)
    return row


@asynccontextmanager
async def _taking_name(
    services: Services, act: Act, course_id: str, name: str, but: str | None = None
) -> AsyncIterator[None]:
    """`NameTaken` when a room of the course has the name, or another act is taking it."""
    claim = (course_id, name.casefold(), act.hidden_key)
    if not await rooms.claim_name(services.db, *claim, services.clock()):
        raise NameTaken("The course has a room of this name.", field="name")
    try:
        for room in await rooms.find_of_course(services.db, course_id):
            if room["name"].casefold() == name.casefold() and room["_id"] != but:
                raise NameTaken("The course has a room of this name.", field="name")
        yield
    except ClientError as error:
        if not isinstance(error, Unavailable):  # then the row may still come through
            await rooms.release_name(services.db, *claim)
        raise
    await rooms.release_name(services.db, *claim)


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
    course = (await access.require_room_owner(services.db, act.user, room_id)).room["course"]
    wanted = fields.name(name) if name is not None else None

    async def decide() -> NewEvent:
        place = await access.require_room_owner(services.db, act.user, room_id)
        after = dict(place.room)
        after["name"] = wanted or after["name"]
        if description is not None:
            after["description"] = fields.one_line(
                description, "description", most=DESCRIPTION_CHARACTERS, least=0
            )
        after["kind"] = kind or after["kind"]
        return _change(act, "room.updated", place.room, after)

    taking = _taking_name(services, act, course, wanted, room_id) if wanted else nullcontext()
    async with taking:
        row = await services.log.decide(topics.room(room_id), decide)
    await services.log.reacted(row)
    return row


@keyed
async def archive_room(services: Services, act: Act, room_id: str, archived: bool) -> Row:
    """Stores `room.archived`: the room stays readable; `archived: False` opens it again."""

    async def decide() -> NewEvent:
        place = await access.require_room_owner(services.db, act.user, room_id)
        return _change(act, "room.archived", place.room, {**place.room, "archived": archived})

    row = await services.log.decide(topics.room(room_id), decide)
    await services.log.reacted(row)
    return row


def _change(act: Act, event: str, before: dict[str, Any], after: dict[str, Any]) -> NewEvent:
    data: dict[str, Any] = {"document": after}
    if before["kind"] != after["kind"]:
        data |= {"rights": True, "was": before["kind"]}
    return act.draft(topics.room(after["_id"]), event, data)
