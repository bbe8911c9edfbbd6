"""Which rows change which documents: a table that the modules beside this one fill."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from elearn.events.base import Event, RowOf
from elearn.models.database import Database

E = TypeVar("E", bound=Event)
Projection = Callable[[Database, Sequence[RowOf[E]]], Awaitable[None]]

PROJECTIONS: dict[tuple[str, type[Event]], Projection[Any]] = {}
"""By the kind of topic and the event. The same event on another topic is a copy: only where it
was decided it is applied."""


def projects(*events: type[E], on: Sequence[str]) -> Callable[[Projection[E]], Projection[E]]:
    """Apply neighbouring rows of these events, on topics of these kinds, by this function."""

    def register(projection: Projection[E]) -> Projection[E]:
        for event in events:
            for kind in on:
                assert kind in event.declared.on, (event, kind)
                PROJECTIONS[kind, event] = projection
        return projection

    return register
