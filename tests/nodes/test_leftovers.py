"""What a row left behind, and rows whose reactions fail: alone, counted, and tried again."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from elearn.config import Config
from elearn.events.base import Row
from elearn.events.chat import ChatPosted, ChatRead
from elearn.log.log import Log
from elearn.log.new_events import NewEvent
from elearn.models import events
from elearn.models.ids import new_id
from elearn.nodes.leftovers import RETRY_S, Leftovers
from elearn.nodes.neighbours import Neighbours
from elearn.ops import checking
from elearn.reactions import reactor
from elearn.reactions.reactor import BATCH_ROWS
from elearn.services import Services
from elearn.wire import topics
from tests.conftest import served
from tests.error_log import ErrorLog
from tests.live import Live
from tests.logbook import a_room, row_of_another, saying


async def left_behind(services: Services, *bodies: str) -> list[Row]:
    """Rows that no node holds in memory, each on a topic of its own."""
    rows = [row_of_another(saying(a_room(), body, reacts=True), 1) for body in bodies]
    await events.insert(services.db, rows)
    return rows


def failing(
    monkeypatch: pytest.MonkeyPatch, body: str, made: Sequence[NewEvent] | None = None
) -> list[str]:
    """Reactions to rows with this text fail, or make something. Gives the texts reacted to."""
    tried: list[str] = []

    async def react(services: Services, row: Row) -> list[NewEvent]:
        assert isinstance(row.data, ChatPosted)
        tried.append(row.data.body)
        if row.data.body != body:
            return []
        if made is None:
            raise KeyError("something that nobody thought of")
        return list(made)

    monkeypatch.setattr(reactor, "react", react)
    return tried


async def states(services: Services, rows: Sequence[Row]) -> dict[str, list[Any]]:
    found = await services.db.events.find({"_id": {"$in": [row.id for row in rows]}}).to_list(None)
    said: dict[str, list[Any]] = {}
    for document in found:
        said.setdefault(document["data"]["body"], []).append(document["reacted"])
    return said


async def test_a_node_that_ends_leaves_no_row_whose_reactions_were_made(
    live: Live, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, flush, leave = events.mark_reacted, Log.flush, Neighbours.leave
    ending_begins, unmarked, left = asyncio.Event(), set[str](), set[str]()

    async def late(db: Any, ids: Sequence[str]) -> None:
        unmarked.update(ids)
        await ending_begins.wait()
        for _ in range(200):
            await asyncio.sleep(0)
        await mark(db, ids)
        unmarked.difference_update(ids)

    async def flushing(log: Log) -> None:
        ending_begins.set()
        await flush(log)

    def leaving(neighbours: Neighbours) -> None:
        left.update(unmarked)
        leave(neighbours)

    monkeypatch.setattr(events, "mark_reacted", late)
    monkeypatch.setattr(Log, "flush", flushing)
    monkeypatch.setattr(Neighbours, "leave", leaving)
    async with served(config, data_dir=tmp_path / "two") as ending:
        course = await (await ending.teacher()).make_course()
        await (await ending.student()).enroll(course["id"])
    assert ending_begins.is_set()
    assert not left
    assert not await live.services.log.reaction_queue.find_unreacted(10)


async def test_more_rows_than_a_page_that_always_fail_do_not_hide_a_later_one(
    live: Live, monkeypatch: pytest.MonkeyPatch, errors: ErrorLog
) -> None:
    errors.expect("the reactions to")
    failing(monkeypatch, "bad")
    many = BATCH_ROWS + 20
    rows = await left_behind(live.services, *["bad"] * many, "good")
    await live.node.reactor.mend()
    assert await states(live.services, rows) == {"bad": ["failed"] * many, "good": [True]}
    assert live.services.metrics.reaction_failures._value.get() == many
    name, state, well = await checking._reactions(live.services)
    assert (name, well) == ("reactions", False)
    assert state.startswith(f"{many} failed, the oldest ")


async def test_a_row_that_fails_among_others_fails_alone(
    live: Live, monkeypatch: pytest.MonkeyPatch, errors: ErrorLog
) -> None:
    errors.expect("the reactions to")
    failing(monkeypatch, "bad")
    rows = await left_behind(live.services, "good", "good", "bad", "good", "good")
    await live.node.reactor.mend()
    assert await states(live.services, rows) == {"bad": ["failed"], "good": [True] * 4}


async def test_what_cannot_be_stored_keeps_no_other_row_from_its_reactions(
    live: Live, monkeypatch: pytest.MonkeyPatch, errors: ErrorLog
) -> None:
    errors.expect("cannot be stored")
    errors.expect("the reactions to")
    read = ChatRead(room=new_id(), seq=2**70, n=0, unread=0)
    huge = NewEvent(topics.user(new_id()), read, "ada", new_id(), reacts=False)
    failing(monkeypatch, "bad", [huge])
    rows = await left_behind(live.services, "good", "bad", "good")
    await live.node.reactor.mend()
    assert await states(live.services, rows) == {"bad": ["failed"], "good": [True, True]}


async def test_a_failure_of_a_row_that_was_just_stored_is_set_aside_too(
    live: Live, monkeypatch: pytest.MonkeyPatch, errors: ErrorLog
) -> None:
    errors.expect("the reactions to")
    failing(monkeypatch, "bad")
    row = await live.services.log.append(saying(a_room(), "bad", reacts=True))
    await live.services.log.reacted(row)
    await live.settled()
    assert await states(live.services, [row]) == {"bad": ["failed"]}


async def test_a_row_that_failed_is_done_at_the_next_start(
    live: Live, config: Config, monkeypatch: pytest.MonkeyPatch, errors: ErrorLog
) -> None:
    errors.expect("the reactions to")
    with monkeypatch.context() as broken:
        failing(broken, "bad")
        rows = await left_behind(live.services, "bad")
        await live.node.reactor.mend()
    tried = failing(monkeypatch, "none")
    async with served(config) as second:
        assert await states(second.services, rows) == {"bad": [True]}
    assert tried == ["bad"]


async def test_what_was_set_aside_is_tried_again_ever_less_often(live: Live) -> None:
    now = 1_000.0
    leftovers = Leftovers(live.services.log, None, 1.0, lambda: now)
    (row,) = await left_behind(live.services, "bad")
    handover = live.services.log.reaction_queue

    async def tried_after(seconds: float) -> bool:
        nonlocal now
        await handover.set_aside([row])
        now += seconds
        await leftovers.retry()
        return await states(live.services, [row]) == {"bad": [False]}

    first, most = RETRY_S
    assert await tried_after(0)
    assert not await tried_after(first - 1)
    assert await tried_after(1)
    assert not await tried_after(2 * first - 1)
    assert await tried_after(1)
    for _ in range(10):
        await tried_after(most)
    assert not await tried_after(most - 1)
    leftovers.retry_soon()
    assert await tried_after(1)


async def test_a_failure_on_a_node_without_the_lease_is_tried_again_as_soon(live: Live) -> None:
    now = 0.0
    leftovers = Leftovers(live.services.log, _Elsewhere(), 1.0, lambda: now)  # type: ignore[arg-type]
    [row] = await left_behind(live.services, "bad")
    await live.services.log.reaction_queue.set_aside([row])
    assert not leftovers.due
    leftovers.retry_soon()
    now = RETRY_S[0] - 1
    await leftovers.retry()
    assert await states(live.services, [row]) == {"bad": ["failed"]}
    now = RETRY_S[0]
    await leftovers.retry()
    assert await states(live.services, [row]) == {"bad": [False]}
    now = RETRY_S[1]
    assert not leftovers.due, "the rest is the other node's"


class _Elsewhere:
    held = False
