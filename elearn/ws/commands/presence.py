"""Who is here and who is typing: nothing of it is stored."""

from typing import Annotated, Any

import msgspec

from elearn import access, views
from elearn.delivery.presence import MANY, is_shown
from elearn.errors import InvalidField
from elearn.models.ids import Id
from elearn.wire import topics
from elearn.ws.commands.table import Caller, command


class Typing(msgspec.Struct, frozen=True):
    room: Id
    on: bool


class PresenceList(msgspec.Struct, frozen=True):
    topic: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


@command("presence.list", channel=None)
async def list_people(caller: Caller, args: PresenceList) -> dict[str, Any]:
    """For those who may subscribe to the topic."""
    await access.require_topic(caller.services.db, caller.asker, args.topic)
    if not is_shown(args.topic):
        raise InvalidField("Presence is of rooms and courses.", field="topic")
    return caller.services.presence.list(args.topic)


@command("chat.typing", channel="chat")
async def typing(caller: Caller, args: Typing) -> dict[str, Any]:
    """Tells the room, if one may write there. The answer is the same where nobody is told: in
    rooms above 100 people, and of invisible people."""
    services, user, topic = caller.services, caller.asker, topics.room(args.room)
    if services.typing.repeats(topic, user.id, args.on):
        return {}
    place = await services.write_access.require_writable(user, args.room)
    many = views.room(place.room, place.course)["members"] > MANY
    if not many and not services.presence.hides(user):
        services.typing.say(topic, user, args.on)
    return {}
