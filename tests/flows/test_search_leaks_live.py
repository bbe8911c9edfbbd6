"""Nothing leaks through search: visibility changes at random while the index is rebuilt again and
again; and an answer costs the same whether a hidden course would match or nothing would."""

import asyncio
import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from elearn import indexing
from elearn.config import Config
from elearn.indexing import indexer_of
from elearn.search.elastic import ElasticReader, ElasticSearch
from elearn.search.embedded_search import EmbeddedReader
from tests.conftest import served
from tests.live import Json, Live, LiveClient, Person

WORDS = ["amber", "basalt", "cobalt", "dolomite", "ebony", "feldspar", "garnet", "hematite"]
STEPS = 40


def misspelt(word: str) -> str:
    return word[:2] + "x" + word[3:]


class School:
    """A course a word, some hidden, each with a private room that has a word of its own."""

    def __init__(self, live: Live, teacher: Person, chance: random.Random) -> None:
        self.live, self.teacher, self.chance = live, teacher, chance
        self.courses: dict[str, Json] = {}
        self.shown: set[str] = set()
        self.edits: dict[str, str] = {}

    async def open(self) -> None:
        for word in WORDS:
            course = await self.teacher.make_course(
                f"Study of {word}", subject=word, description=f"{word}ish", published=False
            )
            self.courses[word] = course
            await self.teacher.command(
                "room.create", course=course["id"], name=f"{word}vault", kind="private"
            )

    async def change(self, number: int) -> None:
        word = self.chance.choice(WORDS)
        if self.chance.random() < 0.3:
            self.edits[word] = f"edit{word}{number}"
            await self._set(word, title=f"Study of {word} {self.edits[word]}")
            return
        hide = word in self.shown
        # Hidden from the moment of the act, shown from its answer on.
        self.shown.discard(word)
        await self._set(word, published=not hide)
        if not hide:
            self.shown.add(word)

    async def _set(self, word: str, **fields: Any) -> None:
        await self.teacher.api("PATCH", f"/api/courses/{self.courses[word]['id']}", fields)

    def hidden_words(self) -> set[str]:
        vaults = {f"{word}vault" for word in WORDS}
        return (set(WORDS) - self.shown) | vaults

    def untold(self, answer: Json, q: str) -> set[str]:
        """Words of the answer, besides what was typed, that only a hidden thing has."""
        told = repr({name: value for name, value in answer.items() if name not in ("q", "facets")})
        told = told.casefold().replace(q.casefold(), "")
        return {word for word in self.hidden_words() if word in told}


async def ask_at_once(school: School, clients: list[LiveClient]) -> None:
    word = school.chance.choice(WORDS)
    for q in (word, word[:4], misspelt(word), f"{word}vault"):
        for client in clients:
            for cmd in ("search.suggest", "search.courses"):
                answer = await client.do(cmd, q=q)
                assert not school.untold(answer, q), (cmd, q, school.shown, answer)


async def ask_when_followed(school: School, clients: list[LiveClient]) -> None:
    await school.live.search_follows()
    await school.live.services.search.refresh()
    for client in clients:
        every = await client.do("search.courses", q="")
        assert every["total"] == len(school.shown)
        assert {one["value"] for one in every["facets"]["subject"]} == school.shown
        for word in WORDS:
            for q in (word, f"{word}ish", misspelt(word)):
                found = await client.do("search.courses", q=q)
                suggested = await client.do("search.suggest", q=q)
                for answer in (found, suggested):
                    assert not school.untold(answer, q)
                    assert (answer["total"] > 0) >= (word in school.shown)
                subjects = {one["value"] for one in found["facets"]["subject"]}
                assert subjects <= school.shown


async def rebuild_for_ever(live: Live) -> None:
    indexer = indexer_of(live.services)
    while True:
        await indexer.rebuild()
        await asyncio.sleep(0)


@pytest.fixture
def own_index(config: Config, io_loop: Any) -> Iterator[str]:
    name = f"elearn-test-{secrets.token_hex(4)}"
    yield name
    if config.elasticsearch_url:
        io_loop.run_sync(lambda: dropped(str(config.elasticsearch_url), name))


async def dropped(url: str, name: str) -> None:
    engine = ElasticSearch(url, name)
    await engine.drop()
    await engine.close()


@pytest.mark.parametrize("seed", [3, 4])
async def test_what_may_not_be_seen_shows_nowhere_while_the_index_is_rebuilt(
    config: Config, own_index: str, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(indexing, "PAGE", 2)
    async with served(config, elasticsearch_index=own_index) as live:
        school = School(live, await live.teacher(), random.Random(seed))
        await school.open()
        clients = [await live.connect("/ws/search"), await (await live.student()).connect()]
        rebuilding = asyncio.create_task(rebuild_for_ever(live))
        for number in range(STEPS):
            await school.change(number)
            await ask_at_once(school, clients)
            if number % 8 == 7:
                await ask_when_followed(school, clients)
        assert not rebuilding.done(), rebuilding
        rebuilding.cancel()
        await asyncio.gather(rebuilding, return_exceptions=True)
        await ask_when_followed(school, clients)


@contextmanager
def work_recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What the engine is asked, apart from the words."""
    asked: list[Any] = []

    def recording(reader: type, name: str) -> None:
        ask = getattr(reader, name)

        async def recorded(self: Any, match: Any, *args: Any, **kwargs: Any) -> Any:
            spelling = kwargs.get("spelling") is not None
            asked.append((name, args, kwargs | {"spelling": spelling}))
            return await ask(self, match, *args, **kwargs)

        monkeypatch.setattr(reader, name, recorded)

    for reader in (EmbeddedReader, ElasticReader):
        for name in ("rows", "facets"):
            recording(reader, name)
    yield asked


async def test_a_hidden_course_makes_no_more_work_than_none(
    config: Config, own_index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(config, elasticsearch_index=own_index) as live:
        teacher = await live.teacher()
        await teacher.make_course("Study of basalt")
        hidden = await teacher.make_course("Study of obsidian", published=True)
        await live.search_follows()
        await teacher.api("PATCH", f"/api/courses/{hidden['id']}", {"published": False})
        await live.search_follows()
        await live.services.search.refresh()
        client = await live.connect("/ws/search")
        looked_up: list[list[str]] = []
        find = live.services.cards.find

        async def recorded(ids: list[str]) -> Any:
            looked_up.append(list(ids))
            return await find(ids)

        live.services.cards.find = recorded  # type: ignore[method-assign]
        for cmd in ("search.suggest", "search.courses"):
            works = []
            for q in ("obsidian", "zirconia", "basalt"):
                looked_up.clear()
                with monkeypatch.context() as patch, work_recorded(patch) as asked:
                    await client.do(cmd, q=q)
                    works.append((list(asked), [list(ids) for ids in looked_up]))
            of_hidden, of_nothing, of_shown = works
            assert of_hidden == of_nothing
            assert of_hidden != of_shown, "what is compared does tell a match from none"
