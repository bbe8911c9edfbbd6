"""Which searched texts may be kept: those that several people searched for, and that are words.

Who they were is known until they are enough, in memory alone.
"""

from collections import Counter, OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from elearn.search.queries import words

PEOPLE = 3
WATCHED = 5_000
MAX_CHARS = 60
MAX_DIGITS = 4
"""Of a course's code or a year; a telephone number or a matriculation number has more."""

Place = TypeVar("Place", bound=Hashable)


def plain_text(q: str) -> str | None:
    """One form for all that mean the same; None for what could name or reach a person by itself."""
    if "@" in q or sum(char.isdigit() for char in q) > MAX_DIGITS:
        return None
    text = " ".join(words(q))
    return text if 2 <= len(text) <= MAX_CHARS else None


@dataclass
class _Watched(Generic[Place]):
    people: set[str] = field(default_factory=set)
    counts: Counter[Place] = field(default_factory=Counter)


class SharedTexts(Generic[Place]):
    """Counts by place, held back until several people share a text."""

    def __init__(self, shared: Iterable[str] = ()) -> None:
        self._shared = OrderedDict.fromkeys(shared)
        self._watched: OrderedDict[str, _Watched[Place]] = OrderedDict()

    def __contains__(self, text: str | None) -> bool:
        return text in self._shared

    def learn(self, texts: Iterable[str]) -> None:
        self._shared.update(OrderedDict.fromkeys(texts))

    def note(self, text: str, person: str | None, place: Place | None = None) -> Counter[Place]:
        """Somebody searched for `text`; what may be counted now, earlier ones included."""
        if text in self._shared:
            self._shared.move_to_end(text)
            return Counter() if place is None else Counter([place])
        watched = self._watched.pop(text, None) or _Watched()
        if place is not None:
            watched.counts[place] += 1
        if person is not None:
            watched.people.add(person)
        if len(watched.people) >= PEOPLE:
            self._shared[text] = None
            shorten(self._shared, WATCHED)
            return watched.counts
        self._watched[text] = watched
        shorten(self._watched, WATCHED)
        return Counter()


def shorten(known: "OrderedDict[Any, Any]", most: int) -> None:
    """Forget those that were not touched for longest."""
    while len(known) > most:
        known.popitem(last=False)
