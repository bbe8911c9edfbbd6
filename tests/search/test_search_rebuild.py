"""A new index beside the old one: what is looked at before the switch, the way back, and a rebuild
that is cut off at each of its steps."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from elearn.errors import SearchUnavailable
from elearn.search import elastic_mapping
from elearn.search.backend import Candidate, Changes, CourseDocument, Cursor, Filters, Held
from elearn.search.elastic import ElasticSearch
from elearn.search.elastic_client import PortableNode
from elearn.search.embedded import EmbeddedSearch
from tests.error_log import ErrorLog
from tests.search.conftest import ELASTICSEARCH, as_batches

NONE = Filters()
OLD = [
    CourseDocument(id=f"{n:024x}", version=1, title=f"Old Course {n}", teachers=("Ada",))
    for n in range(1, 6)
]
NEW = [msgspec.structs.replace(one, title=one.title.replace("Old", "New")) for one in OLD]


async def found(search: Any, q: str) -> int:
    return int((await search.suggest(q, NONE, 20)).total)


def rows(*changes: Changes) -> Callable[[int], Any]:
    async def tail(after: int) -> Changes | None:
        return next((one for one in changes if one.seq > after), None)

    return tail


async def test_what_an_index_holds_is_told_by_version_and_content(search_with: Any) -> None:
    async with search_with(OLD) as search:
        busy = msgspec.structs.replace(OLD[0], enrolled=7, open=False, version=4)
        edited = msgspec.structs.replace(OLD[1], description="Anew", version=5)
        await search.write([busy, edited], [(OLD[2].id, 6)])
        held = await search.held([one.id for one in OLD[:4]] + ["f" * 24])
        assert held == {
            OLD[0].id: Held(4, OLD[0].digest),
            OLD[1].id: Held(5, edited.digest),
            OLD[3].id: Held(1, OLD[3].digest),
        }
        assert edited.digest != OLD[1].digest
        assert await search.held([]) == {}


async def test_a_rebuild_and_the_way_back_end_while_there_is_always_one_more_change(
    search_with: Any,
) -> None:
    asked: list[int] = []

    async def tail(after: int) -> Changes:
        asked.append(after)
        assert len(asked) < 20, "it goes on for as long as people write"
        return Changes((), (), after + 1, at_head=True)

    async with search_with(OLD) as search:
        await search.rebuild(as_batches(NEW), epoch="e", seq=1, tail=tail)
        assert (await search.cursor()).seq == asked[-1] + 1
        assert (await search.roll_back(epoch="e", tail=tail)).seq == asked[-1] + 1


class Refused(Exception):
    pass


async def test_an_index_is_looked_at_before_anybody_searches_it(search_with: Any) -> None:
    async with search_with(OLD) as search:
        seen: list[Any] = []

        async def refuse(built: Candidate) -> None:
            seen.extend([await built.count(), await found(built, "new course 3")])
            seen.append(await found(search, "old course 3"))
            raise Refused

        gone = Changes((), ((NEW[0].id, 2),), 2)
        with pytest.raises(Refused):
            await search.rebuild(as_batches(NEW), epoch="e", seq=1, tail=rows(gone), approve=refuse)
        assert seen[0] == len(NEW) - 1
        assert all(seen)
        assert await found(search, "old course 3")
        assert (await search.cursor()).seq == 0
        assert await search.roll_back(epoch="e", tail=rows()) is None, "nothing was left of it"


async def test_the_way_back_shows_nothing_that_was_withdrawn_meanwhile(search_with: Any) -> None:
    async with search_with(OLD) as search:
        first = (await search.cursor()).generation
        await search.rebuild(as_batches(NEW), epoch="e", seq=4)
        second = (await search.cursor()).generation
        withdrawn = Changes((), ((OLD[0].id, 5),), 5)
        added = CourseDocument(id="a" * 24, version=6, title="Added Since")
        since = rows(withdrawn, Changes((added,), (), 6))
        assert await search.roll_back(epoch="e", tail=since) == Cursor("e", 6, first)
        assert await search.cursor() == Cursor("e", 6, first)
        assert await search.count() == len(OLD)
        assert await found(search, "old course 2")
        assert await found(search, "added since")
        assert not (await search.held([OLD[0].id]))
        # And forward again: the one that was left is the one before now.
        assert (await search.roll_back(epoch="e", tail=since)).generation == second
        assert await found(search, "new course 2")


async def test_there_is_no_way_back_to_another_life_of_the_store(search_with: Any) -> None:
    async with search_with(OLD) as search:
        await search.rebuild(as_batches(NEW), epoch="second", seq=1)
        now = await search.cursor()
        assert await search.roll_back(epoch="second", tail=rows()) is None
        assert await search.cursor() == now


async def test_one_index_before_is_kept_and_older_ones_go(search_with: Any) -> None:
    async with search_with(OLD) as search:
        names = [(await search.cursor()).generation]
        for seq in (1, 2, 3):
            await search.rebuild(as_batches(NEW), epoch="e", seq=seq)
            names.append((await search.cursor()).generation)
        back = [(await search.roll_back(epoch="e", tail=rows())).generation for _ in range(3)]
        assert back == [names[-2], names[-1], names[-2]]


class Cut:
    """Lets the first steps of a rebuild pass; the next one happens, and its outcome is lost."""

    def __init__(self, steps: int, error: type[BaseException], *, for_good: bool) -> None:
        self.left, self._error, self._for_good = steps, error, for_good

    def after_a_step(self) -> None:
        self.left -= 1
        if self.left == -1:
            raise self._error

    def before_a_step(self) -> None:
        if self.left < 0 and self._for_good:
            raise self._error


def cut_steps(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, cut: Cut) -> None:
    step = getattr(owner, name)

    async def passed(self: Any, *args: Any, **kwargs: Any) -> Any:
        cut.before_a_step()
        outcome = await step(self, *args, **kwargs)
        cut.after_a_step()
        return outcome

    monkeypatch.setattr(owner, name, passed)


@pytest.mark.parametrize("kind", ["interrupted", "killed"])
async def test_a_rebuild_cut_at_any_step_harms_no_search_and_the_next_one_tidies_up(
    search_with: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Interrupted: it may still clean up. Killed: nothing it does from there on has an effect."""
    killed = kind == "killed"
    async with search_with(OLD) as search:
        elastic = isinstance(search, ElasticSearch)
        if killed and not elastic:
            pytest.skip("that takes a process of its own: test_search_embedded")
        owner, name = (PortableNode, "perform_request") if elastic else (EmbeddedSearch, "_aside")
        error = ConnectionError if killed else asyncio.CancelledError
        steps, whole = 0, False
        while not whole:
            with monkeypatch.context() as patch:
                cut_steps(patch, owner, name, cut := Cut(steps, error, for_good=killed))
                with suppress(error, SearchUnavailable):
                    await search.rebuild(as_batches(NEW), epoch="e", seq=1)
            assert len(OLD) in (
                await found(search, "old course"),
                await found(search, "new course"),
            )
            await search.rebuild(as_batches(OLD), epoch="e", seq=1)
            assert await found(search, "old course") == len(OLD)
            if elastic:
                assert await indexes_of(search) == 3, "in use, before it, cursors"
            steps, whole = steps + 1, cut.left >= 0
        assert steps > 5


