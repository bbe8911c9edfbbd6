"""Who is here: never stored."""

import msgspec

from elearn.events.base import Event, event
from elearn.nouns.people import Person


@event("presence.changed", "room", "course", stored=False)
class PresenceChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Above 100 people the number alone."""

    count: int
    users: list[Person] | None = None
    joined: list[Person] | None = None
    left: list[str] | None = None


class Present(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who is here: the people, or how many they are when there are more than 100."""

    users: list[Person] | None = None
    count: int | None = None
