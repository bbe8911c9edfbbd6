"""A8: many write into one room over two nodes; there is one order, whatever the clocks say."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from elearn.services import utc_now
from tests.faults.client import Client, write_messages
from tests.faults.ledger import Ledger, judge
from tests.faults.nodes import write_stored
from tests.live import CommandRefused, Live
from tests.nodes.conftest import Nodes, seen_from

WRITERS, MESSAGES = 20, 25


def an_hour_ago() -> datetime:
    return utc_now() - timedelta(hours=1)


async def write_over_two_nodes(
    here: Live, there: Live, folder: Path, uri: str, *, writers: int, messages: int, seed: int = 8
) -> None:
    """`writers` people, half of them on each node, write `messages` each and listen all along."""
    teacher = await here.teacher()
    room = (await teacher.make_course())["id"]
    clients = []
    for number in range(writers):
        node = (here, there)[number % 2]
        student = await node.student()
        await student.enroll(room)
        port, token = node.node.port, student.token
        ledger = Ledger(folder, f"writer-{number}")
        clients.append(
            Client(ledger, lambda port=port: port, lambda token=token: token, room, seed + number)
        )
    await asyncio.gather(*(client.ready.wait() for client in clients))

    await asyncio.gather(
        *(write_messages(one, str(number), messages) for number, one in enumerate(clients))
    )
    newest = write_stored(folder, uri, room, here.services.config.mongodb_database)
    for client in clients:
        await client.reach(newest)
    for client in clients:
        await client.close()
    found = judge(folder)
    assert found.clean, found.wrong[:5]
    assert found.acked == found.stored == writers * messages
    assert found.delivered == writers * found.stored
    assert found.reconnects == 0


async def test_a8_two_nodes_store_one_order_that_everyone_sees(
    nodes: Nodes, mongodb_uri: str, tmp_path: Path
) -> None:
    here, there = await nodes(2, clocks=(utc_now, an_hour_ago))
    folder = tmp_path / "ledgers"
    folder.mkdir()
    await write_over_two_nodes(here, there, folder, mongodb_uri, writers=WRITERS, messages=MESSAGES)


async def test_a8_a_token_from_within_an_hour_ahead_is_taken_and_none_from_later(
    nodes: Nodes,
) -> None:
    here, there, far = await nodes(
        3, clocks=(utc_now, an_hour_ago, lambda: utc_now() - timedelta(hours=2))
    )
    student = await here.student()
    assert (await seen_from(there, student).api("GET", "/api/me"))["user"]["id"] == student.id
    with pytest.raises(CommandRefused, match="invalid_token"):
        await seen_from(far, student).api("GET", "/api/me")
    assert (await there.student()).token


async def test_a8_clocks_that_are_seconds_apart_are_one(nodes: Nodes) -> None:
    here, there = await nodes(2, clocks=(utc_now, lambda: utc_now() - timedelta(seconds=25)))
    student = await here.student()
    assert (await seen_from(there, student).api("GET", "/api/me"))["user"]["id"] == student.id
