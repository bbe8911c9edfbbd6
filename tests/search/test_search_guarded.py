"""Two engines as one: which of them answers, how soon, and what is said of it."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest

from elearn.errors import SearchUnavailable
from elearn.search import guarded
from elearn.search.backend import CourseDocument, Filters, SearchRequest
from elearn.search.breaker import FAILURES, FIRST_REST_S, LONGEST_REST_S
from elearn.search.embedded import EmbeddedSearch
from elearn.search.guarded import LATE_S, GuardedSearch
from tests.live import until

ALGEBRA = CourseDocument(id=f"{1:024x}", version=1, title="Algebra")
BIOLOGY = CourseDocument(id=f"{2:024x}", version=1, title="Biology")
ENDLESS_S = 60.0


async def in_one(*documents):
    yield list(documents)


class Moody(EmbeddedSearch):
    """An engine that is well, away, late, silent, or broken in a way of its own."""

    mood = "well"
    asked = given_up = 0

    async def _read(self, find):
        self.asked += 1
        if self.mood == "away":
            raise SearchUnavailable("Search is away.")
        if self.mood == "broken":
            raise ZeroDivisionError
        if self.mood == "late":
            await asyncio.sleep(0.03)
        if self.mood == "silent":
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.given_up += 1
                raise
        return await super()._read(find)


class Scene:
    def __init__(self, folder, late_s: float) -> None:
        self.rests_s: list[float] = []
        self.rested = asyncio.Semaphore(0)
        self.main, self.spare = Moody(folder / "main"), Moody(folder / "spare")
        self.search = GuardedSearch(self.main, self.spare, late_s=late_s, pause=self._pause)

    async def _pause(self, rest_s: float) -> None:
        self.rests_s.append(rest_s)
        await self.rested.acquire()

    async def found(self, q: str = "algebra"):
        return await self.search.suggest(q, Filters(), 5)


@asynccontextmanager
async def scene(folder, late_s: float = ENDLESS_S):
    made = Scene(folder, late_s)
    await made.search.open()
    await made.main.rebuild(in_one(ALGEBRA, BIOLOGY), epoch="e", seq=1)
    await made.spare.rebuild(in_one(ALGEBRA), epoch="e", seq=1)
    trying = asyncio.ensure_future(made.search.run())
    try:
        yield made
    finally:
        trying.cancel()
        await made.search.close()


async def test_the_main_engine_answers_while_it_is_well(tmp_path):
    async with scene(tmp_path) as made:
        found = await made.found("biology")
        assert [hit.title for hit in found.hits] == ["Biology"]
        assert not found.reduced
        assert made.spare.asked == made.search.reduced_answers == 0


@pytest.mark.parametrize("mood", ["away", "silent"])
async def test_the_spare_answers_for_one_that_does_not_and_says_so(tmp_path, mood):
    async with scene(tmp_path, late_s=0.01) as made:
        made.main.mood = mood
        suggested = await made.found()
        page = await made.search.search(SearchRequest(q="algebra", facets=True))
        for found in (suggested, page):
            assert [hit.title for hit in found.hits] == ["Algebra"]
            assert found.reduced
        assert page.facets is not None
        assert made.search.reduced_answers == 2


async def test_a_silent_engine_is_waited_for_no_longer_than_it_may_be_late(tmp_path):
    async with scene(tmp_path, late_s=LATE_S) as made:
        made.main.mood = "silent"
        begun = time.perf_counter()
        await made.found()
        assert LATE_S <= time.perf_counter() - begun < 0.3
        await until(lambda: made.main.given_up == 1)


async def test_after_failures_nobody_waits_for_the_engine_and_it_is_tried_beside(tmp_path):
    async with scene(tmp_path, late_s=0.01) as made:
        made.main.mood = "silent"
        for _ in range(10):
            assert (await made.found()).reduced
        assert made.main.asked == FAILURES
        for number in (1, 2):
            await until(lambda number=number: len(made.rests_s) == number)
            made.rested.release()
            await until(lambda number=number: made.main.given_up == FAILURES + number)
        assert made.main.asked == FAILURES + 2
        assert (await made.found()).reduced


async def test_tries_come_further_and_further_apart(tmp_path):
    async with scene(tmp_path) as made:
        made.main.mood = "away"
        for _ in range(FAILURES):
            await made.found()
        for _ in range(5):
            made.rested.release()
        await until(lambda: len(made.rests_s) == 6)
        assert made.rests_s[:4] == [FIRST_REST_S, 2 * FIRST_REST_S, 4 * FIRST_REST_S, 4.0]
        assert made.rests_s[-1] == LONGEST_REST_S


async def test_one_that_answers_late_is_tried_again_soon(tmp_path, monkeypatch):
    monkeypatch.setattr(guarded, "PATIENCE", ENDLESS_S / 0.01)
    async with scene(tmp_path, late_s=0.01) as made:
        made.main.mood = "away"
        for _ in range(FAILURES):
            await made.found()
        made.rested.release()
        await until(lambda: len(made.rests_s) == 2)
        made.main.mood = "late"
        for number in (3, 4):
            made.rested.release()
            await until(lambda number=number: len(made.rests_s) == number)
        assert made.rests_s == [FIRST_REST_S, 2 * FIRST_REST_S, FIRST_REST_S, FIRST_REST_S]
        assert made.search.breaker.open


async def test_an_engine_that_is_back_answers_again(tmp_path):
    async with scene(tmp_path) as made:
        made.main.mood = "away"
        for _ in range(FAILURES):
            await made.found("biology")
        made.main.mood = "well"
        assert (await made.found("biology")).reduced
        made.rested.release()
        await until(lambda: not made.search.breaker.open)
        for _ in range(2):
            found = await made.found("biology")
            assert not found.reduced
            assert found.total == 1


async def test_a_question_that_was_superseded_says_nothing_of_the_engine(tmp_path):
    async with scene(tmp_path) as made:
        made.main.mood = "silent"
        for number in range(1, FAILURES + 3):
            asked = asyncio.ensure_future(made.found())
            await until(lambda number=number: made.main.asked == number)
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
        await until(lambda: made.main.given_up == FAILURES + 2)
        assert not made.search.breaker.open
        assert made.spare.asked == 0


async def test_without_a_spare_index_the_main_one_is_waited_for(tmp_path):
    async with scene(tmp_path, late_s=0.001) as made:
        made.spare.mood = "away"
        let_go = asyncio.Event()
        read = made.main._read

        async def slow(find):
            await let_go.wait()
            return await read(find)

        made.main._read = slow
        asked = asyncio.ensure_future(made.found("biology"))
        await until(lambda: made.spare.asked)
        let_go.set()
        found = await asked
        assert found.total == 1
        assert not found.reduced


async def test_with_both_away_it_is_refused(tmp_path):
    async with scene(tmp_path) as made:
        made.main.mood = made.spare.mood = "away"
        with pytest.raises(SearchUnavailable):
            await made.found()


async def test_a_fault_of_the_program_is_not_hidden_behind_the_spare(tmp_path):
    async with scene(tmp_path) as made:
        made.main.mood = "broken"
        with pytest.raises(ZeroDivisionError):
            await made.found()


async def test_what_is_written_goes_to_the_main_engine_alone(tmp_path):
    async with scene(tmp_path) as made:
        await made.search.write([CourseDocument(id=f"{3:024x}", version=2, title="Chemistry")], [])
        await made.search.refresh()
        assert await made.search.count() == await made.main.count() == 3
        assert await made.spare.count() == 1


async def test_a_silent_engine_does_not_hold_up_the_start(tmp_path, monkeypatch):
    monkeypatch.setattr("elearn.search.guarded.OPEN_S", 0.01)
    made = Scene(tmp_path, ENDLESS_S)
    monkeypatch.setattr(made.main, "open", asyncio.Event().wait)
    await made.search.open()
    assert made.spare.needs_rebuild
