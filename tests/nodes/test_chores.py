"""Work that one node does for all: who does it, and what happens when that node is gone."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from elearn.events.base import Row
from elearn.nodes.leases import Lease
from elearn.reactions import reactor
from elearn.services import Services
from tests.live import Live, until
from tests.nodes.conftest import QUICK, Nodes, seen_from


class Time:
    def __init__(self, now_s: float = 1_000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def db(live: Live) -> Any:
    return live.services.db


async def test_a_lease_has_one_holder_who_keeps_it_by_renewing(db: Any) -> None:
    # Two machines' clocks have nothing to do with each other.
    ours, theirs = Time(), Time(9_000_000.0)
    one = Lease(db, "chores", "one", life_s=10, now=ours)
    other = Lease(db, "chores", "other", life_s=10, now=theirs)
    assert await one.look()
    for _ in range(10):
        ours.now_s += 4
        theirs.now_s += 4
        assert await one.look()
        assert not await other.look()
    assert (one.held, other.held) == (True, False)


async def test_a_lease_whose_holder_is_gone_is_taken_after_its_life(db: Any) -> None:
    time = Time()
    gone = Lease(db, "chores", "gone", life_s=10, now=time)
    other = Lease(db, "chores", "other", life_s=10, now=time)
    told: list[str] = []
    other.gained.append(lambda: told.append("gained"))
    assert await gone.look()
    assert not await other.look()
    time.now_s += 9.9
    assert not await other.look()
    assert not told
    time.now_s += 0.2
    assert await other.look()
    assert await other.look()
    assert told == ["gained"]
    assert not gone.held
    assert not await gone.look()


async def test_a_lease_that_is_let_go_is_free_at_once(db: Any) -> None:
    time = Time()
    one = Lease(db, "chores", "one", life_s=10, now=time)
    other = Lease(db, "chores", "other", life_s=10, now=time)
    assert await one.look()
    await one.release()
    assert not one.held
    assert await other.look()


async def test_of_many_that_want_a_lease_one_gets_it(db: Any) -> None:
    leases = [Lease(db, "chores", f"node {number}", now=Time()) for number in range(20)]
    assert sum(await asyncio.gather(*(lease.look() for lease in leases))) == 1


async def test_leases_of_different_names_are_different(db: Any) -> None:
    assert await Lease(db, "chores", "one", now=Time()).look()
    assert await Lease(db, "others", "other", now=Time()).look()


def _count_reactions(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each row was reacted to, on any node of this process."""
    done: Counter[str] = Counter()
    react = reactor.react

    async def counting(services: Services, row: Row) -> Any:
        done[row.id] += 1
        return await react(services, row)

    monkeypatch.setattr(reactor, "react", counting)
    return done


async def _settled(nodes: Sequence[Live]) -> None:
    async def all_done() -> bool:
        waiting = await nodes[0].services.log.reaction_queue.find_unreacted(1_000)
        return not waiting and all(node.services.log.quiet for node in nodes)

    await until(all_done)


async def test_two_nodes_never_do_the_same_reaction_twice(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = _count_reactions(monkeypatch)
    # A busy machine may well take longer than a fifth of a second over a row.
    here, _ = both = await nodes(2, pace=replace(QUICK, patience_s=10))
    teacher = await here.teacher()
    room = (await teacher.make_course())["id"]
    students = [seen_from(node, await here.student()) for node in both * 3]

    async def come_and_go(student: Any) -> None:
        for _ in range(4):
            for node in both:  # the sweep runs all the time
                node.services.log.reaction_queue.mend_soon()
            await student.enroll(room)
            await student.command("enrollment.leave", course=room)

    await asyncio.gather(*(come_and_go(student) for student in students))
    await _settled(both)
    assert len(done) >= 48
    assert set(done.values()) == {1}


async def test_what_a_dead_node_left_is_done_by_another_one_once(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = both = await nodes(2)
    teacher, student = await here.teacher(), await here.student()
    course = await teacher.make_course()
    await _settled(both)
    # It stores, and does not live to react.
    monkeypatch.setattr(here.node.reactor, "work_off", _nothing)
    done = _count_reactions(monkeypatch)
    holder = next(node for node in both if node.services.chores.held)
    if holder is here:
        await here.services.chores.release()
        await until(lambda: there.services.chores.held)
    enrolling = asyncio.create_task(student.enroll(course))
    await until(lambda: bool(here.services.log.reaction_queue.unreacted))
    here.services.log.reaction_queue.let_go(list(here.services.log.reaction_queue.unreacted))
    await enrolling
    there.services.log.reaction_queue.mend_soon()
    at_home = await seen_from(there, student).connect()
    await at_home.do("ping")

    async def told() -> bool:
        page = await seen_from(there, student).command("notification.list")
        return bool(page["notices"])

    await until(told)
    assert set(done.values()) == {1}


async def _nothing() -> None:
    pass


async def test_a_node_that_stops_hands_its_chores_over(nodes: Nodes) -> None:
    here, there = await nodes(2)
    holder, other = (here, there) if here.services.chores.held else (there, here)
    assert holder.services.chores.held
    await holder.services.chores.release()
    await until(lambda: other.services.chores.held)
