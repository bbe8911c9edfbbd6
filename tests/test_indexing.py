"""What the index reads of the store."""

from types import SimpleNamespace
from typing import Any

import pytest

from elearn.events.base import Row
from elearn.indexing import catalogue
from elearn.nouns.courses import Course
from tests.catalogue import a_course, listed

ONE, TWO = f"{1:024x}", f"{2:024x}"


async def test_all_courses_are_read_while_somebody_writes_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads: list[int] = []

    async def since(_db: Any, _topic: str, after: int, _limit: int) -> list[Row]:
        reads.append(after)
        assert len(reads) < 20, "it goes on for as long as people write"
        return [listed(after + 1, a_course(ONE))]

    async def find_many(_db: Any, ids: list[str]) -> dict[str, Course]:
        return {id: a_course(id) for id in ids}

    async def unreacted_topics(_db: Any) -> list[str]:
        return [f"course:{TWO}"]

    monkeypatch.setattr(catalogue.events, "since", since)
    monkeypatch.setattr(catalogue.events, "unreacted_topics", unreacted_topics)
    monkeypatch.setattr(catalogue.courses, "find_many", find_many)
    catalog = catalogue.catalog_of(SimpleNamespace(db=None, epoch="e"))  # type: ignore[arg-type]
    batches = [batch async for batch in catalog.all_courses()]
    assert batches == [[a_course(ONE)], [a_course(TWO)]]
