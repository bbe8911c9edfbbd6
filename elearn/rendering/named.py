"""Whom a text names, for those who tell them: asked when it is posted, shown as it was then."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from elearn.rendering.grammar import read
from elearn.rendering.mentions import MOST, Found, People, Person, ends
from elearn.rendering.visible import name_key

# Of names that people may have meant; a look-up each.
MOST_NAMES = 60


class Named(NamedTuple):
    people: list[dict[str, Any]]
    groups: list[str]


def names_wanted(text: str) -> list[str]:
    """The keys of all names that may stand behind the signs of a text, the shortest first."""
    reading = read(text) if "@" in text else None
    signs: Sequence[str] = reading.env.get("signs", ()) if reading else ()
    nearest = zip_longest(*(_keys(behind) for behind in signs[:MOST]), fillvalue="")
    return list(dict.fromkeys(key for keys in nearest for key in keys if key))[:MOST_NAMES]


def _keys(behind: str) -> Iterator[str]:
    return (name_key(behind[:end]) for end in ends(behind))


def mentions_in(text: str, people: Sequence[Person], chosen: Sequence[str] = ()) -> Named:
    """Whom a text names, in its order: 20 people at most, each as `{id, name}`, and groups.

    `people` are those who may be named, `chosen` the ids that the author picked among them: where
    a name could be read in several ways they win, and what the text does not name is dropped.
    """
    found = _found(text, People(people, chosen))
    named = {one.person["id"] for one in found if one.person}
    if missing := set(chosen) & {one["id"] for one in people} - named:
        found = _found(text, People(people, chosen, missing))
    told = {one.person["id"]: one.person["name"] for one in found if one.person}
    groups = dict.fromkeys(one.group for one in found if one.group)
    return Named([{"id": ident, "name": name} for ident, name in told.items()][:MOST], list(groups))


def _found(text: str, people: People) -> list[Found]:
    reading = read(text, people) if "@" in text else None
    return reading.env.get("named", []) if reading else []
