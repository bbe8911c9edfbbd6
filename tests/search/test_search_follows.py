"""The index follows the catalogue whatever happens to the jobs that bring it there: each is one
look at the rows above the cursor, and may be lost, doubled, late or in the wrong order."""

import random
from typing import Any

import pytest
from msgspec.structs import replace

from elearn.search.backend import SearchRequest
from elearn.search.indexer import Indexer
from tests.search.test_search_indexer import Store

COURSES = 12
STEPS = 60


async def in_index(search: Any) -> set[str]:
    await search.refresh()
    return {hit.title for hit in (await search.search(SearchRequest(size=100))).hits}


def change(store: Store, chance: random.Random, step: int) -> None:
    number = chance.randrange(COURSES)
    if f"{number:024x}" in store.courses and chance.random() < 0.25:
        store.drop(number)
    else:
        store.put(number, f"Course {number} of step {step}", published=chance.random() < 0.7)


@pytest.mark.parametrize("seed", [1, 2])
async def test_jobs_lost_doubled_and_reordered_change_nothing(search_with: Any, seed: int) -> None:
    chance, store = random.Random(seed), Store()
    async with search_with([]) as search:
        indexer = Indexer(search, store.catalog)
        await indexer.catch_up()
        old = await search.cursor()
        late: list[Any] = []
        for step in range(STEPS):
            change(store, chance, step)
            fate = chance.choice(["done", "lost", "doubled", "late", "reordered"])
            if fate == "late":
                # Read now, written when others have long been there.
                late.append(await store.catalog.changes(store.rows[-1:]))
            elif fate == "reordered" and late:
                one = late.pop(chance.randrange(len(late)))
                await search.write(one.documents, one.deletions)
            elif fate == "doubled":
                await search.set_cursor(old)
                await indexer.catch_up()
                await indexer.catch_up()
            elif fate == "done":
                await indexer.catch_up()
            if chance.random() < 0.2:
                old = await search.cursor()
        for one in late:
            await search.write(one.documents, one.deletions)
        await indexer.catch_up()
        shown = {one.title for one in store.courses.values() if one.published}
        assert await in_index(search) == shown
        assert (await search.cursor()).seq == len(store.rows)


async def test_counts_that_moved_during_a_rebuild_reach_the_new_index(search_with: Any) -> None:
    store = Store()
    async with search_with([]) as search:
        indexer = Indexer(search, store.catalog)
        await indexer.catch_up()
        for number in (1, 2):
            store.put(number, f"Course {number}")
        await indexer.catch_up()
        ids = [f"{number:024x}" for number in (1, 2)]
        elsewhere = Indexer(search, with_move(store, indexer, ids[0]))
        await elsewhere.rebuild()
        store.courses[ids[1]] = replace(store.courses[ids[1]], enrolled=3)
        await indexer.refresh([ids[1]])
        await search.refresh()
        popular = await search.search(SearchRequest(sort="popular"))
        assert [hit.title for hit in popular.hits] == ["Course 1", "Course 2"]


def with_move(store: Store, indexer: Indexer, course: str) -> Any:
    """The catalogue as another process reads it, with an enrolment just after."""

    async def all_courses() -> Any:
        yield list(store.courses.values())
        store.courses[course] = replace(store.courses[course], enrolled=9)
        await indexer.refresh([course])

    return replace(store.catalog, all_courses=all_courses)
