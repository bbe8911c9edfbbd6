"""Events as the server sends them: rows with their place, the others with their topic alone."""

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from elearn.events.base import Event, Row


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """A stored event. Nothing in it is personal: it is encoded once for all who get it."""

    push: str
    topic: str
    data: object
    seq: int
    n: int
    at: datetime
    actor: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An event that is not stored; without a topic it goes to one connection."""

    push: str
    topic: str | UnsetType = UNSET
    data: Event


def push_of(row: Row, data: object = None) -> Push:
    """`data`: what is told instead of what the row holds."""
    return Push(
        push=row.event,
        topic=row.topic,
        data=row.data.told(row) if data is None else data,
        seq=row.seq,
        n=row.n,
        at=row.at,
        actor=row.actor,
    )


def told_of(event: Event, topic: str | UnsetType = UNSET) -> Told:
    return Told(push=event.declared.name, topic=topic, data=event)
