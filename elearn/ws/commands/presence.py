"""Who is here and who is typing: nothing of it is stored."""

from typing import Annotated

import msgspec

from elearn.access.topics import require_topic
from elearn.delivery.presence import MANY, is_shown
from elearn.errors import InvalidField
from elearn.models.ids import Id
from elearn.nouns.rooms import members_of
from elearn.wire import topics
from elearn.ws.commands.table import Caller, Result, command


class Typing(msgspec.Struct, frozen=True):
    room: Id
    on: bool


class PresenceList(msgspec.Struct, frozen=True):
    topic: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


@command("presence.list", channel=None)
async def list_people(caller: Caller, args: PresenceList) -> Result:
    """For those who may subscribe to the topic."""
    await require_topic(caller.services.db, caller.asker, args.topic)
    if not is_shown(args.topic):
        raise InvalidField("Presence is of rooms and courses.", field="topic")
    return caller.services.presence.list(args.topic)


@command("chat.typing", channel="chat")
async def typing(caller: Caller, args: Typing) -> Result:
    """Tells the room, if one may write there. The answer is the same where nobody is told: in
    rooms above 100 people, and of invisible people."""
    services, user, topic = caller.services, caller.asker, topics.room(args.room)
    if services.typing.repeats(topic, user.id, args.on):
        return {}
    seen = await services.write_access.require_writable(user, args.room)
    many = members_of(seen.room, seen.course) > MANY
    if not many and not services.presence.hides(user):
        services.typing.say(topic, user, args.on)
    return {}
