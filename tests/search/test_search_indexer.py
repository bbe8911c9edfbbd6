"""The reader of `catalog`: what it writes, when it rebuilds, how it waits."""

import asyncio
import json

import pytest

from elearn.errors import SearchUnavailable
from elearn.events.base import Row, read
from elearn.nouns.courses import Course
from elearn.search.backend import Filters, SearchRequest
from elearn.search.catalog import BATCH, Catalog
from elearn.search.embedded import FEW_SEGMENTS, EmbeddedSearch
from elearn.search.indexer import (
    GATHER_S,
    MUCH,
    RETRY_FIRST_S,
    RETRY_MOST_S,
    Indexer,
    wait_at_most,
)
from tests.catalogue import a_course, catalogue_row, named, unlisted


class Store:
    """A catalogue in memory: courses and the rows that named them."""

    def __init__(self) -> None:
        self.epoch = "first"
        self.courses: dict[str, Course] = {}
        self.rows: list[Row] = []
        self.reads: list[list[str]] = []
        self.largest = 0

    def put(self, number: int, title: str, *, published: bool = True) -> None:
        id = f"{number:024x}"
        self.courses[id] = a_course(id, title, published=published)
        self.name(id)

    def drop(self, number: int) -> None:
        id = f"{number:024x}"
        del self.courses[id]
        self.name(id)

    def name(self, id: str) -> None:
        seq, course = len(self.rows) + 1, self.courses.get(id)
        self.rows.append(named(seq, course) if course else unlisted(seq, id))

    async def head(self):
        return self.epoch, len(self.rows)

    async def read_rows(self, after, limit):
        return self.rows[after : after + limit]

    async def read_courses(self, ids):
        self.reads.append(list(ids))
        return [self.courses[id] for id in ids if id in self.courses]

    async def all_courses(self):
        held = list(self.courses.values())
        for start in range(0, len(held), 100):
            self.largest = max(self.largest, len(held[start : start + 100]))
            yield held[start : start + 100]

    @property
    def catalog(self) -> Catalog:
        return Catalog(self.head, self.read_rows, self.read_courses, self.all_courses)


async def titles(search, q: str) -> list[str]:
    return [hit.title for hit in (await search.suggest(q, Filters(), 20)).hits]


async def opened(path) -> EmbeddedSearch:
    search = EmbeddedSearch(path)
    await search.open()
    return search


async def test_the_index_follows_what_rows_name(tmp_path):
    store, search = Store(), await opened(tmp_path)
    indexer = Indexer(search, store.catalog)
    await indexer.catch_up()
    store.put(1, "Linear Algebra")
    store.put(2, "Hidden Algebra", published=False)
    assert await indexer.catch_up() == 2
    assert await titles(search, "algebra") == ["Linear Algebra"]
    store.put(1, "Abstract Algebra")
    store.put(2, "Hidden Algebra")
    await indexer.catch_up()
    assert sorted(await titles(search, "algebra")) == ["Abstract Algebra", "Hidden Algebra"]
    store.put(2, "Hidden Algebra", published=False)
    store.drop(1)
    await indexer.catch_up()
    assert await titles(search, "algebra") == []
    assert (await search.cursor()).seq == len(store.rows)
    assert await indexer.catch_up() == 0
    await search.close()


def segments_of(path) -> int:
    (generation,) = [one for one in path.iterdir() if one.is_dir()]
    return len(json.loads((generation / "meta.json").read_bytes())["segments"])


async def test_after_many_rows_the_index_is_in_few_segments(tmp_path):
    store, search = Store(), await opened(tmp_path)
    indexer = Indexer(search, store.catalog)
    await indexer.catch_up()
    for number in range(FEW_SEGMENTS + 2):
        store.put(number, f"Geology {number}")
        await indexer.catch_up()
    assert segments_of(tmp_path) > FEW_SEGMENTS
    for number in range(100, 100 + MUCH):
        store.put(number, f"Geology {number}")
    await indexer.catch_up()
    assert segments_of(tmp_path) <= FEW_SEGMENTS
    assert await search.count() == FEW_SEGMENTS + 2 + MUCH
    await search.close()


