"""The open connections of this process, and those of each user, oldest first."""

from collections.abc import Iterator
from typing import Protocol


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

    def drain(self) -> None:
        """Tell everyone to come back later: the process is ending."""
        self.draining = True
        for connection in self:
            connection.close_with(1012, "shutting_down", "backoff")
