"""Read marks that are written behind."""

import asyncio
from collections.abc import Callable

import pytest
from pymongo.errors import AutoReconnect

from elearn.caches.read_marks import ReadMarks
from elearn.models import marks
from elearn.services import Services
from tests.live import until
from tests.logbook import a_room


@pytest.fixture
def services(beside: Callable[..., Services]) -> Services:
    return beside()


async def test_a_mark_that_the_store_refused_is_written_later_without_another_one(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, refused = a_room(), []
    move = marks.move

    async def away_at_first(*args: object) -> None:
        if not refused:
            refused.append(args)
            raise AutoReconnect("away")
        await move(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(marks, "move", away_at_first)
    kept = ReadMarks(services.db, pause=lambda _: asyncio.sleep(0))
    kept.move("ada", room, 3, 2)
    running = asyncio.create_task(kept.behind.run())

    async def written() -> bool:
        return bool(await marks.find(services.db, "ada", [room]))

    await until(written)
    running.cancel()
    assert len(refused) == 1