async def test_each_course_of_many_rows_is_read_once_a_batch(tmp_path):
    store, search = Store(), await opened(tmp_path)
    indexer = Indexer(search, store.catalog)
    await indexer.catch_up()
    for _ in range(BATCH + 1):
        store.put(1, "Linear Algebra")
    await indexer.catch_up()
    assert [len(ids) for ids in store.reads] == [1, 1]
    await search.close()


async def test_a_row_that_names_no_course_is_passed_over(tmp_path):
    store, search = Store(), await opened(tmp_path)
    indexer = Indexer(search, store.catalog)
    await indexer.catch_up()
    for data in ({}, {"course": None}, {"course": {}}, {"course": "x"}):
        event = read("catalog", "course.updated", data)
        store.rows.append(catalogue_row(len(store.rows) + 1, event))
    store.put(1, "Linear Algebra")
    await indexer.catch_up()
    assert await titles(search, "algebra") == ["Linear Algebra"]
    await search.close()


async def test_work_done_twice_changes_nothing(tmp_path):
    store, search = Store(), await opened(tmp_path)
    indexer = Indexer(search, store.catalog)
    await indexer.catch_up()
    cursor = await search.cursor()
    for number in range(20):
        store.put(number, f"Algebra {number}")
    await indexer.catch_up()
    await search.set_cursor(cursor)
    await indexer.catch_up()
    assert await search.count() == 20
    await search.close()


@pytest.mark.parametrize(
    "reason", ["new epoch", "cursor ahead of the head", "damage", "the version before"]
)
async def test_an_index_that_cannot_go_on_is_rebuilt_in_batches(tmp_path, reason):
    store, search = Store(), await opened(tmp_path)
    for number in range(250):
        store.put(number, f"Algebra {number}", published=number % 2 == 0)
    await Indexer(search, store.catalog).catch_up()
    before = (await search.cursor()).generation
    if reason == "new epoch":
        store.epoch = "second"
        store.drop(0)
    elif reason == "the version before":
        await search.close()
        cursor = tmp_path / before / "cursor.json"
        state = json.loads(cursor.read_bytes())
        cursor.write_text(json.dumps(state | {"format": state["format"] - 1}))
        await search.open()
        store.drop(0)
    elif reason == "damage":
        await search.close()
        (tmp_path / before / "meta.json").write_bytes(b"{")
        await search.open()
        assert search.needs_rebuild
        store.drop(0)
    else:
        store.rows = store.rows[:3]
        del store.courses[f"{0:024x}"]
    await Indexer(search, store.catalog).catch_up()
    cursor = await search.cursor()
    assert cursor.generation != before
    assert (cursor.epoch, cursor.seq) == (store.epoch, len(store.rows))
    assert await search.count() == 124
    assert store.largest == 100
    await search.close()


async def test_writes_made_during_a_rebuild_are_in_it(tmp_path):
    store, search = Store(), await opened(tmp_path)
    for number in range(150):
        store.put(number, f"Algebra {number}")
    indexer = Indexer(search, store.catalog)
    await indexer.catch_up()

    async def courses_with_changes():
        async for batch in store.all_courses():
            yield batch
            if len(store.rows) == 150:
                store.put(1000, "Written meanwhile")
                store.drop(7)
                await indexer.catch_up()

    changing = Catalog(store.head, store.read_rows, store.read_courses, courses_with_changes)
    done: list[int] = []
    await Indexer(search, changing).rebuild(done.append)
    assert done[-1] == 150
    assert await titles(search, "meanwhile") == ["Written meanwhile"]
    assert await search.count() == 150
    assert (await search.cursor()).seq == len(store.rows)
    await search.close()


class Busy(Store):
    """With each read somebody writes once more."""

    async def read_courses(self, ids):
        assert len(self.reads) < 20, "it goes on for as long as people write"
        self.put(1, f"Algebra {len(self.rows)}")
        return await super().read_courses(ids)


