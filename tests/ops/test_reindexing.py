"""`elearn reindex`: what it says and how it exits, on the embedded index, and on Elasticsearch when
ELEARN_TEST_ELASTICSEARCH_URL says where one is."""

import asyncio
import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import Result
from elasticsearch import AsyncElasticsearch
from pymongo.errors import NetworkTimeout

from elearn.config import READERS, Config, setting_name
from elearn.indexing import catalogue, following
from elearn.indexing.rebuilds import alone, job_of
from elearn.models import courses, jobs
from elearn.search import differences
from elearn.search.backend import Filters
from elearn.search.documents import course_document
from elearn.search.elastic import ElasticSearch
from elearn.services import Services, open_services
from elearn.serving import REINDEX, SERVER, hold_data
from tests.conftest import DATABASE, served
from tests.test_cli import run, write_lines

ELASTICSEARCH = os.environ.get("ELEARN_TEST_ELASTICSEARCH_URL")
ENGINES = ["embedded", *(["elasticsearch"] if ELASTICSEARCH else [])]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def config(config: Config, engine: str) -> Config:
    url = ELASTICSEARCH if engine == "elasticsearch" else None
    name = f"elearn-test-{secrets.token_hex(4)}"
    return replace(config, elasticsearch_url=url, elasticsearch_index=name)


@pytest.fixture(autouse=True)
def environment(config: Config, monkeypatch: pytest.MonkeyPatch, io_loop: Any) -> Iterator[None]:
    """The commands find the stores of the test."""
    for field in READERS:
        monkeypatch.delenv(setting_name(field), raising=False)
    monkeypatch.setenv("ELEARN_DATA_DIR", str(config.data_dir))
    monkeypatch.setenv("ELEARN_SECRET_KEY", config.secret_key.decode())
    monkeypatch.setenv("ELEARN_MONGODB_URI", str(config.mongodb_uri))
    monkeypatch.setenv("ELEARN_MONGODB_DATABASE", DATABASE)
    monkeypatch.setenv("ELEARN_ELASTICSEARCH_INDEX", config.elasticsearch_index)
    if config.elasticsearch_url:
        monkeypatch.setenv("ELEARN_ELASTICSEARCH_URL", config.elasticsearch_url)
    yield
    if config.elasticsearch_url:
        io_loop.run_sync(lambda: dropped(config))


async def dropped(config: Config) -> None:
    engine = ElasticSearch(str(config.elasticsearch_url), config.elasticsearch_index)
    await engine.drop()
    await engine.close()


def import_courses(folder: Path, *titles: str) -> None:
    lines = [{"id": title, "title": title} for title in titles]
    done = run("import-courses", write_lines(folder / "courses.jsonl", *lines))
    assert done.exit_code == 0, done.output


async def reindex(*words: str) -> Result:
    """Beside the test's own loop, which may be a server's."""
    return await asyncio.to_thread(run, "reindex", *words)


LATER = 1_000
TITLES = [f"Course {number}" for number in range(20)]


def test_the_last_line_is_all_that_a_log_gets(tmp_path: Path) -> None:
    import_courses(tmp_path, *TITLES)
    first, second = run("reindex"), run("reindex")
    assert (first.exit_code, first.stderr, second.stderr) == (0, "", "")
    assert first.stdout.startswith("indexed 20 courses in ")
    assert second.stdout.endswith("20 before; --rollback goes back\n")
    assert first.stdout.count("\n") == second.stdout.count("\n") == 1


def test_what_was_imported_without_a_server_is_no_reason_to_refuse(tmp_path: Path) -> None:
    import_courses(tmp_path, *TITLES[:2])
    assert run("reindex").exit_code == 0
    import_courses(tmp_path, *TITLES)
    done = run("reindex")
    assert (done.exit_code, done.stdout.partition(" in ")[0]) == (0, "indexed 20 courses")


def test_a_dry_run_says_what_it_found_and_switches_nothing(tmp_path: Path) -> None:
    import_courses(tmp_path, *TITLES)
    first = run("reindex", "--dry-run")
    assert first.stdout == "would index 20 courses (none is in use); nothing was switched\n"
    assert run("reindex").exit_code == 0
    second = run("reindex", "--dry-run")
    assert second.stdout == "would index 20 courses (20 in the one in use); nothing was switched\n"
    assert run("reindex", "--rollback").exit_code == 4, "there was only one index"


