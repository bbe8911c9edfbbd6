"""A11: Elasticsearch refuses, is stalled, or is sent to and never heard of again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from pymongo import MongoClient

from elearn.errors import SearchUnavailable
from elearn.search.elastic import ElasticSearch
from tests.faults.client import Client
from tests.faults.continuity import write
from tests.faults.ground import Ground, Play, playing
from tests.faults.ledger import Judgement
from tests.faults.nodes import Node
from tests.faults.proxy import Proxy

BACK_LIMIT_S = 60.0
PUBLISH_EVERY_S = 0.2


async def a11_elasticsearch_is_away(
    ground: Ground, seed: int, url: str, how: str, *, messages: int, away_s: float
) -> tuple[Judgement, dict[str, float]]:
    """Elasticsearch `refuses`, is `stalled`, or what is sent to it is `swallowed`.

    Searches go on, reduced, and find what is published meanwhile; chat and enrolment go on as
    ever; afterwards the index holds every course of the catalogue as it is.
    """
    async with (
        _on_proxied_engine(ground, seed, url, how) as (node, line, engine),
        playing(ground, f"a11-{how}", seed, node) as play,
    ):
        readers = await play.subscribers(2, lambda: node.port)
        await _reaches(engine, ground)
        writing = asyncio.create_task(write(play, lambda: node.port, messages, per_s=100))
        {"refuses": line.refuse, "stalled": line.stall, "swallowed": line.drop}[how]()
        figures = await _meanwhile(play, readers[0], away_s)
        line.resume()
        if how == "swallowed":
            # Whoever still waits on such a line hears that it is gone when the other side is back.
            line.cut_all()
        loop = asyncio.get_running_loop()
        back = loop.time()
        await _reaches(engine, ground)
        figures["caught_up_s"] = loop.time() - back
        await _whole_again(readers[0])
        figures["whole_s"] = loop.time() - back
        await writing
        return await play.judged(), figures


@asynccontextmanager
async def _on_proxied_engine(
    ground: Ground, seed: int, url: str, how: str
) -> AsyncIterator[tuple[Node, Proxy, ElasticSearch]]:
    """One more server, with an Elasticsearch that it reaches through a proxy alone."""
    name = f"elearn-a11-{how}-{seed}"
    engine = ElasticSearch(url, name)
    async with Proxy(urlsplit(url).port or 9200) as line:
        node = Node(
            ground.folder / f"node-{name}",
            ground.uri,
            elasticsearch_url=f"http://127.0.0.1:{line.port}",
            elasticsearch_index=name,
        )
        await node.start()
        try:
            yield node, line, engine
        finally:
            line.resume()
            await node.end()
            await engine.drop()
            await engine.close()


async def _publish(play: Play, name: str, *, until: Callable[[], bool]) -> int:
    """Courses called `name` and their number, until it is enough; how many."""
    made = 0
    while not made or not until():
        made += 1
        course = {"title": f"{name} {made}", "published": True}
        await play.node.api("POST", "/api/courses", course, play.scene.tokens[0])
        await asyncio.sleep(PUBLISH_EVERY_S)
    return made


async def _meanwhile(play: Play, client: Client, away_s: float) -> dict[str, float]:
    """Search all the time, publish and enrol now and then."""
    loop = asyncio.get_running_loop()
    over = loop.time() + away_s
    times: list[float] = []
    searching = asyncio.create_task(_search(client, lambda: loop.time() > over, times))
    published = await _publish(play, "meanwhile", until=lambda: loop.time() > over)
    await searching
    found = await client.ask("search.courses", q=f"meanwhile {published}")
    while not any(hit["title"] == f"meanwhile {published}" for hit in found["hits"]):
        assert loop.time() < over + 2, "what was published was not found within two seconds"
        await asyncio.sleep(0.05)
        found = await client.ask("search.courses", q=f"meanwhile {published}")
    assert found["reduced"]
    course = found["hits"][0]["id"]
    await play.scene.command(
        play.scene.tokens[1], "enrollment.enroll", f"a11-{play.seed}", course=course
    )
    times.sort()
    return {
        "published": float(published),
        "searches": float(len(times)),
        "search_p50_ms": 1000 * times[len(times) // 2],
        "search_p95_ms": 1000 * times[len(times) * 95 // 100],
        "search_p99_ms": 1000 * times[len(times) * 99 // 100],
        "search_slowest_ms": 1000 * times[-1],
    }


async def _search(client: Client, over: Callable[[], bool], times: list[float]) -> None:
    loop = asyncio.get_running_loop()
    while not over():
        began = loop.time()
        found = await client.ask("search.suggest", q="continuity")
        times.append(loop.time() - began)
        assert found["reduced"], "an engine that is away answered"
        assert found["hits"][0]["title"] == "Continuity"
        await asyncio.sleep(0.02)


async def _reaches(engine: ElasticSearch, ground: Ground) -> None:
    """Return when the index holds the courses of the catalogue, and none in an older version."""
    published = await asyncio.to_thread(_published, ground.uri)
    async with asyncio.timeout(BACK_LIMIT_S):
        while True:
            if await _holds(engine, published):
                return
            await asyncio.sleep(0.1)


async def _holds(engine: ElasticSearch, published: dict[str, int]) -> bool:
    try:
        await engine.refresh()
        held = await engine.held(list(published))
        return await engine.count() == len(held) == len(published) and all(
            held[id].version >= version for id, version in published.items()
        )
    except SearchUnavailable:  # there is no index yet
        return False


def _published(uri: str) -> dict[str, int]:
    """By course, the newest row of the catalogue that names it."""
    with MongoClient(uri) as client:
        found = client["elearn"].courses.find({"published": True}, {"_id": 1})
        versions = {str(course["_id"]): 0 for course in found}
        rows = client["elearn"].events.find({"topic": "catalog"}, {"data": 1, "seq": 1})
        for row in sorted(rows, key=lambda row: int(row["seq"])):
            if (id := row["data"].get("course", {}).get("id")) in versions:
                versions[id] = int(row["seq"])
    return versions


async def _whole_again(client: Client) -> None:
    async with asyncio.timeout(BACK_LIMIT_S):
        while True:
            if not (await client.ask("search.suggest", q="continuity"))["reduced"]:
                return
            await asyncio.sleep(0.1)
