"""The log publishes: in order, without a gap, whoever wrote, and whatever one row is like."""

import asyncio
from collections.abc import Callable

import pytest

from elearn import projections
from elearn.models import events
from elearn.services import Services
from tests.live import until
from tests.logbook import Ear, a_room, row_of_another, saying, stored


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
    services.log.publisher.tell(room, "chat.typing", {"user": "ada"})
    assert ear.pushes == [{"push": "chat.typing", "topic": room, "data": {"user": "ada"}}]
    assert await stored(services, room) == []


async def test_a_row_that_cannot_be_shown_stops_nobody_else(services: Services) -> None:
    room, ear = a_room(), Ear()
    await services.log.watch([room], ear)
    without_document, without_author = saying(room), saying(room)
    without_document.event = "room.updated"
    del without_author.data["author"]
    rows = await services.log.append_all(
        [saying(room), without_document, without_author, saying(room)]
    )
    assert [row.seq for row in rows] == [1, 2, 3, 4]
    assert [push["seq"] for push in ear.pushes] == [1, 2, 4]
    assert {"log.append", "log.apply", "log.catch-up"} <= set(services.tasks.names())


async def test_a_row_of_another_that_cannot_be_applied_does_not_end_the_hearing(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, ear = a_room(), Ear()
    await services.log.append(saying(room, "ours"))
    await services.log.watch([room], ear)
    apply = projections.apply

    async def fails_once(db: object, rows: list[events.Row]) -> None:
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
