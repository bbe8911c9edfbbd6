"""Which searched texts may be kept: those that several people searched for, and that say it in
words of the catalogue. Who looks for somebody types a name: no such word is kept or shown.

Who searched is known until they are enough, in memory alone.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from elearn.nouns.courses import Course
from elearn.search.queries import best_match, read_query, written
from elearn.search.words import compact, initials, words

PEOPLE = 3
WATCHED = 5_000
MAX_CHARS = 60

Titled = Callable[[Iterable[str]], bool]
"""Whether each word is one of some course's title."""
Place = TypeVar("Place", bound=Hashable)


def text_of_titles(q: str, titled: Titled) -> str | None:
    """One form for all that mean the same; None when a word is of no title."""
    held = read_query(q).words
    return _kept(held) if titled(held) else None


def text_of_course(q: str, course: Course) -> str | None:
    """`q` in words of the course's own title, subject or code, those that were begun or misspelt
    completed; None when a word is none of them: that may be a teacher's name."""
    query, title, code = read_query(q), words(course.title), words(course.code)
    if code and query.code == compact(code):
        return _kept(code)
    named = (*title, *words(course.subject), *code, *initials(title))
    found = [best_match(query, at, named) for at in range(len(query.words))]
    held = dict.fromkeys(named[place] for like, place in found if like)
    return _kept(held) if all(like for like, _ in found) else None


def _kept(held: Iterable[str]) -> str | None:
    text = written(tuple(held))
    return text if 2 <= len(text) <= MAX_CHARS else None


@dataclass
class _Watched(Generic[Place]):
    people: set[str] = field(default_factory=set)
    counts: Counter[Place] = field(default_factory=Counter)


class SharedTexts(Generic[Place]):
    """Counts by place, held back until several people share a text."""

    def __init__(self) -> None:
        self._shared: OrderedDict[str, None] = OrderedDict()
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
