"""One connection: whose it is, its frames, its orderly end.

Tornado reads the next frame only after `on_message` returned, so `on_message` decodes and hands
over to the pipeline; a slow command cannot keep pongs from being read.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from msgspec import UNSET
from pymongo.errors import PyMongoError
from tornado.websocket import WebSocketHandler

from elearn.auth import Claims
from elearn.delivery.outbox import Flusher, Outbox
from elearn.errors import ClientError, InvalidToken, RateLimited, Unauthenticated
from elearn.events.base import Event, RowOf, holds
from elearn.events.people import SessionEnded, UserUpdated
from elearn.events.pushes import told_of
from elearn.events.server import ServerClosing
from elearn.models.ids import new_id
from elearn.nouns.people import User
from elearn.services import Services
from elearn.throttle import network_of
from elearn.wire import protocol
from elearn.wire.closes import RECONNECT
from elearn.wire.credentials import client_address
from elearn.ws import handshake
from elearn.ws.commands import table
from elearn.ws.connections import Connections
from elearn.ws.lifetime import Lifetime
from elearn.ws.limits import Limits
from elearn.ws.pipeline import Pipeline
from elearn.ws.search_turns import SearchTurns
from elearn.ws.subscriptions import Subscriptions
from elearn.ws.timers import Timers

UNAVAILABLE_MS = 2_000

log = logging.getLogger("elearn.socket")


class LiveSocket(WebSocketHandler):
    """See the module. `channel` None carries all seven; else that channel's commands alone."""

    # Beyond thirty names in its dictionary every instance has a table of names of its own.
    __slots__ = (
        "_closing",
        "_lifetime",
        "_pipeline",
        "_subscriptions",
        "channel",
        "claims",
        "connections",
        "flusher",
        "id",
        "limits",
        "outbox",
        "services",
        "user",
    )

    def initialize(
        self,
        services: Services,
        connections: Connections,
        flusher: Flusher,
        timers: Timers,
        turns: SearchTurns,
        limits: Limits,
        channel: str | None = None,
    ) -> None:
        self.services = services
        self.connections = connections
        self.flusher = flusher
        self.limits = limits
        self.channel = channel
        self.id = new_id()
        self.user: User | None = None
        self.claims: Claims | None = None
        self.outbox: Outbox | None = None
        self._closing = False
        spawn = self._spawn  # a bound method is an object each time
        self._lifetime = Lifetime(self, timers, limits, services.clock, spawn)
        self._pipeline = Pipeline(self._run, spawn, services.config, limits, turns)
        self._subscriptions = Subscriptions(
            services, self, self.push, spawn, self._lost, limits.subscriptions
        )

    # The handshake

    def get(self, *args: Any, **kwargs: Any) -> Coroutine[Any, Any, None]:
        # Not a coroutine itself: its frame would stay as long as the connection.
        refused = handshake.refuses(self, self.services, self.connections, self.limits)
        return self._refused() if refused else super().get(*args, **kwargs)

    async def _refused(self) -> None:
        """The answer was given."""

    def check_origin(self, origin: str) -> bool:
        return True  # judged in `get`, against full origins and also when it is missing

    def get_compression_options(self) -> dict[str, Any] | None:
        return None

    async def open(self, *args: str, **kwargs: str) -> None:
        assert self.ws_connection is not None
        self.set_nodelay(True)
        stream = self.ws_connection.stream
        self.outbox = Outbox(stream, self.flusher, self._overflowed, self.limits.outbox_bytes)
        address = client_address(self.request, self.services.config)
        stranger = handshake.is_stranger(self, self.services.config)
        self.connections.add(self, network_of(address) if stranger else None)
        self._lifetime.begin()
        log.info("opened %s from %s", self.id, address)
        try:
            await self._recognise()
            topics = await self._begin(self.user) if self.user is not None else {}
        except ClientError as error:
            self.close_with(4401, error.code)
            return
        except PyMongoError:
            self._lost()
            return
        # Nothing was awaited since the topics were listened to: hello comes before any push.
        self.push(handshake.greeting(self.services, self.limits, self.id, self.user, topics))
        handshake.forget(self)
        if self.user is None and self.channel != "search":
            self._lifetime.await_sign_in()

    async def _recognise(self) -> None:
        found = await handshake.recognise(self, self.services, public=self.channel == "search")
        if found is not None:
            self.claims, self.user = found

    async def _begin(self, user: User) -> dict[str, int]:
        """What a connection does once it knows whose it is; positions by topic."""
        if self._closing:
            raise Unauthenticated("The connection is closed.")
        self.connections.signed_in(self, user.id)
        self._lifetime.signed_in()
        positions = await self._subscriptions.begin(user)
        if self.claims is not None and not self.services.sessions.still_knows(self.claims, user):
            # What was decided of them meanwhile may have passed by before this listened.
            self._lifetime.look_now()
        return positions

    async def sign_in(self, token: str) -> dict[str, Any]:
        """The command `auth`: signs an anonymous connection in, or renews its own token."""
        try:
            claims = self.services.tokens.read(token, "access")
            user = await self.services.sessions.user_of(claims)
            if self.user is not None and self.user.id != user.id:
                raise InvalidToken("This token is somebody else's.")
        except ClientError as error:
            asyncio.get_running_loop().call_soon(self.close_with, 4401, error.code)
            raise
        known, self.user, self.claims = self.user, user, claims
        if known is not None:
            self._lifetime.watch_expiry()
            return {"user": user.person, "topics": {}}
        try:
            return {"user": user.person, "topics": await self._begin(user)}
        except BaseException:
            # Half signed in it would not hear of what ends its rights.
            self.close_with(1013, "unavailable", UNAVAILABLE_MS)
            raise

    # Frames in

    def on_message(self, message: str | bytes) -> None:
        if self._closing:
            return
        if isinstance(message, bytes):
            self.close_with(1003, "bad_request")
            return
        ref: protocol.Ref = None
        try:
            command = protocol.decode_command(message)
            ref = command.ref
            spec = table.find_command(command, self.channel)
            table.require_key(spec, command.key)
            self._pipeline.admit(spec, command)
        except RateLimited as error:
            self.reply(protocol.error_body(ref, error))
            self._slow_down()
        except ClientError as error:
            known = error.ref if isinstance(error, protocol.MalformedCommand) else ref
            self.reply(protocol.error_body(known, error))
            if self._pipeline.malformed():
                self.close_with(4400, "bad_request")

    async def _run(
        self, spec: table.CommandSpec, command: protocol.Command, queued: Callable[[], None]
    ) -> None:
        digest = table.digest_for(command) if spec.keyed else ""
        caller = table.Caller(self.services, self.user, self, command.key, digest, queued)
        try:
            answer = await table.run_command(
                spec, caller, command.args, limit_s=self.limits.command_s
            )
            body = protocol.reply_body(command.ref, answer.result, duplicate=answer.duplicate)
        except ClientError as error:
            body = protocol.error_body(command.ref, error)
        self.reply(body)
        if "error" in body and body["error"]["code"] == RateLimited.code:
            self._slow_down()

    def _slow_down(self) -> None:
        if self._pipeline.over_limit():
            self.close_with(4429, "rate_limited", 10_000)

    def listens(self, topic: str) -> bool:
        return self._subscriptions.has(topic)

    async def subscribe(self, topic: str) -> int:
        return await self._subscriptions.add(topic)

    def unsubscribe(self, topic: str) -> None:
        self._subscriptions.drop(topic)

    def signal(self, topic: str, row: object) -> None:
        assert isinstance(row, RowOf)
        if holds(row, UserUpdated):
            # What is said from here on bears the new name.
            self.user = self._subscriptions.user = row.data.person(self.user)
            if row.data.disabled is True:
                self._session_ended()
            elif row.data.rights is True:
                self._subscriptions.changed(topic, row)
        elif not holds(row, SessionEnded):
            self._subscriptions.changed(topic, row)
        elif self.claims is not None and row.data.session == self.claims.session:
            self._session_ended()

    def _session_ended(self) -> None:
        self.close_with(4410, "session_ended")

    # Frames out

    def send(self, frame: bytes) -> None:
        if self.outbox is not None:
            self.outbox.send(frame)

    @property
    def bytes_waiting(self) -> int:
        return self.outbox.waiting if self.outbox is not None else 0

    def push(self, event: Event) -> None:
        self.send(protocol.push_frame(told_of(event)))

    def reply(self, body: dict[str, Any]) -> None:
        if not self._closing:
            self.send(protocol.push_frame(body))

    def on_pong(self, data: bytes) -> None:
        self._lifetime.pong_came()

    async def look_again(self) -> None:
        if self.claims is not None:
            user = await self.services.sessions.user_of(self.claims)
            changed, self.user = user != self.user, user
            self._subscriptions.user = user
            self.services.presence.refresh(user)
            if changed:
                await self._subscriptions.look_again()

    # The end

    def _lost(self) -> None:
        self.close_with(1013, "unavailable", UNAVAILABLE_MS)

    def _overflowed(self) -> None:
        log.info("slow consumer %s", self.id)
        self.close_with(4440, "slow_consumer")

    def close_with(self, code: int, error: str, retry_after_ms: int | None = None) -> None:
        """Say why, then close; a peer that does not read is cut off after a grace."""
        if self._closing or self.ws_connection is None:
            return
        self._leave()
        closing = ServerClosing(
            code=code,
            error=error,
            reconnect=RECONNECT[code],
            retry_after_ms=UNSET if retry_after_ms is None else retry_after_ms,
        )
        if self.outbox is not None:
            self.outbox.close(protocol.push_frame(told_of(closing)))
        stream = self.ws_connection.stream
        self.close(code, error)
        if stream is not None:
            asyncio.get_running_loop().call_later(self.limits.close_grace_s, stream.close)

    def on_close(self) -> None:
        if not self._closing:
            self._leave()
        self.outbox = None
        log.info("closed %s with %s", self.id, self.close_code)

    def _leave(self) -> None:
        """Out of the hub at once: nothing reaches this connection after its end was decided."""
        self._closing = True
        self._lifetime.end()
        self._subscriptions.end()
        self._pipeline.end()
        self.connections.remove(self, self.user.id if self.user else None)

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return self.services.tasks.spawn(f"socket.{name}", work)
