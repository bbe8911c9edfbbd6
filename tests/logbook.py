"""Words for tests of the log itself: drafts, rows of others, an ear, a store that fails."""

import asyncio
import itertools
import json
from collections.abc import Sequence
from typing import Any

from pymongo.errors import AutoReconnect, BulkWriteError

from elearn.events.base import Row, holds
from elearn.events.chat import ChatPosted
from elearn.log.new_events import NewEvent
from elearn.models import events
from elearn.models.ids import new_id
from elearn.nouns.people import Person
from elearn.services import Services, utc_now
from elearn.wire import topics

ADA = Person("0" * 24, "Ada", "student")

_numbers = itertools.count(1)


def a_room() -> str:
    return topics.room(new_id())


def saying(room: str, body: str = "hello", **fields: Any) -> NewEvent:
    """A chat message as a draft; `key`, `digest`, `actor` may be given."""
    given = {"actor": "ada", "key": f"said-{next(_numbers)}", "reacts": False, **fields}
    return NewEvent(room, ChatPosted(author=ADA, body=body), **given)


def row_of_another(draft: NewEvent, seq: int, n: int | None = None) -> Row:
    """The row that another process would store for a draft at this place."""
    return Row(
        draft.topic,
        seq,
        seq if n is None else n,
        draft.data,
        draft.actor,
        draft.key,
        draft.digest,
        utc_now(),
        not draft.reacts,
    )


async def stored(services: Services, topic: str) -> list[tuple[int, str]]:
    """What the store holds of a topic: place and text."""
    rows = await events.since(services.db, topic, 0, 10_000)
    return [(row.seq, row.data.body) for row in rows if holds(row, ChatPosted)]


class Ear:
    """A subscriber that remembers what it was sent."""

    def __init__(self) -> None:
        self.pushes: list[dict[str, Any]] = []

    def send(self, frame: bytes) -> None:
        self.pushes.append(json.loads(frame[frame.index(b"{") :]))

    def signal(self, topic: str, row: object) -> None:
        pass

    @property
    def heard(self) -> list[tuple[int, str]]:
        return [(push["seq"], push["data"]["message"]["body"]) for push in self.pushes]


class BrokenStore:
    """Stands in for `events.insert`: stores the first `keeps` rows, then fails, `times` times."""

    def __init__(self, *, keeps: int, times: int = 1, error: Exception | None = None) -> None:
        self._insert = events.insert
        self._keeps = keeps
        self._times = times
        self._error = error or AutoReconnect("the line broke")
        self.batches: list[int] = []
        self.reached = asyncio.Event()
        self.may_fail = asyncio.Event()
        self.may_fail.set()

    async def __call__(self, db: Any, rows: Sequence[Row]) -> None:
        self.batches.append(len(rows))
        if not self._times:
            await self._insert(db, rows)
            return
        self._times -= 1
        if kept := rows[: self._keeps]:
            await self._insert(db, kept)
        self.reached.set()
        await self.may_fail.wait()
        raise self._error


def disk_full(index: int) -> BulkWriteError:
    refusal = {"index": index, "code": 14031, "errmsg": "OutOfDiskSpace"}
    return BulkWriteError({"writeErrors": [refusal], "nInserted": index})


def write_concern_not_met() -> BulkWriteError:
    return BulkWriteError(
        {"writeErrors": [], "writeConcernErrors": [{"code": 64, "errmsg": "timed out"}]}
    )
