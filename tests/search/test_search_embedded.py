"""What only the embedded index has to survive: its files cut or altered, its writer killed."""

import gc
import os
import shutil
import signal
import subprocess
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from elearn.errors import SearchUnavailable
from elearn.search import embedded_index
from elearn.search.backend import CourseDocument, Filters, SearchRequest
from elearn.search.embedded import EmbeddedSearch
from elearn.search.embedded_index import Generation
from elearn.search.embedded_search import EmbeddedReader
from elearn.search.finder import suggest_hits

ROOT = Path(__file__).resolve().parents[2]
COURSES = [
    CourseDocument(id=f"{n:024x}", version=1, title=f"History {n}", description="Old stones")
    for n in range(1, 30)
]


async def in_one(documents):
    yield list(documents)


async def filled(path: Path) -> None:
    search = EmbeddedSearch(path)
    await search.open()
    await search.rebuild(in_one(COURSES), epoch="e", seq=1)
    await search.write([], [(COURSES[0].id, 2)])
    await search.set_cursor(msgspec.structs.replace(await search.cursor(), seq=2))
    await search.close()


async def test_an_index_is_there_again_after_a_start(tmp_path):
    await filled(tmp_path)
    search = EmbeddedSearch(tmp_path)
    await search.open()
    assert not search.needs_rebuild
    assert await search.count() == len(COURSES) - 1
    assert (await search.cursor()).seq == 2
    await search.close()


async def test_only_words_of_titles_are_known_as_such(tmp_path):
    course = CourseDocument(
        id="a", version=1, title="Élan Vital", description="Old stones", teachers=("Marta Olsen",)
    )
    search = EmbeddedSearch(tmp_path)
    assert not search.titled(["elan"])
    await search.open()
    assert not search.titled(["elan"])
    await search.rebuild(in_one([course]), epoch="e", seq=1)
    assert search.titled(["elan", "vital"])
    assert not any(search.titled(["elan", word]) for word in ("olsen", "stones", "vit"))
    await search.close()


async def test_a_new_directory_needs_a_rebuild_and_says_so(tmp_path):
    search = EmbeddedSearch(tmp_path / "new")
    await search.open()
    assert search.needs_rebuild
    assert await search.cursor() is None
    for asked in (
        search.suggest("x", Filters(), 1),
        search.search(SearchRequest()),
        search.count(),
    ):
        with pytest.raises(SearchUnavailable):
            await asked


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def shortened(data: bytes) -> bytes:
    return data[:-1]


def emptied(data: bytes) -> bytes:
    return b""


def altered(data: bytes) -> bytes:
    return bytes(byte ^ 255 for byte in data[:4]) + data[4:]


@pytest.mark.parametrize("damage", [cut, shortened, emptied, altered, None])
async def test_any_damaged_file_is_noticed_and_the_index_moved_aside(tmp_path, damage):
    await filled(tmp_path / "whole")
    (generation,) = (tmp_path / "whole").glob("courses-*")
    names = [file.name for file in generation.iterdir() if not file.name.endswith(".lock")]
    assert len(names) > 5
    for name in names:
        copy = tmp_path / f"damaged-{name}"
        shutil.copytree(tmp_path / "whole", copy)
        file = copy / generation.name / name
        if damage is None:
            file.unlink()
        else:
            file.write_bytes(damage(file.read_bytes()))
        search = EmbeddedSearch(copy)
        await search.open()
        if not search.needs_rebuild:
            # These two end in a line break, and nothing is lost with it.
            assert damage is shortened
            assert name in ("meta.json", ".managed.json")
            assert await search.count() == len(COURSES) - 1
            await search.close()
            continue
        await search.rebuild(in_one(COURSES), epoch="e", seq=2)
        assert await search.count() == len(COURSES)
        await search.close()
        assert (copy / "damaged").exists()


async def test_an_index_of_another_format_is_rebuilt(tmp_path, monkeypatch):
    await filled(tmp_path)
    monkeypatch.setattr(embedded_index, "FORMAT", embedded_index.FORMAT + 1)
    search = EmbeddedSearch(tmp_path)
    await search.open()
    assert search.needs_rebuild


@pytest.mark.parametrize("name", ["", "../elsewhere", "courses-gone", "\udcff"])
async def test_a_pointer_to_nowhere_needs_a_rebuild(tmp_path, name):
    await filled(tmp_path)
    (tmp_path / "CURRENT").write_bytes(os.fsencode(name))
    search = EmbeddedSearch(tmp_path)
    await search.open()
    assert search.needs_rebuild


