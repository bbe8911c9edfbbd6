"""A2, A8, A9 over two nodes: one stopped after the other, a clock set back, Redis that is away or
loses something."""

import asyncio
import signal
from functools import partial

from tests.faults.client import Client, write_messages
from tests.faults.ground import Ground, Play, all_ready, playing
from tests.faults.ledger import Judgement
from tests.faults.nodes import ApiError, Node
from tests.faults.pair import Pair, pair_of_nodes
from tests.live import until


async def a8_a_clock_is_late(
    ground: Ground, seed: int, clock: dict[str, str], *, writers: int, messages: int
) -> tuple[Judgement, dict[str, float]]:
    """`writers` people, half of them on a node whose clock is set back an hour, write `messages`
    each into one room, and listen."""
    async with (
        pair_of_nodes(ground, f"a8-{seed}", clock) as pair,
        playing(ground, "a8", seed, pair.first) as play,
    ):
        there = await play.scene.enroll_students(1, pair.second)
        assert await _asked(pair.second, play.scene.tokens[0]) == 200
        assert await _asked(pair.first, there[0]) == 401  # its quarter of an hour is over here
        clients = []
        for number in range(writers):
            here = number % 2 == 0
            person = number % 4 if here else len(play.scene.tokens) - 1
            clients.append(play.client(f"writer-{number}", person, pair.port(number)))
        await all_ready(clients)
        await _all_write(clients, messages)
        return await play.judged(), {"writers": float(writers)}


async def _asked(node: Node, token: str) -> int:
    try:
        await node.api("GET", "/api/me", token=token)
    except ApiError as refused:
        return refused.status
    return 200


async def _all_write(clients: list[Client], messages: int, per_s: float = 0.0) -> None:
    async with asyncio.TaskGroup() as group:
        for number, client in enumerate(clients):
            group.create_task(
                write_messages(client, f"m{number}", messages, per_s=per_s / len(clients))
            )


async def a9_redis_is_away(
    ground: Ground, seed: int, *, writers: int, messages: int, away_s: float
) -> tuple[Judgement, dict[str, float]]:
    """Redis ends in the middle of the writing and comes back; at the time everyone is whole while
    it is away, because the nodes then look for themselves."""
    async with (
        pair_of_nodes(ground, f"a9-{seed}") as pair,
        playing(ground, "a9", seed, pair.first) as play,
    ):
        clients = await _on_both(play, pair, writers)
        loop = asyncio.get_running_loop()
        per_s = writers * messages / (away_s + 4)
        writing = asyncio.create_task(_all_write(clients, messages, per_s))
        await asyncio.sleep(1)
        pair.redis.stop()
        ended = loop.time()
        behind = 0
        while loop.time() < ended + away_s:
            cursors = [client.cursor for client in clients]
            behind = max(behind, max(cursors) - min(cursors))
            await asyncio.sleep(0.05)
        assert not await _hears(pair.first), "it took Redis for alive"
        pair.redis.start()
        back = loop.time()
        for node in pair.nodes:
            await until(partial(_hears, node), 20)
        figures = {"behind_most": float(behind), "heard_again_s": loop.time() - back}
        await writing
        return await play.judged(), figures


async def a9_a_message_is_swallowed(
    ground: Ground, seed: int
) -> tuple[Judgement, dict[str, float]]:
    """Everything that tells the second node of one message is lost, and its line stays open."""
    async with (
        pair_of_nodes(ground, f"a9-swallowed-{seed}") as pair,
        playing(ground, "a9-swallowed", seed, pair.first) as play,
    ):
        here, there = await _on_both(play, pair, 2)
        await here.say("before")
        await there.reach(here.cursor, 5)
        line = pair.lines[1]
        lines_before, line.lost = line.accepted, play.scene.room.encode()
        await here.say("lost")
        await until(lambda: line.swallowed >= 2)  # the copy, and how far the room is
        line.lost = None
        loop = asyncio.get_running_loop()
        began = loop.time()
        await there.reach(here.cursor, 40)
        assert line.accepted == lines_before, "the line to Redis was opened anew"
        return await play.judged(), {"noticed_s": loop.time() - began}


async def a2_one_after_the_other(
    ground: Ground, seed: int, *, people: int, messages: int, rounds: int
) -> tuple[Judgement, dict[str, float]]:
    """Each node in turn is told to stop under load and started again: people go on at the other.
    What follows from the acts (an update's notices) is done, by whichever node."""
    async with (
        pair_of_nodes(ground, f"a2-{seed}") as pair,
        playing(ground, "a2-two", seed, pair.first) as play,
    ):
        open_nodes = list(pair.nodes)

        def port() -> int:
            return play.random.choice(open_nodes).port

        clients = [play.client(f"writer-{n}", 1 + n % 3, port) for n in range(people)]
        await all_ready(clients)
        per_s = people * messages / (2.5 * rounds * 2)
        writing = asyncio.create_task(_all_write(clients, messages, per_s))
        updates = 0
        for _ in range(rounds):
            for node, other in (pair.nodes, pair.nodes[::-1]):
                await asyncio.sleep(play.random.uniform(0.3, 0.8))
                publishing = asyncio.create_task(_publish(play, node, updates))
                await publishing
                updates += 1
                open_nodes[:] = [other]
                assert await node.end(signal.SIGTERM) == 0
                await node.start()
                open_nodes[:] = pair.nodes
        await writing
        found = await play.judged()
        figures = {"updates": float(updates), "reactions_left": 0.0}
        for node in pair.nodes:
            figures["reactions_left"] += (await node.metrics())["elearn_reactions_waiting"]
        figures["notices"] = await _notices(play, pair.first)
        if figures["reactions_left"] or figures["notices"] != updates:
            found.wrong.append("not everything that follows was done once")
        return found, figures


async def _publish(play: Play, node: Node, number: int) -> None:
    update = {"kind": "announcement", "title": f"Update {number}", "body": "Read on."}
    course, teacher = play.scene.room, play.scene.tokens[0]
    await node.command(teacher, "update.publish", f"update-{number}", course=course, **update)


async def _notices(play: Play, node: Node) -> float:
    page = await node.command(play.scene.tokens[1], "notification.list", "list")
    return float(sum("Update" in notice["title"] for notice in page["notices"]))


async def _on_both(play: Play, pair: Pair, count: int) -> list[Client]:
    clients = [play.client(f"writer-{n}", 1 + n % 3, pair.port(n)) for n in range(count)]
    await all_ready(clients)
    return clients


async def _hears(node: Node) -> bool:
    return (await node.metrics())["elearn_redis_heard"] == 1