def test_there_is_a_way_back_and_forth_and_one_line_when_there_is_none(tmp_path: Path) -> None:
    import_courses(tmp_path, *TITLES)
    for _ in range(2):
        refused = run("reindex", "--rollback")
        assert refused.exit_code == 4
        assert refused.stderr.startswith("elearn: there is no earlier index")
    first = run("reindex")
    assert (first.exit_code, "before" in first.stdout) == (0, False), "the way back built one"
    assert run("reindex", "--rollback").exit_code == 4
    assert run("reindex").exit_code == 0
    back, forth = run("reindex", "--rollback"), run("reindex", "--rollback")
    assert back.exit_code == forth.exit_code == 0
    assert back.stdout != forth.stdout
    assert back.stdout.startswith("went back to ")


def test_rollback_goes_with_no_other_option() -> None:
    assert run("reindex", "--rollback", "--force").exit_code == 2


async def test_a_catalogue_that_shrank_is_indexed_only_by_force(
    tmp_path: Path, config: Config
) -> None:
    await asyncio.to_thread(import_courses, tmp_path, *TITLES)
    assert (await reindex()).exit_code == 0
    await server_ran(config)
    async with open_services(config, serving=False) as services:
        for one in await services.db.courses.find({}, {"_id": 1}).limit(3).to_list(None):
            await services.db.courses.delete_one({"_id": one["_id"]})
    for words in ((), ("--dry-run",)):
        refused = await reindex(*words)
        assert refused.exit_code == 4
        assert "17 courses and the one in use 20: a change of 15%" in refused.stderr
        assert "--force" in refused.stderr
        assert refused.stderr.count("\n") == 1
    forced = await reindex("--force")
    assert (forced.exit_code, forced.stdout.partition(" in ")[0]) == (0, "indexed 17 courses")


async def test_a_second_rebuild_says_that_one_is_under_way(tmp_path: Path, config: Config) -> None:
    async with open_services(config, serving=False) as services:
        shared = config.elasticsearch_url is not None
        other = alone(services) if shared else contextlib.nullcontext()
        lock = contextlib.nullcontext() if shared else hold_data(config.data_dir, REINDEX)
        with lock:
            async with other:
                refused = await reindex()
    assert refused.exit_code == 3
    assert refused.stderr == "elearn: another rebuild is under way: this one is not needed\n"
    assert (await reindex()).exit_code == 0


async def test_beside_a_server_searches_see_every_write_all_the_time(config: Config) -> None:
    async with served(config) as live:
        with hold_data(config.data_dir, SERVER):
            teacher = await live.teacher()
            names = [word.title() for word in ("alpha", "beta", "gamma", "delta")]
            for name in names:
                await teacher.make_course(name)
            await live.search_follows()
            for words in ((), ("--dry-run",), ("--rollback",)):
                working = asyncio.create_task(reindex(*words))
                await teacher.make_course(added := f"Added{len(names)}")
                names.append(added)
                done = await working
                assert done.exit_code == 0, done.output
                assert done.stderr == ""
                await live.search_follows()
                await live.services.search.refresh()
                for name in names:
                    hits = (await live.services.search.suggest(name, Filters(), 1)).hits
                    assert [hit.title for hit in hits] == [name], words
            assert await live.services.search.count() == len(names)


@pytest.mark.parametrize("engine", ["embedded"], indirect=True)
async def test_a_job_that_a_killed_server_left_does_not_stand_in_the_way(config: Config) -> None:
    async with open_services(config, serving=False) as services:
        order = {"rollback": False, "force": False, "dry_run": False}
        assert await jobs.ask(services.db, job_of(config), services.clock(), order)
        assert await jobs.take(services.db, job_of(config)) is not None
        assert not await jobs.ask(services.db, job_of(config), services.clock(), order)
        async with served(config):
            with hold_data(config.data_dir, SERVER):
                done = await reindex()
            assert done.exit_code == 0, done.output


def index_line(*words: str) -> tuple[str, int]:
    """What `elearn check` says of the index."""
    done = run("check", *words)
    _, found, said = done.output.partition("\nindex ")
    assert found, done.output
    return " ".join(said.split()), done.exit_code


