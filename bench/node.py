"""An elearn node for load: the real application, limits lifted, a store of its own.

python -m bench.node DIR [--uvloop] [--elasticsearch URL]
"""

import asyncio
import cProfile
import pstats
import sys
import time
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

from pymongo import monitoring
from rich.console import Console

from bench import catalogue, official
from bench.parts import Parts
from bench.scenes import StoreCalls, enrol_many
from bench.server import Json, memory_in_use, raise_file_limit, serve_jobs
from bench.wire import MARK
from elearn import log_lines as logs
from elearn.app import Node, bind, run_node
from elearn.config import Config
from elearn.events.base import Event, Row, event
from elearn.events.pushes import push_of
from elearn.log.log import Log
from elearn.log.new_events import NewEvent
from elearn.memory import collect_rarely, share_arenas
from elearn.models.ids import new_id
from elearn.ops import importing
from elearn.search.backend import Filters
from elearn.services import Services, open_services
from elearn.wire import protocol, topics
from elearn.ws.limits import Limits

# A crowd that is being set up does not answer pings.
LIMITS = Limits(ping_s=3600.0)

JOBS = (
    "open_topic",
    "publish",
    "enrol_many",
    "store_calls",
    "all_done",
    "memory",
    "insert",
    "stored",
    "import_courses",
    "engine",
    "client",
    "profile",
    "split",
    "put_courses",
    "rebuild",
    "indexes_follow",
    "wrong_courses",
    "drop_index",
)


@event("bench.said", "room", "course")
class BenchSaid(Event, frozen=True, kw_only=True):
    """As large as is asked for."""

    text: str


class NoStore:
    """Takes every row at once, so that what is left is elearn's own work."""

    @property
    def events(self) -> "NoStore":
        return self

    async def insert_many(self, documents: list[Json], ordered: bool) -> None:
        pass

    async def find_one(self, *args: Any, **kwargs: Any) -> None:
        return None


class Nobody:
    """Keeps a topic listened to."""

    def send(self, frame: bytes) -> None:
        pass

    def signal(self, topic: str, row: object) -> None:
        pass


