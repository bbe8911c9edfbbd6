"""The updates channel."""

import msgspec

from elearn.actions import catch_up, updates
from elearn.actions.fields import Limit, Seq
from elearn.events.base import holds
from elearn.events.updates import UpdatePublished
from elearn.models.ids import Id
from elearn.nouns.updates import UpdateNoun
from elearn.ws.commands.table import Answer, Caller, Result, answer, command


class Publish(updates.NewUpdate, frozen=True, kw_only=True):
    course: Id


class OneUpdate(msgspec.Struct, frozen=True):
    update: Id


class ListUpdates(msgspec.Struct, frozen=True):
    course: Id
    before: Seq | None = None
    limit: Limit = 20


@command("update.publish", channel="updates", keyed=True)
async def publish(caller: Caller, args: Publish) -> Answer:
    row = await updates.publish_update(caller.services, caller.act(), args.course, args)
    assert holds(row, UpdatePublished)
    return answer(row, update=UpdateNoun.of(row.data.document))


@command("update.mark", channel="updates")
async def mark(caller: Caller, args: OneUpdate) -> Result:
    """It was on screen."""
    await catch_up.mark_update(caller.services, caller.act(), args.update)
    return {}


@command("update.list", channel="updates")
async def list_updates(caller: Caller, args: ListUpdates) -> Result:
    found, more = await updates.list_updates(
        caller.services, caller.asker, args.course, before=args.before, limit=args.limit
    )
    return {"updates": found, "next": more}
