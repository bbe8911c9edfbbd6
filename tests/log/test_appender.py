"""The appender: places without holes, keys used once, and a store that fails in every way."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pymongo.errors import WriteError

from elearn.errors import ClientError, IdempotencyConflict, Unavailable
from elearn.events.rooms import RoomJoined
from elearn.log import appender
from elearn.log.new_events import NewEvent
from elearn.models import events, store
from elearn.services import Services
from elearn.wire import topics
from tests.error_log import ErrorLog
from tests.live import until
from tests.logbook import (
    ADA,
    BrokenStore,
    Ear,
    a_room,
    disk_full,
    row_of_another,
    saying,
    stored,
    write_concern_not_met,
)


@pytest.fixture
def services(beside: Callable[..., Services]) -> Services:
    return beside()


def breaks(monkeypatch: pytest.MonkeyPatch, **how: Any) -> BrokenStore:
    broken = BrokenStore(**how)
    monkeypatch.setattr(events, "insert", broken)
    return broken


def refuses_to_vouch(
    monkeypatch: pytest.MonkeyPatch,
    services: Services,
    times: int,
    look: Callable[[], None] = lambda: None,
) -> None:
    """The store acknowledges nothing so many times; `look` is called each time it is asked."""
    vouch, left = store.vouch, iter(range(times))

    async def asked(db: Any) -> None:
        look()
        if next(left, None) is not None:
            raise WriteError("No space left on device", 14031)
        await vouch(db)

    monkeypatch.setattr(store, "vouch", asked)
    monkeypatch.setattr(services.log._appender, "_pause", lambda seconds: asyncio.sleep(0))


async def outcomes(services: Services, *drafts: NewEvent) -> list[Any]:
    futures = [services.log.put(draft) for draft in drafts]
    return await asyncio.gather(*futures, return_exceptions=True)


async def test_many_topics_share_a_batch_and_each_is_numbered_without_a_hole(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = breaks(monkeypatch, keeps=0, times=0)
    rooms = [a_room() for _ in range(3)]
    rows = await services.log.append_all([saying(rooms[i % 3], str(i)) for i in range(300)])
    for place, room in enumerate(rooms):
        mine = [row for row in rows if row.topic == room]
        assert [(row.seq, row.n) for row in mine] == [(i, i) for i in range(1, 101)]
        assert await stored(services, room) == [(i + 1, str(3 * i + place)) for i in range(100)]
    assert broken.batches == [200, 100]


async def test_only_messages_move_the_count_of_a_room(services: Services) -> None:
    room = a_room()
    other = saying(room)
    other.data = RoomJoined(room=topics.ident_of(room), user=ADA, role="member", members=1)
    rows = await services.log.append_all([saying(room), other, saying(room)])
    assert [(row.seq, row.n) for row in rows] == [(1, 1), (2, 1), (3, 2)]


async def test_a_place_lost_to_another_process_is_renumbered(services: Services) -> None:
    room, quiet = a_room(), a_room()
    await services.log.append(saying(room, "first"))
    await events.insert(services.db, [row_of_another(saying(room, "theirs", actor="bo"), 2)])
    rows = await services.log.append_all(
        [saying(quiet, "a"), saying(room, "b"), saying(quiet, "c"), saying(room, "d")]
    )
    assert [row.seq for row in rows] == [1, 3, 2, 4]
    assert [row.n for row in rows] == [1, 3, 2, 4]
    assert await stored(services, room) == [(1, "first"), (2, "theirs"), (3, "b"), (4, "d")]
    assert await stored(services, quiet) == [(1, "a"), (2, "c")]


async def test_a_key_used_again_gives_the_row_that_it_made(services: Services) -> None:
    room = a_room()
    first = await services.log.append(saying(room, key="k", digest="d"))
    again = await services.log.append(saying(room, key="k", digest="d"))
    assert (again.id, first.duplicate, again.duplicate) == (first.id, False, True)
    assert await stored(services, room) == [(1, "hello")]


async def test_one_key_twenty_times_in_one_moment_makes_one_row(services: Services) -> None:
    room = a_room()
    rows = await outcomes(services, *(saying(room, key="k", digest="d") for _ in range(20)))
    assert {row.id for row in rows} == {f"{room}.1"}
    assert [row.duplicate for row in rows] == [False] + 19 * [True]
    assert await stored(services, room) == [(1, "hello")]


async def test_a_key_that_another_process_used_is_answered_from_its_row(
    services: Services,
) -> None:
    room = a_room()
    theirs = saying(room, "once", key="k", digest="d")
    await services.log.append(saying(room, "before"))
    await events.insert(services.db, [row_of_another(theirs, 2)])
    rows = await outcomes(services, saying(room, "once", key="k", digest="d"), saying(room, "on"))
    assert [(row.seq, row.duplicate) for row in rows] == [(2, True), (3, False)]
    assert await stored(services, room) == [(1, "before"), (2, "once"), (3, "on")]


async def test_keys_of_two_people_do_not_meet(services: Services) -> None:
    room = a_room()
    rows = await outcomes(services, saying(room, key="k"), saying(room, key="k", actor="bo"))
    assert [row.seq for row in rows] == [1, 2]


@pytest.mark.parametrize("how", ["stored before", "still on its way"])
async def test_a_key_used_for_another_act_is_a_conflict(services: Services, how: str) -> None:
    room = a_room()
    first = services.log.put(saying(room, "one", key="k", digest="one"))
    if how == "stored before":
        await first
    with pytest.raises(IdempotencyConflict):
        await services.log.append(saying(room, "two", key="k", digest="two"))
    assert (await first).data.body == "one"
    assert await stored(services, room) == [(1, "one")]


async def test_what_a_broken_store_did_not_take_is_not_acknowledged(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(monkeypatch, keeps=0)
    room, ear = a_room(), Ear()
    await services.log.watch([room], ear)
    assert isinstance((await outcomes(services, saying(room, "lost")))[0], Unavailable)
    await until(lambda: not services.log.away)
    assert await stored(services, room) == []
    assert (await services.log.append(saying(room, "again"))).seq == 1
    assert ear.heard == [(1, "again")]


async def test_what_was_stored_before_the_line_broke_is_published_and_never_stored_twice(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(monkeypatch, keeps=2)
    room, ear = a_room(), Ear()
    await services.log.watch([room], ear)
    said = [saying(room, text, key=text, digest=text) for text in "abcd"]
    answers = await outcomes(services, *said)
    assert all(isinstance(answer, Unavailable) for answer in answers)
    await until(lambda: not services.log.away)
    assert ear.heard == [(1, "a"), (2, "b")]
    again = await outcomes(
        services, *(saying(room, text, key=text, digest=text) for text in "abcd")
    )
    assert [(row.seq, row.duplicate) for row in again] == [
        (1, True),
        (2, True),
        (3, False),
        (4, False),
    ]
    assert ear.heard == await stored(services, room) == list(enumerate("abcd", 1))


async def test_what_waits_behind_a_failed_write_is_told_to_come_back(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = breaks(monkeypatch, keeps=0)
    broken.may_fail.clear()
    room = a_room()
    first = services.log.put(saying(room))
    await broken.reached.wait()
    waiting = [services.log.put(saying(room)) for _ in range(3)]
    broken.may_fail.set()
    answers = await asyncio.gather(first, *waiting, return_exceptions=True)
    assert [type(answer) for answer in answers] == 4 * [Unavailable]
    await until(lambda: not services.log.away)
    assert await stored(services, room) == []
    assert (await services.log.append(saying(room))).seq == 1


async def test_while_the_store_is_away_nothing_is_taken_and_repeats_are_answered_too(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(monkeypatch, keeps=0)
    find, may_find = events.find_by_key, asyncio.Event()

    async def slow_find(*args: Any) -> Any:
        await may_find.wait()
        return await find(*args)

    monkeypatch.setattr(events, "find_by_key", slow_find)
    room = a_room()
    assert isinstance((await outcomes(services, saying(room, key="k")))[0], Unavailable)
    assert services.log.away
    with pytest.raises(Unavailable):
        services.log.put(saying(room))
    repeat = asyncio.ensure_future(_appended(services, saying(room, key="k")))
    await asyncio.sleep(0)
    may_find.set()
    async with asyncio.timeout(2):
        assert isinstance(await repeat, Unavailable)
    await until(lambda: not services.log.away)
    assert (await services.log.append(saying(room, key="k"))).seq == 1


async def _appended(services: Services, draft: NewEvent) -> Any:
    try:
        return await services.log.append(draft)
    except ClientError as error:
        return error


async def test_it_waits_for_a_store_that_stays_away_and_goes_on_by_itself(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(monkeypatch, keeps=1)
    find, tries = events.find_by_key, []

    async def failing_find(*args: Any) -> Any:
        tries.append(args)
        if len(tries) <= 3:
            raise BrokenStore(keeps=0)._error
        return await find(*args)

    monkeypatch.setattr(events, "find_by_key", failing_find)
    monkeypatch.setattr(services.log._appender, "_pause", lambda seconds: asyncio.sleep(0))
    room, ear = a_room(), Ear()
    await services.log.watch([room], ear)
    await outcomes(services, saying(room, "kept"))
    await until(lambda: not services.log.away)
    assert len(tries) == 4
    assert ear.heard == [(1, "kept")]


async def test_a_write_concern_that_was_not_met_is_not_acknowledged_and_not_doubled(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(monkeypatch, keeps=1, error=write_concern_not_met())
    room = a_room()
    first = await outcomes(services, saying(room, key="k", digest="d"))
    assert isinstance(first[0], Unavailable)
    await until(lambda: not services.log.away)
    assert (await services.log.append(saying(room, key="k", digest="d"))).duplicate
    assert await stored(services, room) == [(1, "hello")]


async def test_what_is_stored_shows_only_when_the_store_vouches_for_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(monkeypatch, keeps=1, error=write_concern_not_met())
    room, ear = a_room(), Ear()
    heard: list[Any] = []
    refuses_to_vouch(monkeypatch, services, 3, lambda: heard.append(list(ear.heard)))
    await services.log.watch([room], ear)
    await outcomes(services, saying(room, "kept"))
    await until(lambda: not services.log.away)
    assert heard == 4 * [[]]
    assert ear.heard == await stored(services, room) == [(1, "kept")]


async def test_a_row_that_the_store_refuses_fails_alone(
    services: Services, monkeypatch: pytest.MonkeyPatch, errors: ErrorLog
) -> None:
    errors.expect("the store refused a row")
    breaks(monkeypatch, keeps=1, error=disk_full(1))
    room, ear = a_room(), Ear()
    await services.log.watch([room], ear)
    answers = await outcomes(services, *(saying(room, text) for text in "abc"))
    assert isinstance(answers[1], Unavailable)
    assert [answers[0].seq, answers[2].seq] == [1, 2]
    assert ear.heard == await stored(services, room) == [(1, "a"), (2, "c")]


async def test_a_store_that_refuses_everything_is_away_until_it_takes_something(
    services: Services, monkeypatch: pytest.MonkeyPatch, errors: ErrorLog
) -> None:
    errors.expect("the store refused a row")
    breaks(monkeypatch, keeps=1, error=disk_full(1))
    refuses_to_vouch(monkeypatch, services, 3)
    room, ear = a_room(), Ear()
    await services.log.watch([room], ear)
    answers = await outcomes(services, *(saying(room, text) for text in "abc"))
    assert answers[0].seq == 1
    assert [type(answer) for answer in answers[1:]] == 2 * [Unavailable]
    assert services.log.away
    await until(lambda: not services.log.away)
    assert ear.heard == await stored(services, room) == [(1, "a")]
    assert (await services.log.append(saying(room, "d"))).seq == 2


async def test_the_queue_has_an_end(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appender, "QUEUE_ROWS", 5)
    broken = breaks(monkeypatch, keeps=1)
    broken.may_fail.clear()
    room = a_room()
    taken = [services.log.put(saying(room))]
    await broken.reached.wait()
    taken += [services.log.put(saying(room)) for _ in range(5)]
    with pytest.raises(Unavailable) as refusal:
        services.log.put(saying(room))
    assert refusal.value.status == 503
    broken.may_fail.set()
    await asyncio.gather(*taken, return_exceptions=True)


@pytest.mark.parametrize("never", [object(), 2**80, "\ud800"])
async def test_a_row_that_can_never_be_stored_fails_alone(
    services: Services, never: Any, errors: ErrorLog
) -> None:
    errors.expect("cannot be stored")
    room = a_room()
    answers = await outcomes(
        services, saying(room, "a"), saying(room, never), saying(room, "c"), saying(room, "d")
    )
    assert getattr(answers[1], "code", "") == "internal"
    assert [answers[i].seq for i in (0, 2, 3)] == [1, 2, 3]
    assert await stored(services, room) == [(1, "a"), (2, "c"), (3, "d")]
