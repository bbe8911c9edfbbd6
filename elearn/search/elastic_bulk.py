"""Writing courses to Elasticsearch, many in a request: the newer version wins."""

import logging
from collections.abc import Sequence
from typing import Any

from elasticsearch import AsyncElasticsearch

from elearn.errors import SearchUnavailable
from elearn.search.backend import CourseDocument
from elearn.search.elastic_client import engine
from elearn.search.elastic_mapping import index_document

BULK = 500

Json = dict[str, Any]
logger = logging.getLogger(__name__)


class BulkWriter:
    """`aliases` are the names that stand for an index and are none themselves."""

    def __init__(self, client: AsyncElasticsearch, aliases: tuple[str, ...]) -> None:
        self._client = client
        self._aliases = aliases

    async def write(
        self,
        index: str,
        documents: Sequence[CourseDocument],
        deletions: Sequence[tuple[str, int]],
    ) -> None:
        operations: list[Json] = []
        for course in documents:
            operations += [{"index": _versioned(course.id, course.version)}, index_document(course)]
        lines_each = 2 * BULK
        for start in range(0, len(operations), lines_each):
            await self._send(index, operations[start : start + lines_each])
        gone = [{"delete": _versioned(id, version)} for id, version in deletions]
        for start in range(0, len(gone), BULK):
            await self._send(index, gone[start : start + BULK])

    async def _send(self, index: str, operations: list[Json]) -> None:
        # By an alias: a name that is gone would be made anew, with a mapping of its own.
        by_alias = index in self._aliases
        with engine():
            answer = await self._client.bulk(
                index=index, operations=operations, require_alias=by_alias
            )
        for item in answer["items"] if answer["errors"] else ():
            outcome = next(iter(item.values()))
            # 409: a newer version is there. 404: nothing was there to delete.
            missing_target = outcome.get("error", {}).get("type") == "index_not_found_exception"
            if outcome["status"] >= 300 and (outcome["status"] not in (404, 409) or missing_target):
                logger.error("Elasticsearch refused a course: %s", outcome.get("error"))
                raise SearchUnavailable("Search is away. Please try again soon.")


def _versioned(course_id: str, version: int) -> Json:
    return {"_id": course_id, "version": version, "version_type": "external_gte"}
