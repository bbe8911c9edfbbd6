"""Search while Elasticsearch is silent or refuses: answered from the index beside it, and said."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from elearn.config import Config
from tests.conftest import served
from tests.faults.proxy import Proxy
from tests.live import Live

LIMIT_S = 0.3


@asynccontextmanager
async def silent_engine() -> AsyncIterator[int]:
    """The port of something that takes requests and never answers."""
    served: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(writer)
        await reader.read()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in served:
            writer.close()


@asynccontextmanager
async def beside_an_engine_that(
    how: str, config: Config, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Live]:
    monkeypatch.setattr("elearn.search.guarded.OPEN_S", 0.05)
    monkeypatch.setattr("elearn.indexing.following.START_S", 0.05)
    async with silent_engine() as port, Proxy(port) as line:
        if how == "refuses":
            line.refuse()
        url = f"http://127.0.0.1:{line.port}"
        async with served(config, elasticsearch_url=url) as live:
            yield live


@pytest.fixture(params=["refuses", "is silent"])
def how(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


async def test_a_node_starts_and_searches_without_elasticsearch(
    config: Config, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    async with beside_an_engine_that(how, config, monkeypatch) as live:
        teacher = await live.teacher()
        course = await teacher.make_course("Organic Chemistry", subject="Chemistry", capacity=3)
        await live.spare_follows()
        client = await live.connect("/ws/search")
        for _ in range(6):
            begun = time.perf_counter()
            found = await client.do("search.suggest", q="organic chemestry")
            assert time.perf_counter() - begun < LIMIT_S
            assert found["reduced"] is True
            assert [hit["id"] for hit in found["hits"]] == [course["id"]]
        page = await client.do("search.courses", q="chemistry")
        assert (page["reduced"], page["total"]) == (True, 1)
        assert page["facets"]["subject"] == [{"value": "Chemistry", "count": 1}]
        assert page["hits"][0]["seats_left"] == 3


@pytest.mark.parametrize("command", ["search.suggest", "search.courses"])
async def test_an_answer_that_finds_nothing_waits_for_the_engine_once(
    config: Config, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    async with beside_an_engine_that("is silent", config, monkeypatch) as live:
        course = await (await live.teacher()).make_course("Organic Chemistry")
        await live.spare_follows()
        client = await live.connect("/ws/search")
        assert live.services.engines.guard is not None
        failed = 0

        def count() -> None:
            nonlocal failed
            failed += 1

        monkeypatch.setattr(live.services.engines.guard.breaker, "failed", count)
        found = await client.do(command, q="xqzvw")
        assert ([hit["id"] for hit in found["popular"]], found["hits"]) == ([course["id"]], [])
        assert found["reduced"] is True
        assert failed == 1


async def test_the_pages_say_it_calmly_and_without_the_engines_words(
    config: Config, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    async with beside_an_engine_that(how, config, monkeypatch) as live:
        await (await live.teacher()).make_course("Organic Chemistry")
        await live.spare_follows()
        response = await live.request("GET", "/courses?q=organic", headers={"Accept": "text/html"})
        page = response.body.decode()
        assert response.code == 200
        assert '<p class="form-note is-warn">Search is running in reduced mode' in page
        assert "Organic Chemistry" in page
        assert not [word for word in ("lastic", "Timeout", "refused") if word in page]


async def test_the_metrics_show_it(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    async with beside_an_engine_that("refuses", config, monkeypatch) as live:
        await (await live.teacher()).make_course("Botany")
        await live.spare_follows()
        for _ in range(4):
            await live.api("GET", "/api/courses")
        figures = (await live.request("GET", "/metrics")).body.decode()
        assert "\nelearn_search_reduced 1.0" in figures
        assert "\nelearn_search_reduced_answers_total 4.0" in figures


async def test_readiness_says_that_search_is_reduced(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with beside_an_engine_that("refuses", config, monkeypatch) as live:
        ready = await live.api("GET", "/readyz")
        assert (ready["status"], ready["search"], ready["reduced"]) == ("ready", True, True)


async def test_what_changes_meanwhile_is_found_and_what_goes_is_not(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with beside_an_engine_that("refuses", config, monkeypatch) as live:
        teacher = await live.teacher()
        gone = await teacher.make_course("Botany")
        busy, quiet = await teacher.make_course("Zoology"), await teacher.make_course("Geology")
        await (await live.student()).enroll(busy)
        await teacher.api("PATCH", f"/api/courses/{gone['id']}", {"published": False})
        await live.spare_follows()
        with pytest.raises(Exception, match="Search"):
            await live.node.indexing.refresh_counts()
        popular = await live.api("GET", "/api/courses?sort=popular")
        assert [hit["id"] for hit in popular["hits"]] == [busy["id"], quiet["id"]]
        assert popular["reduced"] is True


async def test_what_was_withdrawn_before_a_start_is_left_out_until_the_engine_has_read_it(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with beside_an_engine_that("refuses", config, monkeypatch) as live:
        teacher = await live.teacher()
        gone, back = await teacher.make_course("Botany"), await teacher.make_course("Zoology")
        for course, shown in ((gone, False), (back, False), (back, True)):
            await teacher.api("PATCH", f"/api/courses/{course['id']}", {"published": shown})
        await live.settled()
    async with beside_an_engine_that("refuses", config, monkeypatch) as live:
        assert live.services.withdrawn.ids == (gone["id"],)


async def test_without_elasticsearch_in_the_settings_nothing_is_reduced(live: Live) -> None:
    if live.services.config.elasticsearch_url is not None:
        pytest.skip("an Elasticsearch was given")
    await (await live.teacher()).make_course("Botany")
    await live.search_follows()
    assert live.services.engines.guard is None
    assert (await live.api("GET", "/api/courses?q=botany"))["reduced"] is False
    assert (await live.api("GET", "/readyz"))["reduced"] is False
