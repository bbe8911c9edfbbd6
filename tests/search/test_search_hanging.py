"""An Elasticsearch that fails in every way: by a clock that only the test moves, each answer is
there when the engine's time is over, counted from the arrival of the query."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from elearn.search.backend import CourseDocument, Filters
from elearn.search.breaker import FAILURES
from elearn.search.elastic import ElasticSearch
from elearn.search.embedded import EmbeddedSearch
from elearn.search.guarded import LATE_S, GuardedSearch
from tests.faults.nodes import free_port
from tests.search.conftest import as_batches
from tests.search.fake_engine import EMPTY, FakeEngine, answer, nobody_takes_calls

ALGEBRA = CourseDocument(id=f"{1:024x}", version=1, title="Algebra")
MISSPELT = "algebbra"
LIMIT_S = 10.0


class Clock:
    """The loop's, which stands still from now on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self.now_s = loop.time()
        monkeypatch.setattr(loop, "time", lambda: self.now_s)

    def passes(self, seconds: float) -> None:
        self.now_s += seconds

    async def reach(self, condition: Callable[[], bool]) -> None:
        """What comes true while no time passes."""
        limit_s = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < limit_s, "it waits for time to pass"
            await asyncio.sleep(0)


@asynccontextmanager
async def search_at(url: str, folder: Path) -> AsyncIterator[GuardedSearch]:
    """With a spare index that holds a course."""
    search = GuardedSearch(ElasticSearch(url, "courses"), EmbeddedSearch(folder))
    await search.spare.open()
    await search.spare.rebuild(as_batches([ALGEBRA]), epoch="e", seq=1)
    try:
        yield search
    finally:
        await search.close()


async def require_in_time(
    search: GuardedSearch, clock: Clock, hanging: Callable[[], bool] | None
) -> None:
    """Each answer is reduced, and needs no more time than the engine's (none, where it does not
    hang); once the engine is not relied on, none at all."""
    for number in range(FAILURES + 1):
        due_s = clock.now_s + LATE_S
        asked = asyncio.ensure_future(search.suggest(MISSPELT, Filters(), 5))
        if hanging is not None and number < FAILURES:
            await clock.reach(hanging)
            assert not asked.done()
            clock.now_s = due_s
        await clock.reach(asked.done)
        found = asked.result()
        assert [hit.title for hit in found.hits] == ["Algebra"]
        assert found.reduced


def turns_pass() -> Callable[[], bool]:
    """So many that whoever can go on without time and without an answer has done so."""
    turns = itertools.count(1)
    return lambda: next(turns) % 100 == 0


HANGS = {
    "before the headers": [b""],
    "in the headers": [EMPTY[:30]],
    "in the body": [EMPTY[:-20]],
    "in the body of an error": [answer("503 Service Unavailable", b"{", claimed=9)],
    "at a misspelt query's second request": [EMPTY, b""],
    "at its third": [EMPTY, EMPTY, EMPTY[:-1]],
}


@pytest.mark.parametrize("where", HANGS)
async def test_one_that_hangs_has_its_time_once_however_many_requests_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    engine = FakeEngine(HANGS[where])
    async with engine.serving() as url, search_at(url, tmp_path) as search:
        with monkeypatch.context() as patches:
            clock, heard = Clock(patches), 0
            engine.on_asked = lambda: clock.passes(LATE_S / 4)

            def hanging() -> bool:
                nonlocal heard
                if engine.asked - heard < len(HANGS[where]):
                    return False
                heard = engine.asked
                return True

            await require_in_time(search, clock, hanging)
        assert engine.asked == FAILURES * len(HANGS[where])


async def test_one_that_takes_no_calls_has_its_time_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nobody_takes_calls() as url:
        async with search_at(url, tmp_path) as search:
            with monkeypatch.context() as patches:
                await require_in_time(search, Clock(patches), turns_pass())


async def test_a_name_that_is_not_resolved_has_its_time_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with search_at("http://engine.invalid:9200", tmp_path) as search:
        with monkeypatch.context() as patches:
            patches.setattr(asyncio.get_running_loop(), "getaddrinfo", hangs)
            await require_in_time(search, Clock(patches), turns_pass())


async def hangs(*_: Any, **__: Any) -> None:
    await asyncio.Event().wait()


REFUSALS = {
    "429": answer("429 Too Many Requests", b'{"error":"busy","status":429}'),
    "500": answer("500 Internal Server Error", b'{"error":"broken","status":500}'),
    "503": answer("503 Service Unavailable", b""),
    "404": answer("404 Not Found", b'{"error":"no such index","status":404}'),
    "403": answer("403 Forbidden", b'{"error":"blocked","status":403}'),
    "401": answer("401 Unauthorized", b""),
    "too late by its own account": answer("200 OK", b'{"timed_out":true}'),
    "no JSON": answer("200 OK", b"<html>"),
    "of somebody else": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    "nothing of the protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
}


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("hangs_up", [False, True])
async def test_a_refusal_of_any_kind_is_answered_for_without_any_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: str, hangs_up: bool
) -> None:
    engine = FakeEngine([REFUSALS[refusal]], hangs_up=hangs_up)
    async with engine.serving() as url, search_at(url, tmp_path) as search:
        with monkeypatch.context() as patches:
            await require_in_time(search, Clock(patches), None)
        assert engine.asked == FAILURES


@pytest.mark.parametrize("said", [b"", EMPTY[:30], EMPTY[:-20]])
async def test_one_that_hangs_up_at_any_point_is_answered_for_without_any_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    engine = FakeEngine([said], hangs_up=True)
    async with engine.serving() as url, search_at(url, tmp_path) as search:
        with monkeypatch.context() as patches:
            await require_in_time(search, Clock(patches), None)


async def test_one_that_is_gone_is_answered_for_without_any_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with search_at(f"http://127.0.0.1:{free_port()}", tmp_path) as search:
        with monkeypatch.context() as patches:
            await require_in_time(search, Clock(patches), None)
