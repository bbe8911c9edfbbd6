"""What the server says to one connection of its own accord: never stored, on no topic."""

from typing import Any

from msgspec import UNSET, UnsetType

from elearn.events.base import Event, event
from elearn.nouns.people import Person


@event("server.hello", stored=False)
class ServerHello(Event, frozen=True, kw_only=True):
    """The first frame. `topics` are those that the connection listens to, with their newest seq."""

    protocol: int
    epoch: str
    user: Person | None
    connection: str
    heartbeat_s: float
    topics: dict[str, int]
    limits: dict[str, int]


@event("server.subscribed", stored=False)
class ServerSubscribed(Event, frozen=True, kw_only=True):
    topic: str
    cursor: int


@event("server.unsubscribed", stored=False)
class ServerUnsubscribed(Event, frozen=True, kw_only=True):
    topic: str
    error: dict[str, Any]


@event("server.closing", stored=False)
class ServerClosing(Event, frozen=True, kw_only=True):
    """`reconnect` is no, backoff, now or after_login."""

    code: int
    error: str
    reconnect: str
    retry_after_ms: int | UnsetType = UNSET


@event("session.expiring", stored=False)
class SessionExpiring(Event, frozen=True, kw_only=True):
    expires_in_s: int
