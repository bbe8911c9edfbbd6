"""Writing a message from a room's page without a script."""

from elearn.actions import chat
from elearn.handlers.base import BaseHandler


class MessageForm(BaseHandler):
    async def post(self, room_id: str, seq: str | None = None) -> None:
        """Back on the page the message is its newest."""
        text = self.form("body")["body"]
        act = self.act("chat.post", [room_id, text])
        await chat.post_message(self.services, act, room_id, text)
        self.redirect(self.request.path.removesuffix(f"/{seq}"), status=303)
