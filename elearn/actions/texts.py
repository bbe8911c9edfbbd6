"""Texts as they will look, before they are anybody's but their author's."""

from typing import Literal

from elearn.actions import fields
from elearn.errors import RateLimited
from elearn.nouns.people import User
from elearn.rendering.budget import CHAT_CHARACTERS, TEXT_CHARACTERS
from elearn.rendering.texts import rendered
from elearn.services import Services

Kind = Literal["message", "update"]

MOST = {"message": CHAT_CHARACTERS, "update": TEXT_CHARACTERS}


def preview_text(services: Services, user: User, body: str, kind: Kind) -> str:
    """The HTML of a text that is being written; nothing is stored, and names stay words."""
    text = fields.body(body, most=MOST[kind], least=0)
    services.limits.previews.require(user.id, "Slower, please.", RateLimited)
    return rendered(text, ())
