"""How an event is declared: one struct with its typed data, and beside it what the product has to
know of it. From these declarations the log, the brokers, the listeners, replay and the descriptions
take what they do."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, Generic, TypeGuard, TypeVar, get_type_hints

import msgspec

from elearn.wire import topics

E = TypeVar("E", bound="Event")
E_co = TypeVar("E_co", bound="Event", covariant=True)

log = logging.getLogger("elearn.events")


class Declaration(msgspec.Struct, frozen=True):
    """`on` are the kinds of topic it may stand on. `stored` ones are rows of the log, the others
    are pushed and forgotten. `counts` moves the topic's `n`. `everywhere` goes to nodes where
    nobody listens, too."""

    name: str
    on: frozenset[str]
    stored: bool
    counts: bool
    everywhere: bool


class Subject(msgspec.Struct, frozen=True):
    """The thing that an event's push shows, under the name that it has there: replay shows it as
    it is now."""

    noun: str
    id: str


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """What happened. A subclass is one event, or a base of several that hold the same."""

    declared: ClassVar[Declaration]

    def told(self, row: "RowOf[Any]") -> msgspec.Struct:
        """What a push's `data` holds: the event itself, unless it is told otherwise."""
        return self

    def subject(self, row: "RowOf[Any]") -> Subject | None:
        return None

    def acts_on_rights(self, kind: str) -> bool:
        """Whether connections on a topic of this kind have to ask again what they may hear. On a
        shared topic only where it must be: everyone there asking for every change is a stampede."""
        return False


class RowOf(msgspec.Struct, Generic[E_co]):
    """One stored fact. `n` counts the messages (on `room:`) or notices (elsewhere) up to it."""

    topic: str
    seq: int
    n: int
    data: E_co
    actor: str
    key: str
    digest: str
    at: datetime
    reacted: bool
    duplicate: bool = False

    @property
    def id(self) -> str:
        return topics.event_id(self.topic, self.seq)

    @property
    def event(self) -> str:
        return self.data.declared.name

    @property
    def kind(self) -> str:
        """Of its topic."""
        return topics.kind_of(self.topic)

    @property
    def about(self) -> str:
        """The id that its topic names."""
        return topics.ident_of(self.topic)

    @property
    def acts_on_rights(self) -> bool:
        return self.data.acts_on_rights(self.kind)


Row = RowOf[Event]


def holds(row: Row, event: type[E]) -> TypeGuard[RowOf[E]]:
    """Whether the row is of this event, or of one made from it."""
    return isinstance(row.data, event)


_DECLARED: dict[tuple[str, str], type[Event]] = {}
EVENTS: Mapping[tuple[str, str], type[Event]] = MappingProxyType(_DECLARED)
"""By the kind of topic and the name."""


def event(
    name: str,
    *on: str,
    stored: bool = True,
    counts: bool = False,
    everywhere: bool = False,
) -> Callable[[type[E]], type[E]]:
    """Declare a struct as the event `name` on topics of these kinds."""

    def declare(shape: type[E]) -> type[E]:
        shape.declared = Declaration(name, frozenset(on), stored, counts, everywhere)
        for kind in on or ("",):
            if (kind, name) in _DECLARED:
                raise TypeError(f"{name} on {kind} is declared twice")
            _DECLARED[kind, name] = shape
        return shape

    return declare


class Unknown(Event, frozen=True, kw_only=True):
    """A stored row that this version cannot read, of one that knew other events or other data: it
    keeps its place, and says nothing."""


Unknown.declared = Declaration("unknown", frozenset(), True, False, False)


def read(topic: str, name: str, data: object) -> Event:
    """The event that a stored row holds."""
    shape = _DECLARED.get((topics.kind_of(topic), name))
    if shape is None:
        return Unknown()
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        # The rows beside it are read with it: they must not wait for this one.
        log.warning("a row of %s with %s could not be read: %s", topic, name, error)
        return Unknown()


def told_as(shape: type[Event]) -> type[msgspec.Struct]:
    """The type of a push's `data`."""
    told: type[msgspec.Struct] = get_type_hints(shape.told)["return"]
    return shape if told is msgspec.Struct else told
