"""What is written behind: gathered, then written until the store has it."""

import asyncio

import pytest
from pymongo.errors import AutoReconnect

from elearn.caches.write_behind import WriteBehind


class Written:
    """Stands for the store; each write waits until it is let on."""

    def __init__(self) -> None:
        self.writes: list[dict[str, int]] = []
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()

    async def write(self, values: dict[str, int]) -> None:
        self.begun.set()
        await self.go_on.wait()
        self.writes.append(values)


async def test_the_greatest_value_of_a_key_is_written_once() -> None:
    store = Written()
    store.go_on.set()
    behind = WriteBehind("heads", store.write, 0)
    for key, value in [("ada", 2), ("ada", 3), ("ada", 1), ("bob", 1)]:
        behind.put(key, value)
    await behind.flush()
    assert store.writes == [{"ada": 3, "bob": 1}]
    assert not behind.waiting


async def test_what_grew_while_it_was_written_is_known_all_the_time_and_written_again() -> None:
    store = Written()
    behind = WriteBehind("heads", store.write, 0)
    behind.put("ada", 1)
    behind.put("bob", 1)
    flushing = asyncio.create_task(behind.flush())
    await store.begun.wait()
    assert behind.waiting == {"ada": 1, "bob": 1}
    behind.put("ada", 2)
    store.go_on.set()
    await flushing
    assert behind.waiting == {"ada": 2}
    await behind.flush()
    assert store.writes == [{"ada": 1, "bob": 1}, {"ada": 2}]


async def test_what_the_store_refused_or_was_cut_off_still_waits() -> None:
    async def refuse(_: dict[str, int]) -> None:
        raise AutoReconnect("away")

    async def cut_off(_: dict[str, int]) -> None:
        raise asyncio.CancelledError

    behind = WriteBehind("heads", refuse, 0)
    behind.put("ada", 1)
    await behind.flush()
    assert behind.waiting == {"ada": 1}
    cut = WriteBehind("heads", cut_off, 0)
    cut.put("ada", 1)
    with pytest.raises(asyncio.CancelledError):
        await cut.flush()
    assert cut.waiting == {"ada": 1}
