"""A11 on a real Elasticsearch behind a line that is cut or stalls."""

import os
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from elearn.config import Config
from elearn.indexing.catalogue import catalog_of
from elearn.search.differences import compare
from elearn.search.elastic import ElasticSearch
from tests.conftest import served
from tests.faults.proxy import Proxy
from tests.live import Live, until

ELASTICSEARCH = os.environ.get("ELEARN_TEST_ELASTICSEARCH_URL")
ANSWER_S = 0.3

pytestmark = pytest.mark.skipif(ELASTICSEARCH is None, reason="no Elasticsearch was given")


@asynccontextmanager
async def elastic_behind_a_proxy(config: Config) -> AsyncIterator[tuple[Live, Proxy]]:
    alias = f"elearn-a11-{secrets.token_hex(4)}"
    async with Proxy(urlsplit(str(ELASTICSEARCH)).port or 9200) as line:
        url = f"http://127.0.0.1:{line.port}"
        try:
            async with served(config, elasticsearch_url=url, elasticsearch_index=alias) as live:
                yield live, line
        finally:
            direct = ElasticSearch(str(ELASTICSEARCH), alias)
            await direct.drop()
            await direct.close()


@pytest.mark.parametrize("how", ["refuses", "is stalled"])
async def test_a11_without_elasticsearch_search_is_reduced_and_all_else_goes_on(
    config: Config, how: str
) -> None:
    async with elastic_behind_a_proxy(config) as (live, line):
        teacher, student = await live.teacher(), await live.student()
        old = await teacher.make_course("Organic Chemistry")
        kept = await teacher.make_course("Geology")
        await live.search_follows()
        client = await student.connect()

        async def titles(q: str) -> tuple[list[str], bool]:
            begun = time.perf_counter()
            found = await client.do("search.suggest", q=q)
            assert time.perf_counter() - begun < ANSWER_S
            return [hit["title"] for hit in found["hits"]], found["reduced"]

        async def answers_whole(q: str = "geology", title: str = "Geology") -> bool:
            """On a busy machine one answer may be late: asked again, it has to be whole."""
            found = await client.do("search.suggest", q=q)
            return [hit["title"] for hit in found["hits"]] == [title] and not found["reduced"]

        await until(answers_whole)

        (line.refuse if how == "refuses" else line.stall)()
        await teacher.make_course("Organic Gardening")
        await teacher.api("PATCH", f"/api/courses/{old['id']}", {"published": False})
        await live.spare_follows()
        for _ in range(6):
            assert await titles("organic") == (["Organic Gardening"], True)
        assert (await live.api("GET", "/api/courses?q=organic"))["reduced"] is True

        await student.enroll(kept)
        await client.join(f"room:{kept['id']}")
        await client.say(kept["id"], "still here")
        await client.expect("chat.posted")

        line.resume()
        await until(answers_whole, 20)
        await live.search_follows()
        await until(lambda: answers_whole("organic", "Organic Gardening"))
        assert live.services.engines.guard is not None
        for index in (live.services.search, live.services.engines.guard.spare):
            found = await compare(index, catalog_of(live.services))
            assert (found.compared, found.behind, found.words) == (2, 0, [])
