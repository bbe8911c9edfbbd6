"""What time does to a connection: its heartbeat, the wait for a sign-in, its token's end, and now
and then a look whether its session is still open."""

import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Protocol

from pymongo.errors import PyMongoError
from tornado.websocket import WebSocketClosedError

from elearn.auth import Claims
from elearn.errors import ClientError
from elearn.ws.limits import Limits
from elearn.ws.timers import Timers

log = logging.getLogger("elearn.socket")


class Living(Protocol):
    """A connection as time sees it."""

    id: str
    claims: Claims | None

    def ping(self, data: bytes = b"") -> None: ...

    def push(self, event: str, data: dict[str, Any]) -> None: ...

    def close_with(self, code: int, error: str, reconnect: str) -> None: ...

    async def look_again(self) -> None:
        """Read anew whose session it is; `ClientError` when it has ended."""


class Lifetime:
    __slots__ = ("_clock", "_connection", "_limits", "_spawn", "_timers")

    def __init__(
        self,
        connection: Living,
        limits: Limits,
        clock: Callable[[], datetime],
        spawn: Callable[[str, Coroutine[Any, Any, None]], Any],
    ) -> None:
        self._connection = connection
        self._limits = limits
        self._clock = clock
        self._spawn = spawn
        self._timers = Timers()

    def begin(self) -> None:
        self._timers.set("ping", self._limits.ping_s, self._ping)

    def end(self) -> None:
        self._timers.end()

    # The heartbeat

    def _ping(self) -> None:
        try:
            self._connection.ping(b"")
        except WebSocketClosedError:
            return
        self._timers.set("pong", self._limits.pong_s, self._no_pong)

    def pong_came(self) -> None:
        if self._timers.cancel("pong"):
            self._timers.set("ping", self._limits.ping_s, self._ping)

    def _no_pong(self) -> None:
        self._connection.close_with(4441, "no_pong", "now")

    # Signing in

    def await_sign_in(self) -> None:
        self._timers.set("auth", self._limits.auth_s, self._nobody_came)

    def _nobody_came(self) -> None:
        self._connection.close_with(4408, "unauthenticated", "backoff")

    def signed_in(self) -> None:
        self._timers.cancel("auth")
        self.watch_expiry()
        self._timers.set("session", self._limits.session_check_s, self._check_session)

    # The token's end

    def watch_expiry(self) -> None:
        """A cookie outlives connections; an access token is renewed in place or ends them."""
        self._timers.cancel("expired")
        claims = self._connection.claims
        if claims is not None and claims.kind == "access":
            delay_s = max(0.0, self._left_s(claims) - self._limits.expiry_notice_s)
            self._timers.set("expiring", delay_s, self._expiring)

    def _left_s(self, claims: Claims) -> float:
        return max(0.0, (claims.expires_at - self._clock()).total_seconds())

    def _expiring(self) -> None:
        claims = self._connection.claims
        assert claims is not None
        left_s = self._left_s(claims)
        self._connection.push("session.expiring", {"expires_in_s": round(left_s)})
        self._timers.set("expired", left_s + self._limits.expiry_grace_s, self._expired)

    def _expired(self) -> None:
        self._connection.close_with(4401, "token_expired", "after_login")

    # The session

    def _check_session(self) -> None:
        self._spawn("session", self._session_still_open())

    async def _session_still_open(self) -> None:
        """The net below `session.ended`."""
        try:
            await self._connection.look_again()
        except ClientError:
            self._connection.close_with(4410, "session_ended", "after_login")
        except PyMongoError:
            log.warning("the session of %s could not be looked at", self._connection.id)
        self._timers.set("session", self._limits.session_check_s, self._check_session)
