"""The log publishes: in order, without a gap, whoever wrote, and whatever one row is like."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from elearn.events.base import Declaration, Event, Row, RowOf
from elearn.events.chat import ChatTyping
from elearn.models import events
from elearn.projections import applying as projections
from elearn.services import Services
from tests.error_log import ErrorLog
from tests.live import until
from tests.logbook import ADA, Ear, a_room, row_of_another, saying, stored


@pytest.fixture
def services(beside: Callable[..., Services]) -> Services:
    return beside()


async def test_rows_of_others_are_heard_before_our_own_that_came_after_them(
    services: Services,
) -> None:
    room, ear = a_room(), Ear()
    await services.log.append(saying(room, "ours"))
    await services.log.watch([room], ear)
    theirs = [row_of_another(saying(room, f"theirs {seq}"), seq) for seq in (2, 3)]
    await events.insert(services.db, theirs)
    await services.log.append(saying(room, "ours again"))
    await until(lambda: len(ear.pushes) == 3)
    assert ear.heard == [(2, "theirs 2"), (3, "theirs 3"), (4, "ours again")]


async def test_one_who_watches_hears_everything_after_the_position_given(
    services: Services,
) -> None:
    room, ear = a_room(), Ear()
    writing = [services.log.put(saying(room, str(i))) for i in range(50)]
    position = (await services.log.watch([room], ear))[room].visible
    await asyncio.gather(*writing)
    assert [seq for seq, _ in ear.heard] == list(range(position + 1, 51))
    backlog = await services.log.since(room, 0, 100)
    assert [row.seq for row in backlog] == list(range(1, 51))


async def test_what_is_only_told_is_never_stored(services: Services) -> None:
    room, ear = a_room(), Ear()
    await services.log.watch([room], ear)
    services.log.publisher.tell(room, ChatTyping(room="r", user=ADA, on=True))
    told = {"room": "r", "user": {"id": ADA.id, "name": "Ada", "role": "student"}, "on": True}
    assert ear.pushes == [{"push": "chat.typing", "topic": room, "data": told}]
    assert await stored(services, room) == []


class Unshown(Event, frozen=True, kw_only=True):
    def told(self, row: RowOf[Any]) -> msgspec.Struct:
        raise KeyError("what it shows is not there")


Unshown.declared = Declaration("test.unshown", frozenset({"room"}), True, False, False)


async def test_a_row_that_cannot_be_shown_stops_nobody_else(
    services: Services, errors: ErrorLog
) -> None:
    errors.expect("could not be published")
    room, ear = a_room(), Ear()
    await services.log.watch([room], ear)
    unshown = saying(room)
    unshown.data = Unshown()
    rows = await services.log.append_all([saying(room), unshown, saying(room)])
    assert [row.seq for row in rows] == [1, 2, 3]
    assert [push["seq"] for push in ear.pushes] == [1, 3]
    assert {"log.append", "log.apply", "log.catch-up"} <= set(services.tasks.names())


async def test_a_row_of_another_that_cannot_be_applied_does_not_end_the_hearing(
    services: Services, monkeypatch: pytest.MonkeyPatch, errors: ErrorLog
) -> None:
    errors.expect("projection of")
    room, ear = a_room(), Ear()
    await services.log.append(saying(room, "ours"))
    await services.log.watch([room], ear)
    apply = projections.apply

    async def fails_once(db: object, rows: list[Row]) -> None:
        if any(row.seq == 2 for row in rows):
            raise KeyError("a column that is not there")
        await apply(db, rows)

    monkeypatch.setattr(projections, "apply", fails_once)
    await events.insert(
        services.db, [row_of_another(saying(room, f"theirs {seq}"), seq) for seq in (2, 3)]
    )
    await services.log.append(saying(room, "ours again"))
    await until(lambda: len(ear.pushes) == 3)
    assert ear.heard == [(2, "theirs 2"), (3, "theirs 3"), (4, "ours again")]
