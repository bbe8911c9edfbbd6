"""The way to the store when it is slow, away or late: bounded, and nothing stays unseen."""

import asyncio
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from pymongo.errors import NetworkTimeout

from elearn.errors import Unavailable
from elearn.events.base import Row
from elearn.log import log as logs
from elearn.log import projector
from elearn.log.backlogs import KEPT_ROWS, Backlogs, Wanted
from elearn.log.heads import Head
from elearn.log.new_events import Pending
from elearn.models import events, joined_reads
from elearn.services import Services, utc_now
from tests.live import CommandRefused, Live, until
from tests.logbook import BrokenStore, Ear, a_room, row_of_another, saying, stored


@pytest.fixture
def services(beside: Callable[..., Services]) -> Services:
    return beside()


async def test_a_write_that_comes_through_late_is_shown_when_its_key_is_repeated(
    services: Services,
) -> None:
    """The driver gave up, nothing was found, and then the store did it after all."""
    room, ear = a_room(), Ear()
    await services.log.watch([room], ear)
    await services.log.append(saying(room, "one"))
    late = saying(room, "late")
    await events.insert(services.db, [row_of_another(late, 2)])
    again = await services.log.append(late)
    assert (again.seq, again.duplicate) == (2, True)
    await until(lambda: ear.heard == [(1, "one"), (2, "late")])
    assert (await services.log.head(room)).visible == 2


async def test_a_write_that_comes_through_late_is_shown_when_nobody_repeats_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    time_is_up = asyncio.Event()
    monkeypatch.setattr(services.log._catching_up, "_pause", lambda seconds: time_is_up.wait())
    room, ear = a_room(), Ear()
    late = saying(room, "late")
    await services.log.watch([room], ear)
    with monkeypatch.context() as broken:
        broken.setattr(events, "insert", BrokenStore(keeps=0))
        with pytest.raises(Unavailable):
            await services.log.append(late)
    await until(lambda: not services.log.away)
    await events.insert(services.db, [row_of_another(late, 1)])
    time_is_up.set()
    await until(lambda: ear.heard == [(1, "late")])


async def test_a_late_write_to_a_topic_nobody_listens_to_is_read_by_the_next_one(
    services: Services,
) -> None:
    room = a_room()
    await services.log.append(saying(room, "one"))
    late = saying(room, "late")
    await events.insert(services.db, [row_of_another(late, 2)])
    await services.log.append(late)
    assert [row.seq for row in await services.log.since(room, 0, 10)] == [1, 2]


