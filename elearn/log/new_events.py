"""Events that are not stored yet: as they are asked for, and on their way to the store."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from elearn.errors import IdempotencyConflict, Unavailable
from elearn.events.base import Event, Row


class NotStored(Unavailable):
    """The store takes other rows, and refuses this one for what it holds."""


class TurnLostError(Exception):
    """Another node wrote to the topic after the state was read: decide again."""


@dataclass(slots=True)
class NewEvent:
    """An event that is not stored yet; `expect` is the newest seq it was decided against, `at` the
    time of what caused it (without one: of its being queued)."""

    topic: str
    data: Event
    actor: str
    key: str
    digest: str = ""
    reacts: bool = True
    expect: int | None = None
    at: datetime | None = None


@dataclass(slots=True, eq=False)
class Pending:
    draft: NewEvent
    at: datetime
    future: "asyncio.Future[Row]"
    renumbered: int = 0
    repeats: "list[tuple[str, asyncio.Future[Row]]]" = field(default_factory=list)

    def resolve(self, row: Row) -> None:
        """Answer the act, and those that repeated its key while it was on its way."""
        for digest, future in ((self.draft.digest, self.future), *self.repeats):
            if future.done():
                continue
            if digest != row.digest:
                future.set_exception(conflict())
            elif future is self.future:
                future.set_result(row)
            else:
                future.set_result(replace(row, duplicate=True))

    def fail(self, error: Exception) -> None:
        for _, future in ((None, self.future), *self.repeats):
            if not future.done():
                future.set_exception(error)


def conflict() -> IdempotencyConflict:
    return IdempotencyConflict("This key was used for something else.", field="key")
