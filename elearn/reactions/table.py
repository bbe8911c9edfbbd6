"""What follows from which rows: a table that the modules beside this one fill. Everything made has
a key derived from the row, so that doing it twice changes nothing."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from elearn.events.base import Event, RowOf
from elearn.log.new_events import NewEvent
from elearn.services import Services

E = TypeVar("E", bound=Event)
Reaction = Callable[[Services, RowOf[E]], Awaitable[list[NewEvent]]]

REACTIONS: dict[tuple[str, type[Event]], Reaction[Any]] = {}
"""By the kind of topic and the event: a copy on another topic causes nothing."""


def follows(*events: type[E], on: Sequence[str]) -> Callable[[Reaction[E]], Reaction[E]]:
    """This function says what follows from these events, on topics of these kinds."""

    def register(reaction: Reaction[E]) -> Reaction[E]:
        for event in events:
            for kind in on:
                assert kind in event.declared.on, (event, kind)
                REACTIONS[kind, event] = reaction
        return reaction

    return register
