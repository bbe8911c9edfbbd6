"""What is not stored for good on a replica set is neither acknowledged nor shown: the proxy before
the store answers as the set does."""

import asyncio
from typing import Any

import pytest
from pymongo.errors import PyMongoError

from elearn.errors import Unavailable
from elearn.models import events, marks, store
from elearn.services import Services
from tests.faults.conftest import Opened
from tests.faults.replica_set import MISSED, STEPPED_DOWN, name_of, not_vouched_for
from tests.faults.store_proxy import Ask, Json, StoreProxy
from tests.live import until
from tests.logbook import Ear, a_room, row_of_another, saying, stored


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
