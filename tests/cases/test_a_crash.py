"""A3: the node is killed in the middle of the work and started again."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClosedError

from elearn.config import Config
from elearn.wire import topics
from tests.error_log import require_no_errors
from tests.live import CommandRefused, Live, LiveClient, Person, until

WRITERS, MESSAGES = 4, 60
KILLED_AFTER = 80
# When the test is given up: on a busy machine a process takes its time to start.
LIMIT_S = 60


class Process:
    """`elearn serve` as people start it."""

    def __init__(self, data_dir: Path) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port: int = found.getsockname()[1]
        lifted = ("COMMANDS_PER_S", "CHAT_PER_10S", "SOCKETS_PER_USER", "SIGNUPS_PER_H")
        self._environment = {
            **{name: value for name, value in os.environ.items() if name[:7] != "ELEARN_"},
            **{f"ELEARN_{name}": "0" for name in (*lifted, "API_PER_MIN", "CONNECTS_PER_S")},
            "ELEARN_PORT": str(self.port),
            "ELEARN_DATA_DIR": str(data_dir),
            "ELEARN_BCRYPT_COST": "10",
        }
        self._log = data_dir / "server.log"

    async def start(self) -> None:
        """Return when it says that it accepts connections."""
        with self._log.open("a") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "elearn", "serve"),
                env=self._environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        async with asyncio.timeout(LIMIT_S):
            line = await self._process.stdout.readline()
        assert str(self.port).encode() in line, line

    async def end(self, how: signal.Signals) -> int:
        self._process.send_signal(how)
        async with asyncio.timeout(LIMIT_S):
            code = await self._process.wait()
        require_no_errors(self._log.read_text())
        return code

    def live(self) -> Live:
        services = SimpleNamespace(config=Config(port=self.port))
        node: Any = SimpleNamespace(services=services, port=self.port)
        return Live(node)


@asynccontextmanager
async def served_by_a_process(data_dir: Path) -> AsyncIterator[tuple[Process, Live]]:
    process = Process(data_dir)
    await process.start()
    live = process.live()
    try:
        yield process, live
    finally:
        await live.close()
        assert await process.end(signal.SIGTERM) == 0


# A write may come before the reader has noticed that the line is gone.
BROKEN = (AssertionError, OSError, HTTPClientError, TimeoutError, WebSocketClosedError)


async def connected(person: Person) -> LiveClient:
    """A socket, as soon as there is somebody to connect to."""
    while True:
        with suppress(*BROKEN):
            return await person.connect()
        await asyncio.sleep(0.02)


class Ledger:
    """What was acknowledged, and what each listener finally held."""

    def __init__(self) -> None:
        self.acked: dict[str, int] = {}
        self.heard: list[list[tuple[int, str]]] = []
        self.codes: set[int | None] = set()

    async def write(self, writer: int, person: Person, room: str) -> None:
        client = await connected(person)
        for number in range(MESSAGES):
            text = f"{writer}/{number}"
            while text not in self.acked:
                try:
                    sent = await client.do("chat.post", key=text, room=room, body=text)
                    self.acked[text] = sent["message"]["seq"]
                except CommandRefused as error:
                    if error.status != 503:
                        raise
                except BROKEN:
                    self.codes.add(client.close_code)
                    client = await connected(person)

    async def listen(self, person: Person, topic: str) -> None:
        held: list[tuple[int, str]] = []
        self.heard.append(held)
        cursor, epoch = 0, ""
        while len(held) < WRITERS * MESSAGES:
            client = await connected(person)
            epoch = epoch or client.hello["epoch"]
            with suppress(*BROKEN):
                answer = await client.join(topic, cursor=cursor, epoch=epoch)
                assert answer["recovered"], answer
                for push in answer["events"]:
                    cursor = self._take(held, cursor, push)
                while len(held) < WRITERS * MESSAGES:
                    cursor = self._take(held, cursor, await client.expect("chat.posted"))

    def _take(self, held: list[tuple[int, str]], cursor: int, push: dict[str, Any]) -> int:
        if push["seq"] > cursor:
            held.append((push["seq"], push["data"]["message"]["body"]))
        return max(cursor, push["seq"])


async def test_a3_a_killed_node_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    async with served_by_a_process(tmp_path) as (process, live):
        teacher = await live.teacher()
        room = (await teacher.make_course())["id"]
        ledger = Ledger()
        work = [ledger.listen(teacher, topics.room(room)) for _ in range(3)]
        work += [ledger.write(number, teacher, room) for number in range(WRITERS)]
        running = asyncio.gather(*work)
        await until(lambda: len(ledger.acked) >= KILLED_AFTER or running.done())
        assert not running.done()
        await process.end(signal.SIGKILL)
        await process.start()
        async with asyncio.timeout(LIMIT_S):
            await running

        everything = sorted((seq, text) for text, seq in ledger.acked.items())
        assert len(everything) == WRITERS * MESSAGES
        assert [seq for seq, _ in everything] == list(range(1, WRITERS * MESSAGES + 1))
        assert ledger.heard == 3 * [everything]
        assert ledger.codes <= {None, 1006}
        history = await teacher.command("chat.history", room=room, limit=100)
        assert [message["body"] for message in history["messages"]] == [
            text for _, text in everything[-100:]
        ]