async def test_while_the_store_is_known_to_be_away_nothing_waits_for_it(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = await live.teacher()
    room = (await teacher.make_course())["id"]
    client = await teacher.connect()
    monkeypatch.setattr(live.services.log._appender, "away", True)
    reads: list[Any] = []
    monkeypatch.setattr(events, "find_by_key", lambda *args: reads.append(args))
    with pytest.raises(CommandRefused) as refusal:
        await client.do("chat.post", room=room, body="hello", key="k")
    assert refusal.value.code == "unavailable"
    assert refusal.value.error["retry_after_ms"] > 0
    assert reads == []
    await client.do("ping")


async def test_who_is_on_the_way_when_the_store_goes_is_refused_without_asking_it_again(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = await live.teacher()
    room = (await teacher.make_course())["id"]
    await live.settled()
    client = await teacher.connect()
    monkeypatch.setattr(events, "insert", BrokenStore(keeps=0))
    asked: list[Any] = []
    monkeypatch.setattr(live.services.log, "repeat", lambda *args: asked.append(args))
    assert await client.refused("chat.post", room=room, body="hello") == "unavailable"
    assert asked == []


async def test_rows_that_wait_to_be_applied_are_bounded(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector, "PROJECTOR_ROWS", 3)
    draft = saying(a_room())
    pending = Pending(draft, utc_now(), asyncio.get_running_loop().create_future())
    services.log._projector._rows.extend([(pending, row_of_another(draft, 1))] * 3)
    with pytest.raises(Unavailable):
        services.log.put(saying(a_room()))
    services.log._projector._rows.clear()
    await services.log.append(saying(a_room()))


async def test_many_rows_are_queued_a_part_at_a_time(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "TOGETHER_ROWS", 10)
    longest, put = 0, services.log._appender.put

    def counted(draft: Any) -> "asyncio.Future[Row]":
        nonlocal longest
        future = put(draft)
        longest = max(longest, services.log.queue_rows)
        return future

    monkeypatch.setattr(services.log._appender, "put", counted)
    room = a_room()
    rows = await services.log.append_all([saying(room, str(n)) for n in range(35)])
    assert [row.seq for row in rows] == list(range(1, 36))
    assert await stored(services, room) == [(n + 1, str(n)) for n in range(35)]
    assert longest <= 10


async def test_a_head_that_many_ask_for_is_read_once(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, newest = [], events.newest

    async def counted(db: Any, topic: str) -> Row | None:
        reads.append(topic)
        return await newest(db, topic)

    monkeypatch.setattr(events, "newest", counted)
    room = a_room()
    heads: list[Head] = await asyncio.gather(*(services.log.head(room) for _ in range(50)))
    assert reads == [room]
    assert all(head is heads[0] for head in heads)
    assert services.log._heads._learning == {}


async def test_a_head_that_could_not_be_read_is_read_again_by_the_next(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest, failures = events.newest, [OSError("away")]

    async def failing_once(db: Any, topic: str) -> Row | None:
        await asyncio.sleep(0)
        if failures:
            raise failures.pop()
        return await newest(db, topic)

    monkeypatch.setattr(events, "newest", failing_once)
    room = a_room()
    found = await asyncio.gather(
        *(services.log.head(room) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(each, OSError) for each in found) == 1
    assert sum(isinstance(each, Head) for each in found) == 2


async def test_who_waits_behind_a_read_that_timed_out_does_not_wait_as_long_again() -> None:
    store = StalledStore()
    reads: list[Any] = [asyncio.create_task(joined_reads.find_one(store, "rooms", "first"))]
    await store.reached.wait()
    reads += [
        asyncio.create_task(joined_reads.find_one(store, "rooms", f"{n}")) for n in range(250)
    ]
    await asyncio.sleep(0)
    store.fails.set()
    answers = await asyncio.gather(*reads, return_exceptions=True)
    assert {type(answer) for answer in answers} == {NetworkTimeout}
    frames = list(traceback.walk_tb(answers[-1].__traceback__))
    assert len(frames) < 10, "one error keeps the frames of all who got it"
    assert store.reads == 1
    with pytest.raises(NetworkTimeout):
        await joined_reads.find_one(store, "rooms", "later")
    assert store.reads == 2


class StalledStore:
    """A database whose reads time out when it is told so."""

    def __init__(self) -> None:
        self.reads = 0
        self.reached, self.fails = asyncio.Event(), asyncio.Event()

    def __getitem__(self, collection: str) -> "StalledStore":
        return self

    async def find_one(self, query: dict[str, Any]) -> None:
        self.reads += 1
        self.reached.set()
        await self.fails.wait()
        raise NetworkTimeout("timed out")


async def test_what_many_missed_alike_is_read_once(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = a_room()
    await services.log.append_all([saying(room, str(n)) for n in range(5)])
    reads, since = [], events.since

    async def counted(*args: Any) -> list[Row]:
        reads.append(args)
        return await since(*args)

    monkeypatch.setattr(events, "since", counted)
    found = await asyncio.gather(*(services.log.since(room, 2, 300) for _ in range(50)))
    assert {tuple(row.seq for row in rows) for rows in found} == {(3, 4, 5)}
    assert len(reads) == 1
    await services.log.append(saying(room, "news"))
    assert [row.seq for row in await services.log.since(room, 2, 300)] == [3, 4, 5, 6]
    assert len(reads) == 2


async def test_what_is_kept_of_backlogs_is_bounded() -> None:
    backlogs, row = Backlogs(), row_of_another(saying(a_room()), 1)

    async def read(wanted: Wanted) -> list[Row]:
        return [row] * wanted[1]

    for number in range(50):
        await backlogs.read((f"room:{number}", 300, 300, 300), read)
        assert sum(map(len, backlogs._kept.values())) <= KEPT_ROWS
    for number in range(2 * KEPT_ROWS):
        await backlogs.read((f"empty:{number}", 0, 0, 300), read)
    assert len(backlogs._kept) <= KEPT_ROWS
    assert backlogs._kept.currsize <= KEPT_ROWS
    assert backlogs._reading == {}
