"""The open connections of this process, and those of each user, oldest first."""

import asyncio
from collections.abc import Iterator
from typing import Protocol

WAVE = 200
WAVE_S = 0.1
WAVES = 50


class Closable(Protocol):
    @property
    def bytes_waiting(self) -> int: ...

    def close_with(
        self, code: int, error: str, reconnect: str, retry_after_ms: int | None = None
    ) -> None: ...


class Connections:
    def __init__(self, sockets_per_user: int) -> None:
        self._sockets_per_user = sockets_per_user
        self._all: dict[Closable, None] = {}
        self._by_user: dict[str, dict[Closable, None]] = {}
        self.draining = False
        self.opened = 0

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Closable]:
        return iter(tuple(self._all))

    @property
    def bytes_waiting(self) -> int:
        """What slow readers have not taken yet."""
        return sum(connection.bytes_waiting for connection in self._all)

    def add(self, connection: Closable) -> None:
        self._all[connection] = None
        self.opened += 1

    def signed_in(self, connection: Closable, user: str) -> None:
        """Count it for its user; beyond the limit the oldest gives way."""
        own = self._by_user.setdefault(user, {})
        own[connection] = None
        if self._sockets_per_user and len(own) > self._sockets_per_user:
            oldest = next(iter(own))
            self._forget(oldest, user)
            oldest.close_with(4409, "replaced", "no")

    def remove(self, connection: Closable, user: str | None) -> None:
        self._all.pop(connection, None)
        if user is not None:
            self._forget(connection, user)

    def _forget(self, connection: Closable, user: str) -> None:
        own = self._by_user.get(user)
        if own is not None:
            own.pop(connection, None)
            if not own:
                del self._by_user[user]

    async def drain(self, *, wave: int = WAVE, pause_s: float = WAVE_S) -> None:
        """Tell everyone to come back later: the process is ending. In waves, so that those who
        come back do not arrive all at once; it takes `WAVES` of them at most."""
        self.draining = True
        open_ones = list(self)
        wave = max(wave, -(-len(open_ones) // WAVES))
        for start in range(0, len(open_ones), wave):
            if start:
                await asyncio.sleep(pause_s)
            for connection in open_ones[start : start + wave]:
                connection.close_with(1012, "shutting_down", "backoff")
        for connection in self:  # those that were in the middle of their handshake
            connection.close_with(1012, "shutting_down", "backoff")
