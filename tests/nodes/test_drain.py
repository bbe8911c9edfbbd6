"""A node that is told to stop: its people go to the others, in waves, and nothing is lost."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from elearn.ws.connections import Connections
from tests.faults.client import Client, write_messages
from tests.faults.ledger import Ledger, judge
from tests.faults.nodes import Node, Scene, write_stored
from tests.live import until
from tests.nodes.conftest import Nodes, seen_from

WRITERS, MESSAGES = 6, 40


class Told:
    """A connection that notes in which wave it was told to come back."""

    def __init__(self, said: list[str]) -> None:
        self._said = said

    def close_with(self, code: int, error: str, retry_after_ms: int | None = None) -> None:
        self._said.append(f"{code} {error}")


async def test_people_are_sent_away_in_waves(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    waves: list[int] = []
    connections = Connections(0)
    for _ in range(450):
        connections.add(Told(said))

    async def pause(delay_s: float) -> None:
        assert delay_s == 0.1
        waves.append(len(said))

    monkeypatch.setattr("elearn.ws.connections.asyncio.sleep", pause)
    await connections.drain()
    assert waves == [200, 400]
    assert set(said) == {"1012 shutting_down"}
    assert connections.draining


async def test_a_node_that_drains_takes_nobody_and_says_so(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = await nodes(2)
    person = await here.student()
    client = await person.connect()
    await here.node.connections.drain()
    said = await client.last_words()
    assert (said["code"], said["reconnect"]) == (1012, "backoff")
    assert (await here.request("GET", "/readyz")).code == 503
    with pytest.raises(HTTPClientError, match="503"):
        await person.connect()
    await seen_from(there, person).connect()


async def test_a_stop_in_the_middle_of_the_work_loses_nothing(
    redis_url: str, tmp_path: Path, mongodb_uri: str, config: Any
) -> None:
    """A2 and A3 over two real nodes: one is told to stop and its people go on at the other."""
    settings = {"redis_url": redis_url, "mongodb_database": config.mongodb_database}
    first, second = (Node(tmp_path / name, mongodb_uri, **settings) for name in ("one", "two"))
    await asyncio.gather(first.start(), second.start())
    ports = [first.port]
    clients: list[Client] = []
    try:
        scene = Scene(first)
        await scene.set(students=WRITERS - 1)
        folder = tmp_path / "ledgers"
        folder.mkdir()
        for number, token in enumerate(scene.tokens):
            ledger = Ledger(folder, f"writer-{number}")

            def port(number: int = number) -> int:
                return ports[0] if len(ports) == 1 or number % 2 else second.port

            clients.append(
                Client(ledger, port, lambda token=token: token, scene.room, seed=number)  # type: ignore[misc]
            )
        await asyncio.gather(*(client.ready.wait() for client in clients))
        writing = asyncio.gather(
            *(write_messages(one, f"{place}", MESSAGES) for place, one in enumerate(clients))
        )
        await until(lambda: min(client.cursor for client in clients) > 30)
        ports[:] = [second.port]
        assert await first.end(signal.SIGTERM) == 0
        await writing
        newest = write_stored(folder, mongodb_uri, scene.room, config.mongodb_database)
        for client in clients:
            await client.reach(newest)
        await asyncio.gather(*(client.close() for client in clients))
        found = judge(folder)
        assert found.clean, found.wrong[:5]
        assert found.acked == WRITERS * MESSAGES
        assert set(found.codes) <= {1012, 1006}
        assert 1012 in found.codes
    finally:
        await asyncio.gather(first.end(), second.end())
