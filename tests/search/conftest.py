"""The engines that the search tests run on: the embedded one always, Elasticsearch when
ELEARN_TEST_ELASTICSEARCH_URL says where one is."""

import os
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from elearn.search.backend import CourseDocument, SearchBackend
from elearn.search.elastic import ElasticSearch
from elearn.search.embedded import EmbeddedSearch
from elearn.search.synonyms import NO_SYNONYMS, Synonyms

ELASTICSEARCH = os.environ.get("ELEARN_TEST_ELASTICSEARCH_URL")
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

Start = Callable[..., AbstractAsyncContextManager[SearchBackend]]


async def as_batches(
    documents: Sequence[CourseDocument], size: int = 500
) -> AsyncIterator[list[CourseDocument]]:
    for start in range(0, len(documents), size):
        yield list(documents[start : start + size])


@asynccontextmanager
async def embedded(
    path: Path, documents: Sequence[CourseDocument], synonyms: Synonyms = NO_SYNONYMS
) -> AsyncIterator[SearchBackend]:
    backend = EmbeddedSearch(path, synonyms=synonyms)
    await backend.open()
    try:
        await backend.rebuild(as_batches(documents), epoch="e", seq=0)
        yield backend
    finally:
        await backend.close()


@asynccontextmanager
async def elasticsearch(
    documents: Sequence[CourseDocument], synonyms: Synonyms = NO_SYNONYMS
) -> AsyncIterator[SearchBackend]:
    backend = ElasticSearch(str(ELASTICSEARCH), f"elearn-test-{secrets.token_hex(4)}", synonyms)
    await backend.open()
    try:
        await backend.rebuild(as_batches(documents), epoch="e", seq=0)
        yield backend
    finally:
        await backend.drop()
        await backend.close()


@pytest.fixture(params=["embedded", *(["elasticsearch"] if ELASTICSEARCH else [])])
def search_with(request: pytest.FixtureRequest, tmp_path: Path) -> Start:
    """An open engine that holds the given courses: `async with search_with(courses) as search`."""
    if request.param == "embedded":
        return lambda documents, *rest: embedded(tmp_path / "search", documents, *rest)
    return elasticsearch


@pytest.fixture
def real_data() -> Path:
    if not DATA.exists():
        pytest.skip("the real catalogue is not beside the project (../shared/data)")
    return DATA
