"""Things found by the beginnings of the words of their names, whatever their case and accents."""

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Generic, TypeVar

from elearn.search.words import terms

ENOUGH = 30
"""Names of one letter or two: more would not be shown."""
LOOKED_AT = 200
"""Names that hold the longest of several words and are looked at for the others."""

T = TypeVar("T")
Rank = tuple[bool, tuple[str, ...]]


class NameIndex(Generic[T]):
    def __init__(self, named: Iterable[tuple[str, str, T]]) -> None:
        """`named` are ids, names and things."""
        self._things: dict[str, tuple[tuple[str, ...], T]] = {
            ident: (terms(name), thing) for ident, name, thing in named
        }
        self._words = sorted(
            (word, ident) for ident, (held, _) in self._things.items() for word in held
        )

    def __len__(self) -> int:
        return len(self._things)

    def get(self, ident: str) -> T | None:
        known = self._things.get(ident)
        return None if known is None else known[1]

    def put(self, ident: str, name: str, thing: T) -> None:
        self.remove(ident)
        held = terms(name)
        self._things[ident] = (held, thing)
        for word in held:
            insort(self._words, (word, ident))

    def remove(self, ident: str) -> None:
        known = self._things.pop(ident, None)
        for word in known[0] if known is not None else ():
            del self._words[bisect_left(self._words, (word, ident))]

    def begun(
        self, typed: Sequence[str], among: Collection[str] | None = None
    ) -> list[tuple[Rank, T]]:
        """The things of whose names a word begins with each of `typed`, with a rank: the lower the
        better, names that begin so before others. With `among` only those of these ids."""
        longest = max(typed, key=len)
        found = {}
        begun = (one for one in self._from(longest) if among is None or one in among)
        for ident in islice(begun, LOOKED_AT if len(typed) > 1 else ENOUGH):
            held, thing = self._things[ident]
            if len(typed) == 1 or _holds(held, typed):
                found[ident] = ((not held[0].startswith(typed[0]), held), thing)
        return list(found.values())

    def _from(self, beginning: str) -> Iterator[str]:
        at = bisect_left(self._words, (beginning, ""))
        while at < len(self._words) and self._words[at][0].startswith(beginning):
            yield self._words[at][1]
            at += 1


def _holds(held: Sequence[str], typed: Sequence[str]) -> bool:
    return all(any(word.startswith(one) for word in held) for one in typed)
