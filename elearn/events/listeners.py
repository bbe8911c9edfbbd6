"""Who in this process hears which rows: a table from event to listeners, so that a message is
offered to nobody whom it does not concern."""

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from elearn.events.base import EVENTS, Event, Row, RowOf

E = TypeVar("E", bound=Event)
Listener = Callable[[RowOf[E]], None]

log = logging.getLogger("elearn.events")


class Listeners:
    def __init__(self) -> None:
        self._by_event: dict[type[Event], list[Listener[Any]]] = {}

    def hear(self, listener: Listener[E], *events: type[E]) -> None:
        """Call it with each row of these events, or of those that are made from them."""
        for base in events:
            for event in stored_under(base):
                self._by_event.setdefault(event, []).append(listener)

    def tell(self, row: Row) -> None:
        """The row is stored: a listener that fails must not end the showing of the others."""
        for listener in self._by_event.get(type(row.data), ()):
            try:
                listener(row)
            except Exception:
                log.exception("a listener failed on %s", row.id)


def events_on(kind: str) -> Iterable[type[Event]]:
    """The stored events that may stand on topics of a kind."""
    return [event for (on, _), event in EVENTS.items() if on == kind and event.declared.stored]


def stored_under(base: type[E]) -> Iterable[type[E]]:
    """The declared events that are `base` or made from it."""
    found = {event: None for event in EVENTS.values() if issubclass(event, base)}
    return [event for event in found if event.declared.stored]
