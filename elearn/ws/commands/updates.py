"""The updates channel."""

from typing import Any, Literal

import msgspec

from elearn import views
from elearn.actions import updates
from elearn.actions.fields import Limit, Seq
from elearn.models.ids import Id
from elearn.ws.commands.table import Answer, Caller, answer, command


class Publish(msgspec.Struct, frozen=True):
    course: Id
    kind: Literal["announcement", "material", "change"]
    title: str
    body: str = ""
    link: str | None = None


class ListUpdates(msgspec.Struct, frozen=True):
    course: Id
    before: Seq | None = None
    limit: Limit = 20


@command("update.publish", channel="updates", keyed=True)
async def publish(caller: Caller, args: Publish) -> Answer:
    row = await updates.publish_update(
        caller.services,
        caller.act(),
        args.course,
        kind=args.kind,
        title=args.title,
        body=args.body,
        link=args.link,
    )
    return answer(row, update=views.update(row.data["document"]))


@command("update.list", channel="updates")
async def list_updates(caller: Caller, args: ListUpdates) -> dict[str, Any]:
    found, more = await updates.list_updates(
        caller.services, caller.asker, args.course, before=args.before, limit=args.limit
    )
    return {"updates": found, "next": more}
