"""Texts that are being written, for every channel."""

import msgspec

from elearn.actions import texts
from elearn.ws.commands.table import Caller, Result, command


class PreviewText(msgspec.Struct, frozen=True):
    body: str
    kind: texts.Kind = "message"


@command("text.preview", channel=None)
async def preview(caller: Caller, args: PreviewText) -> Result:
    return {"html": texts.preview_text(caller.services, caller.asker, args.body, args.kind)}