async def checked(*words: str) -> tuple[str, int]:
    return await asyncio.to_thread(index_line, *words)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is on its way: no second look is worth a wait."""
    monkeypatch.setattr(differences, "SETTLE_S", 0.0)


async def server_ran(config: Config) -> None:
    """It wrote the catalogue's rows, and the index followed."""
    async with served(config) as live:
        await live.search_follows()


async def spoil(services: Services) -> None:
    """One course of the index is old, one is nobody's, two are gone."""
    stored, *gone = await courses.newest(services.db, 3)
    lost, forgotten = (one.id for one in gone)
    document = course_document(msgspec.structs.replace(stored, title="Long ago"), LATER)
    await services.search.open()
    await services.search.write([document], [(lost, LATER), (forgotten, LATER)])
    await services.search.write([msgspec.structs.replace(document, id="f" * 24)], [])
    await services.search.refresh()
    await services.search.close()


AGREES = ("agrees with the catalogue: 20 published, 20 in the index", 0)


@pytest.mark.usefixtures("settled")
async def test_check_tells_what_differs_in_words_and_mends_it(
    tmp_path: Path, config: Config
) -> None:
    await asyncio.to_thread(import_courses, tmp_path, *TITLES)
    assert (await reindex()).exit_code == 0
    assert await checked() == ("20 changes are not in it yet: a server brings it there", 0)
    await server_ran(config)
    async with open_services(config, serving=False) as services:
        assert await checked() == AGREES
        await spoil(services)
    said, status = await checked()
    assert status == 1
    assert said.startswith("2 courses are missing in it (“Course ")
    assert "; 1 course is there in an older version (“Course " in said
    assert "; 1 course is there and should not be; 20 published, 19 in the index: `elearn" in said
    assert await checked("--repair") == AGREES


@pytest.mark.usefixtures("settled")
async def test_check_notices_a_row_that_never_reached_the_index(config: Config) -> None:
    """A lost job: the cursor says that it was done."""
    async with served(config) as live:
        teacher = await live.teacher()
        course = await teacher.make_course("Alchemy")
        await live.search_follows()
        path = f"/api/courses/{course['id']}"
        before = live.services.search.write
        live.services.search.write = lost  # type: ignore[method-assign]
        await teacher.api("PATCH", path, {"title": "Chemistry"})
        await live.search_follows()
        live.services.search.write = before  # type: ignore[method-assign]
        with hold_data(config.data_dir, SERVER):
            said, status = await checked()
            assert (status, said.partition(" (")[0]) == (1, "1 course is there in an older version")
            assert (await checked("--repair"))[1] == 0
        found = (await live.services.search.suggest("chemistry", Filters(), 1)).hits
        assert [hit.title for hit in found] == ["Chemistry"]


@pytest.mark.parametrize("engine", ENGINES[1:], indirect=True)
async def test_check_says_when_elasticsearch_takes_no_writes(
    tmp_path: Path, config: Config
) -> None:
    await asyncio.to_thread(import_courses, tmp_path, *TITLES)
    assert (await reindex()).exit_code == 0
    client = AsyncElasticsearch(str(config.elasticsearch_url))
    try:
        for blocked in (True, None):
            settings = {"index.blocks.read_only_allow_delete": blocked}
            await client.indices.put_settings(index=config.elasticsearch_index, settings=settings)
            done = await asyncio.to_thread(run, "check")
            said = "takes no writes (index.blocks.read_only_allow_delete)" in done.output
            assert (said, done.exit_code) == (bool(blocked), int(bool(blocked))), done.output
    finally:
        await client.close()


async def lost(*given: Any) -> None:
    pass


async def test_a_store_that_is_late_once_does_not_end_a_rebuild(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(config) as live:
        await (await live.teacher()).make_course("Algebra")
        find_many, late = courses.find_many, [NetworkTimeout("late"), NetworkTimeout("late")]

        async def late_at_first(*args: Any) -> dict[str, Any]:
            if late:
                raise late.pop()
            return await find_many(*args)

        monkeypatch.setattr(catalogue, "STORE_WAITS_S", (0.0, 0.0))
        monkeypatch.setattr(courses, "find_many", late_at_first)
        assert await following.indexer_of(live.services).rebuild() == 1
        assert not late
