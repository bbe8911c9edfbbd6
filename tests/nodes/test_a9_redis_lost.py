"""A9: Redis only carries; what it loses is read from the log."""

from dataclasses import replace

import pytest

from elearn.delivery.broker import Copy, Pace
from tests.live import Json, Live, LiveClient, Person, until
from tests.nodes.conftest import NEVER, QUICK, Nodes, hearing, seen_from
from tests.redis_server import RedisServer


async def _at_two_nodes(here: Live, there: Live) -> tuple[str, LiveClient, LiveClient, Person]:
    """The room, and its teacher's sockets on each node."""
    teacher = await here.teacher()
    room = (await teacher.make_course())["id"]
    near, far = await teacher.connect(), await seen_from(there, teacher).connect()
    for client in (near, far):
        await client.join(f"room:{room}")
    return room, near, far, teacher


async def _next_bodies(client: LiveClient, count: int) -> list[str]:
    pushes: list[Json] = [await client.expect("chat.posted") for _ in range(count)]
    seqs = [push["seq"] for push in pushes]
    assert seqs == list(range(seqs[0], seqs[0] + count))
    return [push["data"]["message"]["body"] for push in pushes]


async def _deaf(*nodes: Live) -> None:
    await until(lambda: not any(node.services.broker.hears for node in nodes))


async def test_a9_what_was_said_while_redis_was_away_is_heard_when_it_is_back(
    nodes: Nodes, own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("elearn.log.other_nodes.DEAF_CHECK_S", NEVER)
    monkeypatch.setattr("elearn.app.WAKE_S", NEVER)
    here, there = await nodes(2, redis=own_redis.url, pace=replace(QUICK, check_s=NEVER))
    room, near, far, _ = await _at_two_nodes(here, there)
    own_redis.stop()
    await _deaf(here, there)
    for number in range(5):
        await near.say(room, f"near {number}")
        await far.say(room, f"far {number}")
    assert len(await _next_bodies(near, 9)) == 9  # local delivery goes on; the last is unheard
    own_redis.start()
    await hearing(here, there)
    heard = await _next_bodies(far, 10)
    assert sorted(heard) == sorted([f"{where} {n}" for where in ("near", "far") for n in range(5)])
    assert await _next_bodies(near, 1) == heard[-1:]


async def test_a9_without_redis_the_nodes_hear_of_each_other_through_the_store(
    nodes: Nodes, own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("elearn.log.other_nodes.DEAF_CHECK_S", NEVER)
    here, there = await nodes(2, redis=own_redis.url, pace=replace(QUICK, check_s=NEVER))
    room, near, far, _ = await _at_two_nodes(here, there)
    own_redis.stop()
    await _deaf(here, there)
    await near.say(room, "anybody there?")
    assert await _next_bodies(far, 1) == ["anybody there?"]


async def test_a9_one_that_swallowed_a_message_notices_by_the_next(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = await nodes(2, pace=replace(QUICK, check_s=NEVER))
    room, near, far, _ = await _at_two_nodes(here, there)
    swallowed = _swallow(there, monkeypatch)
    await near.say(room, "lost")
    await until(lambda: len(swallowed) >= 2)
    monkeypatch.undo()
    await near.say(room, "after it")
    assert await _next_bodies(far, 2) == ["lost", "after it"]


async def test_a9_a_swallowed_message_in_a_room_that_falls_silent_is_noticed(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = await nodes(2, pace=replace(QUICK, check_s=0.3))
    room, near, far, _ = await _at_two_nodes(here, there)
    swallowed = _swallow(there, monkeypatch)
    await near.say(room, "lost")
    await until(lambda: len(swallowed) >= 2)
    assert await _next_bodies(far, 1) == ["lost"]
    assert Pace().check_s <= 35


def _swallow(node: Live, monkeypatch: pytest.MonkeyPatch) -> list[Copy]:
    """What reaches the node from the others is lost from now on, copies and heads alike."""
    swallowed: list[Copy] = []
    monkeypatch.setattr(node.services.log.other_nodes, "receive", swallowed.append)
    return swallowed


async def test_one_who_comes_to_a_node_that_hears_nothing_gets_what_is_stored(
    nodes: Nodes, own_redis: RedisServer
) -> None:
    here, there = await nodes(2, redis=own_redis.url)
    room, near, _, teacher = await _at_two_nodes(here, there)
    own_redis.stop()
    await _deaf(here, there)
    seq = (await near.say(room, "said meanwhile"))["seq"]
    late = await seen_from(there, teacher).connect()
    answer = await late.join(f"room:{room}", cursor=seq - 1, epoch=late.hello["epoch"])
    assert answer["recovered"]
    assert [event["seq"] for event in answer["events"]] == [seq]


async def test_a_node_serves_without_redis_and_says_whether_it_is_heard(
    nodes: Nodes, own_redis: RedisServer
) -> None:
    (here,) = await nodes(1, redis=own_redis.url)
    assert await _shown(here) == (True, 1)
    own_redis.stop()
    await _deaf(here)
    assert await _shown(here) == (False, 0)
    own_redis.start()
    await hearing(here)
    assert await _shown(here) == (True, 1)


async def _shown(node: Live) -> tuple[bool, float | None]:
    """Whether Redis is heard, as `/readyz` and `/metrics` say it; the node is ready all along."""
    ready = await node.api("GET", "/readyz")
    assert ready["status"] == "ready"
    return ready["redis"], node.services.metrics.registry.get_sample_value("elearn_redis_heard")
