"""One connection: handshake, the queue of its commands, its subscriptions, its orderly end.

Tornado reads the next frame only after `on_message` returned, so `on_message` decodes and hands
over; commands are checked and started in order by one task that lives while there are any.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pymongo.errors import PyMongoError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from elearn import access
from elearn.access import User
from elearn.auth import Claims
from elearn.errors import ClientError, InvalidToken, LimitExceeded, RateLimited, Unauthenticated
from elearn.handlers.credentials import bearer_token, client_address, cookie_token
from elearn.models import courses, enrollments
from elearn.models.events import Row
from elearn.models.ids import new_id
from elearn.services import Services
from elearn.throttle import Bucket
from elearn.ws import protocol, topics
from elearn.ws.commands import table
from elearn.ws.connections import Connections
from elearn.ws.outbox import OUTBOX_BYTES, Flusher, Outbox

AUTO_COURSES = 64

log = logging.getLogger("elearn.socket")


@dataclass(frozen=True)
class Limits:
    """Figures of one connection; tests turn them down."""

    ping_s: float = 25.0
    pong_s: float = 8.0
    auth_s: float = 10.0
    expiry_grace_s: float = 25.0
    session_check_s: float = 60.0
    close_grace_s: float = 5.0
    command_s: float = table.TIME_LIMIT_S
    waiting_commands: int = 256
    started_commands: int = 32
    subscriptions: int = 128
    malformed_per_minute: int = 10
    windows_over_limit: int = 3
    outbox_bytes: int = OUTBOX_BYTES


class LiveSocket(WebSocketHandler):
    """See the module. `channel` None carries all seven; else that channel's commands alone."""

    def initialize(
        self,
        services: Services,
        connections: Connections,
        flusher: Flusher,
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
        self.session: str | None = None
        self.claims: Claims | None = None
        self.outbox: Outbox | None = None
        self.subscriptions: dict[str, bool] = {}  # topic: whether the server chose it
        self._waiting: deque[protocol.Command] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._beside: dict[str, asyncio.Task[None]] = {}
        self._runner: asyncio.Task[None] | None = None
        self._signals: deque[tuple[str, Row]] = deque()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._malformed: deque[float] = deque()
        self._windows_over: deque[int] = deque()
        self._closing = False
        self._commands = Bucket(services.config.commands_per_s, services.config.commands_per_s)
        self._chat = Bucket(services.config.chat_per_10s / 10, services.config.chat_burst)

    # The handshake

    async def get(self, *args: Any, **kwargs: Any) -> None:
        wait_s = self.services.handshakes.take(client_address(self.request, self.services.config))
        if wait_s > 0 or self.connections.draining:
            self.set_status(503)
            self.set_header("Retry-After", str(max(1, round(wait_s))))
            self.finish()
            return
        if not self._origin_allowed():
            self.set_status(403)
            self.finish(protocol.encode({"error": "origin_denied"}))
            return
        await super().get(*args, **kwargs)

    def check_origin(self, origin: str) -> bool:
        return True  # judged in `get`, against full origins and also when it is missing

    def _origin_allowed(self) -> bool:
        """A cookie is sent by any page's script: it needs an Origin of ours. A token is not."""
        origin = self.request.headers.get("Origin")
        if origin is None:
            return bearer_token(self.request) is not None or cookie_token(self) is None
        parts = urlsplit(origin)
        return f"{parts.scheme}://{parts.netloc}" == origin and origin in (
            self.services.config.origins
        )

    def get_compression_options(self) -> dict[str, Any] | None:
        return None

    async def open(self, *args: str, **kwargs: str) -> None:
        self.set_nodelay(True)
        stream = self.ws_connection.stream  # type: ignore[union-attr]
        self.outbox = Outbox(stream, self.flusher, self._overflowed, self.limits.outbox_bytes)
        self.connections.add(self)
        self._later("ping", self.limits.ping_s, self._ping)
        log.info("open %s from %s", self.id, client_address(self.request, self.services.config))
        try:
            self.claims = self._claims()
            if self.claims is not None:
                self.user = await self.services.identity.user_of(self.claims)
                self.session = self.claims.session
        except ClientError as error:
            self.close_with(4401, error.code, "after_login")
            return
        except PyMongoError:
            self.close_with(1013, "unavailable", "backoff", 2_000)
            return
        await self._start()

    def _claims(self) -> Claims | None:
        if (token := bearer_token(self.request)) is not None:
            return self.services.tokens.read(token, "access")
        if (cookie := cookie_token(self)) is not None:
            return self.services.tokens.read(cookie, "cookie")
        return None

    async def _start(self) -> None:
        """Subscribe to what is this person's, then say hello: both before any push."""
        if self.user is None:
            self._hello({})
            if self.channel != "search":
                self._later("auth", self.limits.auth_s, self._nobody_came)
            return
        try:
            cursors = await self._subscribe_own(self.user)
        except PyMongoError:
            self.close_with(1013, "unavailable", "backoff", 2_000)
            return
        self._hello(cursors)

    def _hello(self, cursors: dict[str, int]) -> None:
        config = self.services.config
        self.push(
            "server.hello",
            {
                "protocol": protocol.PROTOCOL,
                "epoch": self.services.epoch,
                "user": self.user.brief() if self.user else None,
                "connection": self.id,
                "heartbeat_s": self.limits.ping_s,
                "topics": cursors,
                "limits": {
                    "frame_bytes": protocol.FRAME_BYTES,
                    "chat_characters": 4_000,
                    "replay_events": protocol.REPLAY_EVENTS,
                    "subscriptions": self.limits.subscriptions,
                    "commands_per_s": config.commands_per_s,
                    "chat_per_10s": config.chat_per_10s,
                    "chat_burst": config.chat_burst,
                },
            },
        )

    async def _subscribe_own(self, user: User) -> dict[str, int]:
        """The user's topic and those of their courses; positions by topic."""
        self.connections.signed_in(self, user.id)
        names = await own_topics(self.services, user)
        heads = await self.services.log.watch(names, self)
        if self._closing:
            self._leave_all(names)
            return {}
        for name in names:
            self.subscriptions[name] = True
        self._watch_expiry()
        self._later("session", self.limits.session_check_s, self._check_session)
        return {name: head.visible for name, head in heads.items()}

    async def sign_in(self, token: str) -> dict[str, Any]:
        """The command `auth`: signs an anonymous connection in, or renews its own token."""
        try:
            claims = self.services.tokens.read(token, "access")
            user = await self.services.identity.user_of(claims)
            if self.user is not None and self.user.id != user.id:
                raise InvalidToken("This token is somebody else's.")
        except ClientError as error:
            asyncio.get_running_loop().call_soon(self.close_with, 4401, error.code, "after_login")
            raise
        self._cancel("auth")
        self.claims, self.session = claims, claims.session
        if self.user is not None:
            self.user = user
            self._watch_expiry()
            return {"user": user.brief(), "topics": {}}
        self.user = user
        return {"user": user.brief(), "topics": await self._subscribe_own(user)}

    # Frames in

    def on_message(self, message: str | bytes) -> None:
        if self._closing:
            return
        if isinstance(message, bytes):
            self.close_with(1003, "bad_request", "no")
            return
        try:
            command = protocol.decode_command(message)
            spec = table.find_command(command, self.channel)
            if spec.keyed and command.key is None:
                raise protocol.MalformedCommand("key is missing.", command.ref, "key")
            self._admit(command, spec)
        except protocol.MalformedCommand as error:
            self.reply(protocol.error_body(error.ref, error))
            self._count_malformed()
        except RateLimited as error:
            self.reply(protocol.error_body(command.ref, error))
            self._count_over_limit()
        except ClientError as error:
            self.reply(protocol.error_body(command.ref, error))
            self._count_malformed()

    def _admit(self, command: protocol.Command, spec: table.CommandSpec) -> None:
        now = time.monotonic()
        wait_s = self._commands.take(now)
        if not wait_s and command.cmd == "chat.post":
            wait_s = self._chat.take(now)
        if wait_s:
            raise RateLimited("Slower, please.", retry_after_ms=int(wait_s * 1000) + 1)
        if spec.beside:
            self._start_beside(spec, command)
            return
        if len(self._waiting) >= self.limits.waiting_commands:
            raise RateLimited("Too many commands wait.", retry_after_ms=1_000)
        self._waiting.append(command)
        if self._runner is None:
            self._runner = self._spawn("commands", self._run_waiting())

    async def _run_waiting(self) -> None:
        """Start commands in order. The next starts when this one is done, or when its row is in
        the appender's queue, where its place is kept."""
        try:
            while self._waiting and not self._closing:
                command = self._waiting.popleft()
                spec = table.find_command(command, self.channel)
                queued = asyncio.Event()
                task = self._spawn("command", self._run(spec, command, queued.set))
                self._running.add(task)
                task.add_done_callback(lambda done, queued=queued: self._ran(done, queued))
                await queued.wait()
                while len(self._running) >= self.limits.started_commands:
                    await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._runner = None

    def _ran(self, task: "asyncio.Task[None]", queued: asyncio.Event) -> None:
        self._running.discard(task)
        queued.set()

    def _start_beside(self, spec: table.CommandSpec, command: protocol.Command) -> None:
        """Search runs beside the others; the newest of a name cancels the older."""
        older = self._beside.get(spec.name)
        if older is not None:
            older.cancel()
        task = self._spawn(spec.name, self._run(spec, command, lambda: None))
        self._beside[spec.name] = task
        task.add_done_callback(
            lambda done: (
                self._beside.pop(spec.name) if self._beside.get(spec.name) is done else None
            )
        )

    async def _run(
        self, spec: table.CommandSpec, command: protocol.Command, queued: Callable[[], None]
    ) -> None:
        caller = table.Caller(
            self.services,
            self.user,
            self,
            command.key,
            table.digest_for(command) if spec.keyed else "",
            queued,
        )
        try:
            answer = await table.run_command(
                spec, caller, command.args, limit_s=self.limits.command_s
            )
            body = protocol.reply_body(command.ref, answer.result, duplicate=answer.duplicate)
        except ClientError as error:
            body = protocol.error_body(command.ref, error)
        self.reply(body)

    def _count_malformed(self) -> None:
        now = time.monotonic()
        self._malformed.append(now)
        while self._malformed and now - self._malformed[0] > 60:
            self._malformed.popleft()
        if len(self._malformed) >= self.limits.malformed_per_minute:
            self.close_with(4400, "bad_request", "no")

    def _count_over_limit(self) -> None:
        """The limit passed in three different seconds out of ten ends the connection."""
        second = int(time.monotonic())
        if not self._windows_over or self._windows_over[-1] != second:
            self._windows_over.append(second)
        while self._windows_over[0] < second - 10:
            self._windows_over.popleft()
        if len(self._windows_over) > self.limits.windows_over_limit:
            self.close_with(4429, "rate_limited", "backoff", 10_000)

    # Subscriptions

    async def subscribe(self, topic: str) -> int:
        """Listen to a topic that access was asked for; its position. Pushes follow at once."""
        own = [name for name, auto in self.subscriptions.items() if not auto]
        if topic not in self.subscriptions and len(own) >= self.limits.subscriptions:
            raise LimitExceeded("This connection listens to too many topics.", field="topic")
        heads = await self.services.log.watch([topic], self)
        if self._closing:
            self._leave_all([topic])
            raise Unauthenticated("The connection is closed.")
        self.subscriptions.setdefault(topic, False)
        return heads[topic].visible

    def unsubscribe(self, topic: str) -> None:
        """Automatic topics stay: they carry what changes this person's rights."""
        if self.subscriptions.get(topic) is False:
            del self.subscriptions[topic]
            self.services.hub.unsubscribe(topic, self)

    def signal(self, topic: str, row: object) -> None:
        assert isinstance(row, Row)
        if row.event == "session.ended":
            if row.data["session"] == self.session:
                self.close_with(4410, "session_ended", "after_login")
            return
        self._signals.append((topic, row))
        if len(self._signals) == 1:
            self._spawn("rights", self._follow_rights())

    async def _follow_rights(self) -> None:
        while self._signals and not self._closing:
            topic, row = self._signals[0]
            try:
                if topic.startswith("user:"):
                    await self._own_rights_changed(row)
                else:
                    await self._recheck([topic])
            except PyMongoError:
                # What one may hear is not known now; the client comes back and is asked anew.
                self.close_with(1013, "unavailable", "backoff", 2_000)
            self._signals.popleft()

    async def _own_rights_changed(self, row: Row) -> None:
        if row.event in ("enrollment.left", "room.left"):
            await self._recheck([t for t in self.subscriptions if not t.startswith("user:")])
            return
        if row.event not in ("enrollment.enrolled", "course.created"):
            return
        course = row.data.get("course")
        course_id = course["id"] if isinstance(course, dict) else course
        gained = [topics.course(course_id)]
        if row.event == "course.created":
            gained.append(topics.staff(course_id))
        for topic in gained:
            await self._gain(topic)

    async def _gain(self, topic: str) -> None:
        if self.subscriptions.get(topic) or self.user is None:
            return
        try:
            await access.require_topic(self.services.db, self.user, topic)
        except ClientError:
            return  # gained and lost again before this ran
        heads = await self.services.log.watch([topic], self)
        if self._closing:
            self._leave_all([topic])
            return
        self.subscriptions[topic] = True
        self.push("server.subscribed", {"topic": topic, "cursor": heads[topic].visible})

    async def _recheck(self, names: list[str]) -> None:
        for topic in names:
            try:
                await access.require_topic(self.services.db, self.user, topic)
            except ClientError as error:
                if self.subscriptions.pop(topic, None) is not None:
                    self.services.hub.unsubscribe(topic, self)
                    self.push("server.unsubscribed", {"topic": topic, "error": error.as_dict()})

    def _leave_all(self, names: list[str]) -> None:
        for topic in names:
            self.services.hub.unsubscribe(topic, self)

    # Frames out

    def send(self, frame: bytes) -> None:
        if self.outbox is not None:
            self.outbox.send(frame)

    def push(self, event: str, data: dict[str, Any]) -> None:
        self.send(protocol.push_frame({"push": event, "data": data}))

    def reply(self, body: dict[str, Any]) -> None:
        if not self._closing:
            self.send(protocol.push_frame(body))

    # Time

    def _later(self, name: str, delay_s: float, call: Callable[[], None]) -> None:
        self._cancel(name)
        if not self._closing:
            self._timers[name] = asyncio.get_running_loop().call_later(delay_s, call)

    def _cancel(self, name: str) -> None:
        if (timer := self._timers.pop(name, None)) is not None:
            timer.cancel()

    def _ping(self) -> None:
        try:
            self.ping(b"")
        except WebSocketClosedError:
            return
        self._later("pong", self.limits.pong_s, self._no_pong)

    def on_pong(self, data: bytes) -> None:
        if "pong" in self._timers:
            self._cancel("pong")
            self._later("ping", self.limits.ping_s, self._ping)

    def _no_pong(self) -> None:
        self.close_with(4441, "no_pong", "now")

    def _nobody_came(self) -> None:
        self.close_with(4408, "unauthenticated", "backoff")

    def _watch_expiry(self) -> None:
        """A cookie outlives connections; an access token is renewed in place or ends them."""
        claims = self.claims
        if claims is None or claims.kind != "access":
            return
        left_s = (claims.expires_at - self.services.clock()).total_seconds()
        self._cancel("expired")
        self._later("expiring", max(0.0, left_s - 60), self._expiring)

    def _expiring(self) -> None:
        assert self.claims is not None
        left_s = (self.claims.expires_at - self.services.clock()).total_seconds()
        self.push("session.expiring", {"expires_in_s": max(0, round(left_s))})
        self._later("expired", max(0.0, left_s) + self.limits.expiry_grace_s, self._expired)

    def _expired(self) -> None:
        self.close_with(4401, "token_expired", "after_login")

    def _check_session(self) -> None:
        self._spawn("session", self._session_still_open())

    async def _session_still_open(self) -> None:
        """The net below `session.ended`."""
        try:
            if self.claims is not None:
                self.user = await self.services.identity.user_of(self.claims)
        except ClientError:
            self.close_with(4410, "session_ended", "after_login")
            return
        except PyMongoError:
            pass
        self._later("session", self.limits.session_check_s, self._check_session)

    # The end

    def _overflowed(self) -> None:
        log.info("slow consumer %s", self.id)
        self.close_with(4440, "slow_consumer", "now")

    def close_with(
        self, code: int, error: str, reconnect: str, retry_after_ms: int | None = None
    ) -> None:
        """Say why, then close; a peer that does not read is cut off after a grace."""
        if self._closing or self.ws_connection is None:
            return
        self._leave()
        last: tuple[bytes, ...] = ()
        if code >= 4000 or code in (1012, 1013):
            data: dict[str, Any] = {"code": code, "error": error, "reconnect": reconnect}
            if retry_after_ms is not None:
                data["retry_after_ms"] = retry_after_ms
            last = (protocol.push_frame({"push": "server.closing", "data": data}),)
        if self.outbox is not None:
            self.outbox.close(*last)
        self.close(code, error)
        stream = self.ws_connection.stream if self.ws_connection else None
        if stream is not None:
            asyncio.get_running_loop().call_later(self.limits.close_grace_s, stream.close)

    def _leave(self) -> None:
        """Out of the hub at once: nothing reaches this connection after its end was decided."""
        self._closing = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._leave_all(list(self.subscriptions))
        self.subscriptions.clear()
        for task in self._beside.values():
            task.cancel()
        self.connections.remove(self, self.user.id if self.user else None)

    def on_close(self) -> None:
        if not self._closing:
            self._leave()
        log.info("closed %s %s", self.id, self.close_code)

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return self.services.tasks.spawn(f"socket.{name}", work)


async def own_topics(services: Services, user: User) -> list[str]:
    """`user:`, and `course:` (for staff also `staff:`) of at most 64 courses, newest first."""
    taught = await courses.taught_ids(services.db, user.id, AUTO_COURSES)
    enrolled = await enrollments.find_of_user(services.db, user.id)
    enrolled.sort(key=lambda one: one["at"], reverse=True)
    chosen = list(dict.fromkeys([*taught, *(one["course"] for one in enrolled)]))[:AUTO_COURSES]
    staffed = set(taught)
    names = [topics.user(user.id)]
    for course in chosen:
        names.append(topics.course(course))
        if course in staffed:
            names.append(topics.staff(course))
    return names


def socket_routes(**arguments: Any) -> list[tuple[str, type[LiveSocket], dict[str, Any]]]:
    return [
        (r"/ws", LiveSocket, arguments),
        *(
            (rf"/ws/{channel}", LiveSocket, {**arguments, "channel": channel})
            for channel in table.CHANNELS
        ),
    ]
