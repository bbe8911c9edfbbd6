"""What is not stored for good on a replica set is neither acknowledged nor shown: the proxy before
the store answers as the set does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pymongo.errors import PyMongoError

from elearn.config import Config
from elearn.errors import Unavailable
from elearn.models import events, marks, store
from elearn.services import Services
from tests.conftest import served
from tests.faults.conftest import Opened
from tests.faults.replica_set import (
    MISSED,
    SET,
    STEPPED_DOWN,
    Held,
    Stepdown,
    ghost_row,
    name_of,
    not_vouched_for,
    replica_set,
)
from tests.faults.store_proxy import Ask, Json, StoreProxy
from tests.live import Live, until
from tests.logbook import Ear, a_room, row_of_another, saying, stored


@asynccontextmanager
async def through_a_set(line: StoreProxy, config: Config) -> AsyncIterator[Live]:
    """A node whose store says that it is a replica set."""
    uri = f"mongodb://127.0.0.1:{line.port}/?replicaSet={SET}"
    async with served(config, mongodb_uri=uri) as live:
        try:
            yield live
        finally:
            line.rules[1:] = []


def rolled_back(services: Services, error: Json) -> Any:
    """Rows are written and not vouched for, and a stepdown takes them away again."""

    async def rule(command: Json, ask: Ask) -> Json:
        answer = await ask(command)
        if name_of(command) != "insert" or command["insert"] != "events":
            return answer
        lost = [row["_id"] for row in command["documents"]][: answer["n"]]
        await services.db.events.delete_many({"_id": {"$in": lost}})
        return {**answer, "writeConcernError": error}

    return rule


@pytest.mark.parametrize("error", [MISSED, STEPPED_DOWN], ids=["missed", "stepped down"])
async def test_rows_before_a_refused_one_are_not_shown_when_no_majority_has_them(
    line: StoreProxy, through: Opened, beside: Opened, error: Json
) -> None:
    ours, theirs = await through(), await beside()
    quiet, busy, ear = a_room(), a_room(), Ear()
    await ours.log.watch([quiet, busy], ear)
    await events.insert(theirs.db, [row_of_another(saying(busy, "theirs"), 1)])
    line.rules.append(rolled_back(theirs, error))
    said = [saying(quiet, "a", key="a"), saying(busy, "b", key="b")]
    answers = await asyncio.gather(*map(ours.log.put, said), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable, Unavailable]
    line.rules.clear()
    await until(lambda: not ours.log.away)
    assert ear.heard == []
    rows = [await ours.log.append(draft) for draft in said]
    assert [(row.seq, row.duplicate) for row in rows] == [(1, False), (2, False)]
    assert await stored(theirs, quiet) == [(1, "a")]
    assert await stored(theirs, busy) == [(1, "theirs"), (2, "b")]
    await until(lambda: len(ear.heard) == 3)


async def test_what_was_vouched_for_later_is_shown_once(
    line: StoreProxy, through: Opened, beside: Opened
) -> None:
    ours, theirs = await through(), await beside()
    quiet, busy, ear = a_room(), a_room(), Ear()
    await ours.log.watch([quiet, busy], ear)
    await events.insert(theirs.db, [row_of_another(saying(busy, "theirs"), 1)])
    line.rules.append(not_vouched_for())
    said = [saying(quiet, "a", key="a"), saying(busy, "b", key="b")]
    answers = await asyncio.gather(*map(ours.log.put, said), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable, Unavailable]
    assert ear.heard == []
    line.rules.clear()
    await until(lambda: ear.heard == [(1, "a")])
    assert (await ours.log.append(said[0])).duplicate
    assert await stored(theirs, quiet) == [(1, "a")]


async def test_a_read_mark_that_no_majority_has_is_not_taken_for_written(
    line: StoreProxy, through: Opened
) -> None:
    services = await through()
    await marks.move(services.db, [("ada", "room:a", 5, 5)])
    line.rules.append(not_vouched_for())
    for ahead in (4, 6):  # one that collides with what stands further on, one that moves it
        with pytest.raises(PyMongoError):
            await marks.move(services.db, [("ada", "room:a", ahead, ahead)])
    line.rules.clear()
    await marks.move(services.db, [("ada", "room:a", 4, 4)])


async def test_a_start_is_not_vouched_for_by_a_minority(line: StoreProxy, through: Opened) -> None:
    line.rules.append(not_vouched_for())
    with pytest.raises(PyMongoError):
        await through()
    line.rules.clear()
    assert await store.epoch((await through()).db)


async def test_a_row_that_is_rolled_back_is_never_shown_and_the_one_in_its_place_is(
    line: StoreProxy, config: Config, beside: Opened
) -> None:
    """B reads while A's row is there alone; then A's row is gone and another has its place."""
    line.rules.append(replica_set(lambda: line.port))
    async with through_a_set(line, config) as live:
        theirs = await beside()
        teacher, student = await live.teacher(), await live.student()
        course = await teacher.make_course()
        await student.enroll(course)
        socket = await student.connect()
        room = f"room:{course['id']}"
        await socket.join(room)
        real = row_of_another(saying(room, "what came in its place"), 1)
        document = events.document_of(real)
        ghost = {**document, "data": {**document["data"], "body": "a ghost"}}
        line.rules.append(ghost_row(ghost, real.id))
        await events.insert(theirs.db, [real])
        await live.services.log.other_nodes.look_for_others()
        shown = await socket.expect("chat.posted")
        assert shown["data"]["message"]["body"] == "what came in its place"
        page = await student.command("chat.history", room=course["id"])
        assert "a ghost" not in str(page)


async def test_during_a_planned_stepdown_nobody_is_told_unavailable(
    line: StoreProxy, config: Config
) -> None:
    line.rules.append(replica_set(lambda: line.port))
    async with through_a_set(line, config) as live:
        teacher, student, newcomer = [await live.teacher(), *[await live.student() for _ in "ab"]]
        course = await teacher.make_course()
        await student.enroll(course)
        await student.command("chat.post", room=course["id"], body="said before")
        written = [("insert", "events"), ("insert", "users")]
        stepdown = Stepdown(*written, ("find", "events"))
        line.rules.append(stepdown)
        said, *_ = await asyncio.gather(
            student.command("chat.post", room=course["id"], body="said meanwhile"),
            newcomer.enroll(course),
            teacher.command("chat.history", room=course["id"]),
            live.sign_up("Grace"),
        )
        assert stepdown.begun.is_set()
        assert said["message"]["body"] == "said meanwhile"
        assert not live.services.log.away
        await live.settled()
        assert not await events.waiting_times(live.services.db, events.FAILED, 1)


async def test_a_write_whose_answer_a_stepdown_lost_is_stored_once(
    line: StoreProxy, through: Opened
) -> None:
    """The driver writes it again, to a store that keeps no numbers of what was tried: the key is
    the guard."""
    line.rules.append(replica_set(lambda: line.port))
    services = await through("?replicaSet=rs0")
    lost = iter([True])

    async def loses_an_answer(command: Json, ask: Ask) -> Json:
        answer = await ask(command)
        if name_of(command) == "insert" and command["insert"] == "events" and next(lost, False):
            labels = {"errorLabels": ["RetryableWriteError"]}
            return {"ok": 0.0, "code": 11602, "errmsg": "interrupted", **labels}
        return answer

    line.rules.append(loses_an_answer)
    room, ear = a_room(), Ear()
    await services.log.watch([room], ear)
    rows = await asyncio.gather(*(services.log.append(saying(room, text)) for text in "abc"))
    assert next(lost, None) is None
    assert [row.seq for row in rows] == [1, 2, 3]
    assert await stored(services, room) == [(1, "a"), (2, "b"), (3, "c")]
    await until(lambda: ear.heard == [(1, "a"), (2, "b"), (3, "c")])


async def test_while_writes_hang_everything_can_still_be_read(
    line: StoreProxy, config: Config
) -> None:
    """A majority is away, and more people sign up than the machine has threads by itself."""
    line.rules.append(replica_set(lambda: line.port))
    async with through_a_set(line, config) as live:
        teacher = await live.teacher()
        course = await teacher.make_course()
        held = Held("insert")
        line.rules.append(held)
        waiting = [asyncio.create_task(live.sign_up(f"Person {n}")) for n in range(40)]
        await until(lambda: held.waiting == 40)
        page = await teacher.api("GET", f"/api/courses/{course['id']}")
        assert page["course"]["title"] == course["title"]
        assert not any(task.done() for task in waiting)
        held.go.set()
        assert len(await asyncio.gather(*waiting)) == 40
