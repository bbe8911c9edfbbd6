"""What time does to a connection: its heartbeat, the wait for a sign-in, its token's end, and now
and then a look whether its session is still open."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from math import inf
from typing import Any, Protocol

from pymongo.errors import PyMongoError
from tornado.websocket import WebSocketClosedError

from elearn.auth import Claims
from elearn.errors import ClientError
from elearn.events.base import Event
from elearn.events.server import SessionExpiring
from elearn.ws.limits import Limits
from elearn.ws.timers import Timers

Spawn = Callable[[str, Coroutine[Any, Any, None]], Any]

log = logging.getLogger("elearn.socket")


class Living(Protocol):
    """A connection as time sees it."""

    id: str
    claims: Claims | None

    def ping(self, data: bytes = b"") -> None: ...

    def push(self, event: Event) -> None: ...

    def close_with(self, code: int, error: str) -> None: ...

    async def look_again(self) -> None:
        """Read anew whose session it is; `ClientError` when it has ended."""


class Lifetime:
    """Four deadlines by the loop's clock; which of two the heartbeat and the token wait for, their
    flags say."""

    __slots__ = (
        "_auth_at",
        "_beat_at",
        "_clock",
        "_connection",
        "_expiry_at",
        "_limits",
        "_pinged",
        "_session_at",
        "_spawn",
        "_timers",
        "_wake_at",
        "_warned",
    )

    def __init__(
        self,
        connection: Living,
        timers: Timers,
        limits: Limits,
        clock: Callable[[], datetime],
        spawn: Spawn,
    ) -> None:
        self._connection: Living | None = connection
        self._timers = timers
        self._limits = limits
        self._clock = clock
        self._spawn: Spawn | None = spawn
        self._auth_at = self._beat_at = self._expiry_at = self._session_at = inf
        self._pinged = self._warned = False
        self._wake_at = inf

    def begin(self) -> None:
        self._beat_at = self._in(self._limits.ping_s)

    def end(self) -> None:
        self._auth_at = self._beat_at = self._expiry_at = self._session_at = inf
        self._wake_at = -inf  # nothing is awaited any more
        # The timers hold this for a while yet, and nothing more.
        self._connection = self._spawn = None

    def _in(self, delay_s: float) -> float:
        """A deadline, which the timers know of when it is returned."""
        at_s = asyncio.get_running_loop().time() + delay_s
        if at_s < self._wake_at:
            self._wake_at = at_s
            self._timers.wake(self, at_s)
        return at_s

    def woken(self, now_s: float) -> float:
        connection, spawn = self._connection, self._spawn
        if connection is None or spawn is None or now_s < self._wake_at:
            return inf  # over, or by a time that something earlier took the place of
        self._wake_at = -inf  # what is set from here on is looked at below
        if self._beat_at <= now_s:
            self._beat(connection)
        if self._auth_at <= now_s:
            connection.close_with(4408, "unauthenticated")
        if self._session_at <= now_s:
            self._session_at = inf
            spawn("session", self._session_still_open(connection))
        if self._expiry_at <= now_s:
            self._expire(connection)
        next_s = min(self._auth_at, self._beat_at, self._expiry_at, self._session_at)
        self._wake_at = next_s
        return next_s

    # The heartbeat

    def _beat(self, connection: Living) -> None:
        if self._pinged:
            connection.close_with(4441, "no_pong")
            return
        try:
            connection.ping(b"")
        except WebSocketClosedError:
            self._beat_at = inf
            return
        self._pinged = True
        self._beat_at = self._in(self._limits.pong_s)

    def pong_came(self) -> None:
        if self._pinged and self._beat_at < inf:
            self._pinged = False
            self._beat_at = self._in(self._limits.ping_s)

    # Signing in

    def await_sign_in(self) -> None:
        self._auth_at = self._in(self._limits.auth_s)

    def signed_in(self) -> None:
        self._auth_at = inf
        self.watch_expiry()
        self._session_at = self._in(self._limits.session_check_s)

    def look_now(self) -> None:
        """At the session, without waiting for its time."""
        self._session_at = self._in(0)

    # The token's end

    def watch_expiry(self) -> None:
        """A cookie outlives connections; an access token is renewed in place or ends them."""
        self._warned, self._expiry_at = False, inf
        claims = self._connection.claims if self._connection is not None else None
        if claims is not None and claims.kind == "access":
            delay_s = max(0.0, self._left_s(claims) - self._limits.expiry_notice_s)
            self._expiry_at = self._in(delay_s)

    def _left_s(self, claims: Claims) -> float:
        return max(0.0, (claims.expires_at - self._clock()).total_seconds())

    def _expire(self, connection: Living) -> None:
        """First a word, then the end."""
        if self._warned:
            connection.close_with(4401, "token_expired")
            return
        claims = connection.claims
        assert claims is not None
        left_s = self._left_s(claims)
        self._warned, self._expiry_at = True, self._in(left_s + self._limits.expiry_grace_s)
        connection.push(SessionExpiring(expires_in_s=round(left_s)))

    # The session

    async def _session_still_open(self, connection: Living) -> None:
        """The net below `session.ended`."""
        try:
            await connection.look_again()
        except ClientError:
            connection.close_with(4410, "session_ended")
        except PyMongoError:
            log.warning("the session of %s could not be looked at", connection.id)
        if self._connection is not None:
            self._session_at = self._in(self._limits.session_check_s)