async def indexes_of(search: ElasticSearch) -> int:
    listed = await search._client.cat.indices(index=f"{search._alias}-*", format="json")
    return len(list(listed))


@pytest.mark.skipif(not ELASTICSEARCH, reason="needs an Elasticsearch")
async def test_of_two_that_build_at_once_none_writes_into_the_others_index(
    errors: ErrorLog,
) -> None:
    """The lease keeps them apart; should it ever not, neither is switched to half made."""
    errors.expect("Elasticsearch refused a course")
    alias = "elearn-test-two"
    one, other = (ElasticSearch(str(ELASTICSEARCH), alias) for _ in range(2))
    try:
        await one.rebuild(as_batches(OLD), epoch="e", seq=1)

        async def slow() -> AsyncIterator[list[CourseDocument]]:
            yield NEW[:2]
            await other.rebuild(as_batches(NEW), epoch="e", seq=1)
            yield NEW[2:]

        with pytest.raises(SearchUnavailable):
            await one.rebuild(slow(), epoch="e", seq=1)
        assert await found(one, "new course") == len(NEW)
    finally:
        await one.drop()
        await one.close()
        await other.close()


@pytest.mark.skipif(not ELASTICSEARCH, reason="needs an Elasticsearch")
async def test_an_index_of_the_version_before_on_elasticsearch_is_rebuilt(monkeypatch) -> None:
    search = ElasticSearch(str(ELASTICSEARCH), "elearn-test-before")
    try:
        with monkeypatch.context() as before:
            before.setattr(elastic_mapping, "FORMAT", elastic_mapping.FORMAT - 1)
            await search.rebuild(as_batches(OLD), epoch="e", seq=1)
        await search.open()
        assert search.needs_rebuild
        await search.rebuild(as_batches(OLD), epoch="e", seq=1)
        await search.open()
        assert not search.needs_rebuild
    finally:
        await search.drop()
        await search.close()
