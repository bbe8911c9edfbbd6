"""`GET /api/poll`: what a socket would push, for those who cannot open one.

A poll waits on the hub, so it costs the store nothing while nothing happens.
"""

from typing import Annotated, Any

import msgspec

from elearn.errors import BadRequest, InvalidField, ShuttingDown
from elearn.handlers.base import BaseHandler
from elearn.models.ids import new_id
from elearn.wire import protocol, topics
from elearn.ws.commands.connection import Cursor, Topic
from elearn.ws.connections import Connections
from elearn.ws.limits import Limits
from elearn.ws.poll import Poll
from elearn.ws.poller import Poller

Cursors = Annotated[dict[Topic, Cursor], msgspec.Meta(max_length=256)]


class PollHandler(BaseHandler):
    """`{epoch, events, cursors, topics}`: ask the next time with these cursors. `topics` names
    those of which something is to be said: `{error}`, `{recovered: false}`, `{more: true}`. A topic
    in `cursors` that was not asked for is one that the server added."""

    public = True
    takes = frozenset({"epoch", "cursors", "wait"})
    poller: Poller | None = None

    async def get(self) -> None:
        """Who has no account hears the catalogue alone."""
        cursors = self._cursors()
        if self.refused is not None and cursors.keys() - {topics.CATALOG}:
            raise self.refused  # the page of somebody who was signed in
        if not cursors:
            self.send_json(await self._greeting())
            return
        connections: Connections = self.settings["connections"]
        if connections.draining:
            raise ShuttingDown("The server is being restarted.")
        self.poller = poller = Poller()
        connections.add(poller)
        user = self.user.id if self.user is not None else None
        if user is not None:
            connections.signed_in(poller, user)
        poll = Poll(
            self.services,
            self.limits,
            self.claims,
            self.user,
            poller,
            cursors,
            self.get_query_argument("epoch", ""),
        )
        try:
            answer = await poll.answer(self._wait_s())
        finally:
            connections.remove(poller, user)
            poll.end()
        if not poller.gone:
            self.send_json(answer)

    def on_connection_close(self) -> None:
        super().on_connection_close()
        if self.poller is not None:
            self.poller.abandon()

    @property
    def limits(self) -> Limits:
        limits: Limits = self.settings["limits"]
        return limits

    def _cursors(self) -> dict[str, int]:
        text = self.get_query_argument("cursors", "")
        if not text:
            return {}
        try:
            decoded = protocol.decode_json(text)
        except BadRequest as error:
            raise InvalidField(error.message, field="cursors") from None
        cursors = protocol.convert_args({"cursors": decoded}, _Asked).cursors
        if cursors and not self.get_query_argument("epoch", ""):
            raise InvalidField("A cursor needs its epoch.", field="epoch")
        return cursors

    def _wait_s(self) -> float:
        """Less than the longest, when the client asks for that: `wait` in seconds."""
        try:
            wait_s = float(self.get_query_argument("wait", "") or self.limits.poll_s)
        except ValueError:
            raise InvalidField("wait is a number of seconds.", field="wait") from None
        if not 0 <= wait_s <= 3600:
            raise InvalidField("wait is a number of seconds.", field="wait")
        return min(wait_s, self.limits.poll_s)

    async def _greeting(self) -> dict[str, Any]:
        """As `server.hello`: one's own topics, and how far they are."""
        user = self.user
        names = (await self.services.start_topics.find(user)).names if user is not None else ()
        heads = await self.services.log.heads(names)
        return {
            "protocol": protocol.PROTOCOL,
            "epoch": self.services.epoch,
            "user": user.person if user is not None else None,
            "connection": new_id(),
            "wait_s": self.limits.poll_s,
            "events": [],
            "cursors": {name: heads[name].visible for name in names},
            "topics": {},
        }


class _Asked(msgspec.Struct):
    cursors: Cursors


ROUTES = [(r"/api/poll", PollHandler)]
