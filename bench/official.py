"""Elasticsearch's official client alone, sending what a suggestion sends."""

import time
from collections.abc import Sequence
from typing import Any

from elasticsearch import AsyncElasticsearch

from elearn.search.backend import Filters
from elearn.search.elastic_client import PortableNode
from elearn.search.elastic_reader import ElasticReader
from elearn.search.finder import suggest_hits


class Recording:
    """A client that notes what it is asked."""

    def __init__(self, client: AsyncElasticsearch) -> None:
        self._client = client
        self.asked: list[dict[str, Any]] = []

    async def search(self, **arguments: Any) -> Any:
        self.asked.append(arguments)
        return await self._client.search(**arguments)


async def suggest_times(url: str, alias: str, queries: Sequence[str], limit: int) -> list[float]:
    """The requests of each query one after another, without anything before or between them."""
    async with AsyncElasticsearch(url, node_class=PortableNode) as client:
        sent = []
        for query in queries:
            recording = Recording(client)
            reader = ElasticReader(recording, alias)  # type: ignore[arg-type]
            await suggest_hits(reader, query, Filters(), limit)
            sent.append(recording.asked)
        return [await _timed(client, requests) for requests in sent]


async def _timed(client: AsyncElasticsearch, requests: Sequence[dict[str, Any]]) -> float:
    began = time.perf_counter()
    for arguments in requests:
        await client.search(**arguments)
    return time.perf_counter() - began
