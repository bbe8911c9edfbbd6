"""The open connections of this process, and those of each user, oldest first."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Protocol

WAVE = 200
WAVE_S = 0.1
WAVES = 50


class Closable(Protocol):
    @property
    def bytes_waiting(self) -> int: ...

    def close_with(self, code: int, error: str, retry_after_ms: int | None = None) -> None: ...


class Connections:
    def __init__(self, sockets_per_user: int) -> None:
        self._sockets_per_user = sockets_per_user
        self._all: dict[Closable, None] = {}
        self._by_user: dict[str, dict[Closable, None]] = {}
        self._strangers: dict[Closable, str] = {}
        self._strangers_at: Counter[str] = Counter()
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

    def add(self, connection: Closable, stranger_at: str | None = None) -> None:
        """`stranger_at` is the address of one that brought no sign-in."""
        self._all[connection] = None
        if stranger_at is not None:
            self._strangers[connection] = stranger_at
            self._strangers_at[stranger_at] += 1
        self.opened += 1

    def strangers_at(self, address: str) -> int:
        return self._strangers_at[address]

    def _known_now(self, connection: Closable) -> None:
        address = self._strangers.pop(connection, None)
        if address is not None:
            self._strangers_at[address] -= 1
            if not self._strangers_at[address]:
                del self._strangers_at[address]

    def signed_in(self, connection: Closable, user: str) -> None:
        """Count it for its user; beyond the limit the oldest gives way."""
        self._known_now(connection)
        own = self._by_user.setdefault(user, {})
        own[connection] = None
        if self._sockets_per_user and len(own) > self._sockets_per_user:
            oldest = next(iter(own))
            self._forget(oldest, user)
            oldest.close_with(4409, "replaced")

    def remove(self, connection: Closable, user: str | None) -> None:
        self._all.pop(connection, None)
        self._known_now(connection)
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
                connection.close_with(1012, "shutting_down")
        for connection in self:  # those that were in the middle of their handshake
            connection.close_with(1012, "shutting_down")