async def test_damage_met_while_searching_ends_in_a_rebuild(tmp_path, errors):
    errors.expect("the search index is damaged")
    await filled(tmp_path)
    search = EmbeddedSearch(tmp_path)
    await search.open()
    (generation,) = tmp_path.glob("courses-*")
    for store in generation.glob("*.store"):
        data = store.read_bytes()
        with store.open("r+b") as file:
            file.write(bytes(byte ^ 255 for byte in data))
    with pytest.raises(SearchUnavailable):
        await search.suggest("history", Filters(), 5)
    assert search.needs_rebuild
    await search.rebuild(in_one(COURSES), epoch="e", seq=2)
    assert (await search.suggest("history", Filters(), 5)).total == len(COURSES)
    await search.close()


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from elearn.search.backend import CourseDocument
from elearn.search.embedded import EmbeddedSearch

async def none():
    for _ in ():
        yield []

async def main():
    search = EmbeddedSearch(Path(sys.argv[1]))
    await search.open()
    await search.rebuild(none(), epoch="e", seq=0)
    for n in range(1, 1000):
        document = CourseDocument(id=f"{n:024x}", version=n, title=f"History {n}")
        await search.write([document], [])
        print(n, flush=True)

asyncio.run(main())
"""


def write_until_killed(path: Path) -> int:
    """How many courses a process had written, by its own word, when it was killed."""
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(20)]
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.readlines()
    return int(lines[-1])


async def test_what_was_written_outlives_a_kill(tmp_path):
    written = write_until_killed(tmp_path)
    search = EmbeddedSearch(tmp_path)
    await search.open()
    assert not search.needs_rebuild
    assert written <= await search.count() <= written + 1
    await search.write([CourseDocument(id="f" * 24, version=1, title="After")], [])
    assert (await search.suggest("after", Filters(), 1)).total == 1
    await search.close()


async def test_a_rebuild_cut_off_leaves_nothing_after_the_next_start(tmp_path):
    await filled(tmp_path)
    half = tmp_path / "courses-20990101-000000-deadbeef"
    half.mkdir()
    (half / "meta.json").write_text("{}")
    search = EmbeddedSearch(tmp_path)
    await search.open()
    assert not half.exists()
    for seq in (3, 4, 5):
        await search.rebuild(in_one(COURSES), epoch="e", seq=seq)
    assert len(list(tmp_path.glob("courses-*"))) == 2
    await search.close()


async def test_a_search_holds_no_file_of_the_index_until_the_garbage_collector_comes(tmp_path):
    generation = Generation.create(tmp_path / "courses-1")
    generation.fill(COURSES)
    generation.commit()
    gc.disable()
    try:
        reader = EmbeddedReader(generation)
        assert (await suggest_hits(reader, "histroy", Filters(), 5)).total == len(COURSES)
        held = weakref.ref(reader)
        del reader
        assert held() is None
    finally:
        gc.enable()
        generation.close()


async def test_a_large_index_is_searched_in_threads(tmp_path):
    with ThreadPoolExecutor(2) as executor:
        search = EmbeddedSearch(tmp_path, executor, inline_below=0)
        await search.open()
        await search.rebuild(in_one(COURSES), epoch="e", seq=1)
        assert (await search.suggest("histroy 7", Filters(), 1)).hits[0].title == "History 7"
        assert (await search.search(SearchRequest(facets=True))).total == len(COURSES)
        await search.close()


def in_segments(path: Path, count: int) -> Generation:
    generation = Generation.create(path)
    for number in range(count):
        generation.add(COURSES[number * 5 : number * 5 + 5])
        generation.commit()
    return generation


@pytest.mark.parametrize("count", [2, 5])
def test_segments_are_gathered_into_one_with_all_that_was_in_them(tmp_path, count):
    generation = in_segments(tmp_path / "one", count)
    assert generation.segments == count
    generation.gather()
    assert generation.segments == 1
    assert set(generation.held([one.id for one in COURSES])) == {
        one.id for one in COURSES[: count * 5]
    }
    generation.close()


def test_gathering_does_not_bring_back_what_was_removed(tmp_path):
    generation = in_segments(tmp_path / "one", 3)
    gone = COURSES[14].id
    generation.remove([gone])
    generation.commit()
    generation.gather()
    assert generation.held([gone]) == {}
    generation.close()
