"""Who a session belongs to: judged against the session list at every request, from a cache."""

from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any

from elearn.auth import Claims
from elearn.caches.kept import Kept
from elearn.caches.write_behind import WriteBehind
from elearn.errors import InvalidToken
from elearn.events.base import RowOf
from elearn.events.listeners import Listeners
from elearn.events.people import PersonChange, SessionEnded
from elearn.models import sessions, users
from elearn.models.database import Database
from elearn.nouns.people import User
from elearn.parts import Part

FRESH = timedelta(seconds=60)
CACHED = 20_000
FLUSH_S = 1.0
READINGS = 3


class Sessions(Part):
    """The sessions in use. Dropped on `session.ended`, read anew after `FRESH` as a net."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock
        self._known: Kept[str, User] = Kept(CACHED, FRESH, clock, lambda _, user: (user.id,))
        self.behind: WriteBehind[str, datetime] = WriteBehind(
            "sessions that were seen", self._write, FLUSH_S
        )

    def listen(self, listeners: Listeners) -> None:
        listeners.hear(self._ended, SessionEnded)
        listeners.hear(self._updated, PersonChange)

    def _ended(self, row: RowOf[SessionEnded]) -> None:
        self.forget_session(row.data.session)

    def _updated(self, row: RowOf[PersonChange]) -> None:
        self.forget_user(row.data.user.id)

    def loops(self) -> dict[str, Coroutine[Any, Any, None]]:
        return {"sessions": self.behind.run()}

    async def flush(self) -> None:
        await self.behind.flush()

    async def user_of(self, claims: Claims) -> User:
        """The user of a verified token's session; `InvalidToken` when it has ended."""
        known = self._known.get(claims.session)
        if known is not None and known.id == claims.user:
            return known
        for _ in range(READINGS):
            changes = self._known.changes
            user = await self._read(claims, self._clock())
            if self._known.put(claims.session, user, changes):
                break
            # It may have ended while it was read, or the person may be another one now.
        return user

    def still_knows(self, claims: Claims, user: User) -> bool:
        """Whether nothing was decided since this was said of the session; no may be said of any."""
        return self._known.get(claims.session) == user

    async def _read(self, claims: Claims, now: datetime) -> User:
        session = await sessions.find(self._db, claims.session)
        if (
            session is None
            or session.ended_at is not None
            or session.expires_at <= now
            or session.user != claims.user
        ):
            raise InvalidToken("This sign-in is no longer valid.")
        account = await users.find(self._db, session.user)
        if account is None or account.disabled:
            raise InvalidToken("This sign-in is no longer valid.")
        self.behind.put(claims.session, now)
        return account.user

    async def _write(self, seen: Mapping[str, datetime]) -> None:
        await sessions.touch(self._db, list(seen), self._clock())

    def forget(self) -> None:
        self._known.clear()

    def forget_session(self, session: str) -> None:
        self._known.drop(session)

    def forget_user(self, user: str) -> None:
        self._known.drop_tagged(user)