class Jobs:
    def __init__(self, node: Node, calls: StoreCalls) -> None:
        self._node = node
        self._calls = calls
        self._services: Services = node.services
        self._log = Log(NoStore(), self._services.hub, self._services.clock)
        self._profile = cProfile.Profile()

    async def open_topic(self, topic: str) -> Json:
        """Let the log without a store publish on a topic that sockets listen to."""
        for name, loop in self._log.loops().items():
            self._services.tasks.spawn(f"bench.{name}", loop)
        await self._log.watch([topic], Nobody())
        return {}

    async def publish(self, topic: str, count: int, size: int) -> Json:
        """Append rows through the appender, the log and the hub; `size` is that of the payload."""
        text = self._text(topic, size)
        await self._log.append_all([self._draft(topic, text) for _ in range(count)])
        return {}

    def _draft(self, topic: str, text: str) -> NewEvent:
        return NewEvent(topic, BenchSaid(text=text), "bench", new_id(), reacts=False)

    def _text(self, topic: str, size: int) -> str:
        now = self._services.clock()
        row = Row(topic, 1000, 0, BenchSaid(text=""), "bench", "", "", now, True)
        rest = len(protocol.encode(push_of(row)))
        return MARK.decode() + "x" * (size - rest - len(MARK))

    async def insert(self, seconds: float, size: int) -> Json:
        """Plain inserts, one after another, on the same store."""
        collection = self._services.db.bench
        text, count, began = "x" * size, 0, time.monotonic()
        while time.monotonic() - began < seconds:
            await collection.insert_one({"_id": new_id(), "text": text})
            count += 1
        return {"count": count, "per_s": count / (time.monotonic() - began)}

    async def enrol_many(self, course: str, count: int, tokens: int) -> Json:
        return await enrol_many(self._services, course, count, tokens)

    async def store_calls(self) -> Json:
        """What the store was asked since the last time, and how long this process has run."""
        counts = dict(self._calls.counts)
        self._calls.counts.clear()
        return {"calls": counts, "cpu_s": time.process_time()}

    async def all_done(self) -> Json:
        """When everything stored here is applied, published and reacted to."""
        while not self._services.log.quiet:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.001)
        return {}

    async def memory(self) -> Json:
        return memory_in_use()

    async def stored(self, rooms: list[str]) -> Json:
        """The messages that the store holds in these rooms."""
        found = [
            await self._services.db.events.find_one(
                {"topic": topics.room(room)}, sort=[("seq", -1)]
            )
            for room in rooms
        ]
        return {"messages": sum(row["n"] for row in found if row)}

    async def import_courses(self, file: str) -> Json:
        began = time.monotonic()
        report = await importing.import_file(
            self._services,
            Path(file),
            teacher=None,
            published=True,
            dry_run=False,
            console=Console(quiet=True),
        )
        imported = time.monotonic()
        # The index tells nobody how far it is.
        while not await self._search_follows():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await self._services.search.refresh()
        return {
            "courses": report.result.created,
            "import_s": imported - began,
            "indexed_s": time.monotonic() - imported,
        }

    async def _search_follows(self) -> bool:
        cursor = await self._services.search.cursor()
        head = await self._services.log.head(topics.CATALOG)
        return self._services.log.quiet and cursor is not None and cursor.seq >= head.seq

    async def engine(self, queries: list[str], limit: int) -> Json:
        """The search engine alone, asked in this process."""
        times = []
        for query in queries:
            began = time.perf_counter()
            await self._services.search.suggest(query, Filters(), limit)
            times.append(time.perf_counter() - began)
        return {"times": times}

    async def client(self, queries: list[str], limit: int) -> Json:
        """Elasticsearch's client alone, in this process, with the requests of the queries."""
        config = self._services.config
        times = await official.suggest_times(
            str(config.elasticsearch_url), config.elasticsearch_index, queries, limit
        )
        return {"times": times}

    async def profile(self, on: bool) -> Json:
        """Begin profiling this process's loop, or end it and say what took the time."""
        if on:
            self._profile.enable()
            return {}
        self._profile.disable()
        text = StringIO()
        pstats.Stats(self._profile, stream=text).sort_stats("tottime").print_stats(35)
        self._profile = cProfile.Profile()
        return {"profile": text.getvalue()}

    async def split(self, on: bool) -> Json:
        """Begin taking the times of a message's parts, or end it and say them."""
        if on:
            self._parts = Parts(self._services)
            return {}
        return self._parts.end()

    async def put_courses(self, file: str, count: int, owner: str) -> Json:
        return await catalogue.put_courses(self._node, file, count, owner)

    async def rebuild(self) -> Json:
        return await catalogue.rebuild(self._node)

    async def indexes_follow(self, within_s: float) -> Json:
        return await catalogue.indexes_follow(self._node, within_s)

    async def wrong_courses(self, within_s: float) -> Json:
        return await catalogue.wrong_courses(self._node, within_s)

    async def drop_index(self) -> Json:
        return await catalogue.drop_index(self._node)

    def table(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in JOBS}


async def main(folder: Path, elasticsearch: str | None) -> None:
    config = Config(
        port=0,
        data_dir=folder,
        elasticsearch_url=elasticsearch,
        elasticsearch_index=f"elearn-bench-{new_id()}",
        secret_key=b"a secret for the length of a bench",
        bcrypt_cost=4,
        commands_per_s=0,
        chat_per_10s=0,
        posts_per_min=0,
        moves_per_min=0,
        sockets_per_user=0,
        connects_per_s=0,
        signups_per_h=0,
        api_per_min=0,
    )
    logs.set_up("error", "text")
    share_arenas()
    calls = StoreCalls()
    monitoring.register(calls)
    sockets = bind(config)
    # A browser's origin has the port.
    config = replace(config, port=sockets[0].getsockname()[1])
    async with (
        open_services(config) as services,
        run_node(services, sockets, limits=LIMITS) as node,
    ):
        collect_rarely()
        await serve_jobs(node.port, Jobs(node, calls).table())


if __name__ == "__main__":
    raise_file_limit()
    if "--uvloop" in sys.argv:
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    named = "--elasticsearch" in sys.argv
    address = sys.argv[sys.argv.index("--elasticsearch") + 1] if named else None
    asyncio.run(main(Path(sys.argv[1]), address))