async def test_what_is_written_without_end_holds_up_neither_the_reader_nor_a_rebuild(tmp_path):
    store, search = Busy(), await opened(tmp_path)
    indexer = Indexer(search, store.catalog)
    await indexer.catch_up()
    store.put(1, "Algebra")
    assert await indexer.catch_up() == 1
    await indexer.rebuild(decide=lambda trial: None)
    assert await indexer.roll_back()
    assert (await search.cursor()).seq == len(store.rows) - 1
    await search.close()


@pytest.mark.parametrize("ordered", [True, False])
async def test_a_rebuild_that_was_ordered_rests_after_each_batch(tmp_path, ordered):
    store, search, rests = Store(), await opened(tmp_path), []
    for number in range(250):
        store.put(number, f"Algebra {number}")

    async def pause(_event: asyncio.Event, timeout_s: float) -> None:
        rests.append(timeout_s)

    indexer = Indexer(search, store.catalog, pause=pause)
    await indexer.rebuild(decide=(lambda trial: None) if ordered else None)
    assert len(rests) == (3 if ordered else 0)
    assert all(rest > 0 for rest in rests)
    await search.close()


class Growing(Store):
    """One more course is made while all are read."""

    async def all_courses(self):
        async for some in super().all_courses():
            yield some
        self.put(len(self.courses), f"Course {len(self.courses)}")


async def test_what_the_index_in_use_was_not_told_yet_is_no_doubtful_change(tmp_path):
    store, search, trials = Growing(), await opened(tmp_path), []
    for number in range(4):
        store.put(number, f"Course {number}")
    indexer = Indexer(search, store.catalog)
    await indexer.rebuild()
    await indexer.rebuild(decide=trials.append)
    assert [(trial.before, trial.count, trial.doubts) for trial in trials] == [(5, 6, [])]
    for number in range(3):  # gone, and no row says so
        del store.courses[f"{number:024x}"]
    await indexer.rebuild(decide=trials.append)
    assert "it holds 3 courses and the one in use 6" in trials[1].doubts[0]
    await search.close()


class Away:
    """An engine that is away for the first few looks."""

    needs_rebuild = False

    def __init__(self, looks: int) -> None:
        self.looks = looks

    async def cursor(self):
        if self.looks:
            self.looks -= 1
            raise SearchUnavailable("away")


async def test_the_wait_grows_while_the_engine_is_away_and_starts_anew_after(tmp_path):
    store, waits = Store(), []
    away = Away(9)
    wake = asyncio.Event()

    async def pause(event: asyncio.Event, timeout_s: float) -> None:
        if timeout_s == GATHER_S:
            return
        waits.append(timeout_s)
        if event is wake:
            if len(waits) > 11:
                raise asyncio.CancelledError
            away.looks = 1

    async def rebuilt(*_args, **_options) -> int:
        return 0

    away.rebuild = rebuilt
    with pytest.raises(asyncio.CancelledError):
        await Indexer(away, store.catalog, pause=pause).run(wake)
    failing = waits[:9]
    assert failing[0] == RETRY_FIRST_S
    assert failing[-1] == RETRY_MOST_S
    assert failing == sorted(failing)
    assert waits[10] == RETRY_FIRST_S


async def test_a_wake_brings_the_index_to_the_head(tmp_path):
    store, search = Store(), await opened(tmp_path)
    wake, looked = asyncio.Event(), asyncio.Queue()

    async def pause(event: asyncio.Event, timeout_s: float) -> None:
        if timeout_s != GATHER_S:
            looked.put_nowait(await search.count())
            await event.wait()

    running = asyncio.ensure_future(Indexer(search, store.catalog, pause=pause).run(wake))
    assert await looked.get() == 0
    store.put(1, "Linear Algebra")
    wake.set()
    assert await looked.get() == 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (await search.search(SearchRequest())).total == 1
    await search.close()


async def test_who_is_woken_and_ended_in_one_moment_ends():
    wake = asyncio.Event()

    async def wait_on() -> None:
        await wait_at_most(wake, 60)
        await asyncio.Event().wait()

    waiting = asyncio.create_task(wait_on())
    await asyncio.sleep(0)
    wake.set()
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting], timeout=1)
    assert waiting.cancelled()
