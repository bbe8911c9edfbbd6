"""What was read, kept until a row may have changed it, until it is old, or until there is too much
of it: one mechanism for all caches."""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from cachetools import TTLCache

K = TypeVar("K")
V = TypeVar("V")
Tags = Callable[[K, V], Iterable[str]]


class Kept(Generic[K, V]):
    """At most `most` values, each for the time `fresh` of the clock `now`. `tags` says by what an
    entry is dropped, besides its key."""

    def __init__(
        self, most: int, fresh: Any, now: Callable[[], Any], tags: Tags[K, V] | None = None
    ) -> None:
        self._most = most
        self._values: TTLCache[K, V] = TTLCache(most, fresh, timer=now)
        self._tags = tags
        self._tagged: dict[str, set[K]] = {}
        self._noted = 0
        self.changes = 0

    def get(self, key: K) -> V | None:
        found: V | None = self._values.get(key)
        return found

    def put(self, key: K, value: V, changes: int) -> bool:
        """Keep what was read when there had been so many `changes`, unless there were more since:
        then it may be what was before them."""
        if changes != self.changes:
            return False
        self._values[key] = value
        if self._tags is not None:
            self._note(key, self._tags(key, value))
        return True

    def _note(self, key: K, tags: Iterable[str]) -> None:
        if self._noted > 4 * self._most:  # of entries that are long gone, most of them
            self._values.clear()
            self._tagged.clear()
            self._noted = 0
        for tag in tags:
            keys = self._tagged.setdefault(tag, set())
            self._noted += key not in keys
            keys.add(key)

    def drop(self, key: K) -> None:
        self.changes += 1
        self._values.pop(key, None)

    def drop_tagged(self, tag: str) -> None:
        """All entries with it; what is being read now is not kept either."""
        self.changes += 1
        keys = self._tagged.pop(tag, ())
        self._noted -= len(keys)
        for key in keys:
            self._values.pop(key, None)

    def clear(self) -> None:
        self.changes += 1
        self._values.clear()
        self._tagged.clear()
        self._noted = 0
