"""An Elasticsearch is followed by one node for all, and by another one when that is gone."""

import os
import secrets
from typing import Any

import pytest

from elearn.search.backend import Filters
from elearn.search.elastic import ElasticSearch
from tests.live import Live, until
from tests.nodes.conftest import Nodes, seen_from

ELASTICSEARCH = os.environ.get("ELEARN_TEST_ELASTICSEARCH_URL")


def count_writes(node: Live) -> list[int]:
    """How many courses a node has written to the shared index."""
    written: list[int] = []
    write = node.services.search.write

    async def counting(documents: Any, deletions: Any) -> None:
        written.append(len(documents))
        await write(documents, deletions)

    node.services.search.write = counting  # type: ignore[method-assign]
    return written


async def gone() -> bool:
    return False


@pytest.mark.skipif(not ELASTICSEARCH, reason="needs an Elasticsearch")
async def test_one_node_follows_a_shared_index_and_another_takes_over(nodes: Nodes) -> None:
    index = f"elearn-test-{secrets.token_hex(4)}"
    settings = {"elasticsearch_url": ELASTICSEARCH, "elasticsearch_index": index}
    here, there = await nodes(2, **settings)
    engine = ElasticSearch(str(ELASTICSEARCH), index)
    try:
        holder, other = (here, there) if here.services.chores.held else (there, here)
        by_holder, by_other = count_writes(holder), count_writes(other)
        teacher = await here.teacher()

        async def found(title: str) -> bool:
            hits = (await engine.suggest(title, Filters(), 1)).hits
            return [hit.title for hit in hits] == [title]

        for node, title in ((here, "Astronomy"), (there, "Botany")):
            await seen_from(node, teacher).make_course(title)
            await until(lambda title=title: found(title))
        assert (sum(by_holder), sum(by_other)) == (2, 0)

        holder.services.chores.look = gone  # type: ignore[method-assign]
        await seen_from(other, teacher).make_course("Chemistry")
        await until(lambda: found("Chemistry"))
        await until(lambda: other.services.chores.held)
        await seen_from(other, teacher).make_course("Drawing")
        await until(lambda: found("Drawing"))
        assert sum(by_other) >= 1
        assert not holder.services.chores.held
    finally:
        await engine.drop()
        await engine.close()
