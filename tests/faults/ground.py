"""What a case stands on: a store, a server, a course, proxies between them, and the ledgers."""

import asyncio
import contextlib
import os
import random
import resource
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from elearn.embedded.files import StoreFiles
from elearn.embedded.process import store_pid
from elearn.embedded.store import join_store
from tests.faults.client import Client
from tests.faults.ledger import Judgement, Ledger, judge
from tests.faults.nodes import Node, Scene, write_stored
from tests.faults.store_proxy import StoreProxy


class Ground:
    """The embedded store held for a whole run of cases, and one server that they share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lease = join_store(folder)
        self.uri = self._lease.uri
        self.node = Node(folder / "node", self.uri)

    async def close(self) -> None:
        try:
            await self.node.end()
        finally:
            self._lease.close()

    def signal_store(self, number: int) -> None:
        """To the store's process itself; its keeper starts one anew that ended."""
        os.kill(self._store_pid(), number)

    def fill_disk(self, *, full: bool = True) -> None:
        """The store finds no room for another byte, and nobody else is disturbed."""
        pid = self._store_pid()
        _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1 if full else most, most))

    def _store_pid(self) -> int:
        pid = store_pid(StoreFiles(self.folder))
        assert pid is not None, "the store does not run"
        return pid

    def uri_through(self, port: int) -> str:
        head, _, tail = self.uri.partition("127.0.0.1:")
        return f"{head}127.0.0.1:{port}/{tail.partition('/')[2]}"


class Play:
    """One case: its room, its clients, its ledgers, its seed."""

    def __init__(self, ground: Ground, node: Node, folder: Path, seed: int) -> None:
        self.ground, self.node, self.folder, self.seed = ground, node, folder, seed
        self.random = random.Random(seed)
        self.scene = Scene(node)
        self.clients: list[Client] = []

    def client(
        self, name: str, person: int, port: Callable[[], int], *, listens: bool = True
    ) -> Client:
        """`person` 0 is the teacher, from 1 on the students."""
        tokens = self.scene.tokens
        client = Client(
            Ledger(self.folder, name),
            port,
            lambda: tokens[person % len(tokens)],
            self.scene.room,
            self.random.randrange(2**32),
            listens=listens,
        )
        self.clients.append(client)
        return client

    async def subscribers(self, count: int, port: Callable[[], int]) -> list[Client]:
        found = [self.client(f"reader-{n}", 1 + n % 3, port) for n in range(count)]
        await all_ready(found)
        return found

    async def judged(self) -> Judgement:
        """Wait until every subscriber has what the store holds, then read the files."""
        stored = await asyncio.to_thread(
            write_stored, self.folder, self.ground.uri, self.scene.room
        )
        listening = [client for client in self.clients if client._listens]
        with contextlib.suppress(TimeoutError):
            await asyncio.gather(*(client.reach(stored, 30) for client in listening))
        for client in self.clients:
            await client.close()
        return judge(self.folder)


async def all_ready(clients: list[Client], limit_s: float = 30.0) -> None:
    async with asyncio.timeout(limit_s):
        await asyncio.gather(*(client.ready.wait() for client in clients))


@asynccontextmanager
async def playing(
    ground: Ground, name: str, seed: int, node: Node | None = None
) -> AsyncIterator[Play]:
    """A scene of one case. The ledgers of a case that failed stay in the ground's folder."""
    folder = ground.folder / f"{name}-{seed}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    play = Play(ground, node or ground.node, folder, seed)
    await play.scene.set()
    try:
        yield play
    finally:
        for client in play.clients:
            await client.close()


@asynccontextmanager
async def on_proxied_store(ground: Ground, name: str) -> AsyncIterator[tuple[Node, StoreProxy]]:
    """One more server on the same store, which it reaches through a proxy alone."""
    port = int(ground.uri.partition("127.0.0.1:")[2].partition("/")[0])
    async with StoreProxy(port) as line:
        node = Node(ground.folder / f"node-{name}", ground.uri_through(line.port))
        await node.start()
        try:
            yield node, line
        finally:
            line.resume()
            line.rules.clear()
            await node.end(signal.SIGKILL)
