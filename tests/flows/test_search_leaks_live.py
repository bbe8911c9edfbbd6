"""Nothing leaks through search: whatever was withdrawn, while the index is rebuilt again and again,
each answer is that of a catalogue without it; and it costs what one costs that finds nothing."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urlencode

import msgspec
import pytest

from elearn.actions.course_imports import CATALOGUE, ImportedCourse, import_courses
from elearn.config import Config
from elearn.errors import SearchUnavailable
from elearn.indexing import catalogue, following
from elearn.indexing.following import indexer_of
from elearn.models import courses
from elearn.nouns.courses import CourseFields
from elearn.search.backend import Facets, Filters, Hits, SearchBackend, SearchRequest, SearchResult
from elearn.search.documents import course_document
from elearn.search.elastic import ElasticSearch
from elearn.search.elastic_reader import ElasticReader
from elearn.search.embedded import EmbeddedSearch
from elearn.search.embedded_search import EmbeddedReader
from tests.browsing import Browser
from tests.conftest import served
from tests.error_log import ErrorLog
from tests.live import LIMIT_S, Json, Live, Person, deafen, until
from tests.search.conftest import as_batches

SUBJECTS = ("amber", "basalt", "cobalt")
ENDINGS = ("lode", "mine", "rock", "seam", "vein", "well", "wash", "yard")
WORDS = [f"{subject}{ending}" for subject in SUBJECTS for ending in ENDINGS]
ROUNDS = 3


def misspelt(word: str) -> str:
    return word[:2] + "x" + word[3:]


class School:
    """A course a word, with a subject of its kind and a teacher, a text and a private room of its
    own. `indexed` is what an index may know; what is not in `shown` nobody may see."""

    def __init__(self, live: Live, teacher: Person, chance: random.Random) -> None:
        self.live, self.teacher, self.chance = live, teacher, chance
        self.ids: dict[str, str] = {}
        self.shown: set[str] = set()

    @property
    def visible(self) -> set[str]:
        return {self.ids[word] for word in self.shown}

    async def open(self) -> None:
        await self._bring_in({word: f"Doctor {word}" for word in WORDS})
        self.shown = set(WORDS)
        for word in WORDS[::6]:
            await self.teacher.command(
                "room.create", course=self.ids[word], name=f"{word}vault", kind="private"
            )

    async def _bring_in(self, teachers: dict[str, str]) -> None:
        """The one act that gives a course another teacher."""
        lines = []
        for word, name in teachers.items():
            given = CourseFields(
                f"Study of {word}", subject=word[:5], description=f"{word}ish", published=True
            )
            values = msgspec.structs.asdict(given)
            lines.append(
                ImportedCourse(word, values, frozenset(), teachers=[(self.teacher.id, name)])
            )
        services = self.live.services
        await import_courses(services, CATALOGUE, lines)
        self.ids |= await courses.find_external(services.db, list(teachers))

    async def show(self, number: int) -> None:
        """Courses come, are named anew, get another teacher: what an index may show late."""
        for word in self.chance.sample(WORDS, 4):
            what = self.chance.choice(["publish", "publish", "title", "teacher"])
            if what == "publish":
                self.shown.add(word)
                await self._set(word, published=True)
            elif what == "title":
                await self._set(word, title=f"Study of {word} {word}edit{number}")
            else:
                await self._bring_in({word: f"Doctor {word} {word}heir{number}"})

    async def hide(self, word: str, number: int) -> None:
        await self._set(word, published=False)
        self.shown.remove(word)
        if self.chance.random() < 0.3:
            await self._set(word, title=f"Study of {word} {word}kept{number}")

    async def _set(self, word: str, **fields: Any) -> None:
        await self.teacher.api("PATCH", f"/api/courses/{self.ids[word]}", fields)

    def leaked(self, answer: Json | str, *typed: str) -> set[str]:
        """Words of the answer, besides what was typed, that only a hidden thing has."""
        told = repr(answer).casefold()
        for text in typed:
            told = told.replace(text.casefold(), "")
        hidden = (set(WORDS) - self.shown) | {f"{word}vault" for word in WORDS}
        return {word for word in hidden if word in told}


class Asking:
    """What strangers get, by every way there is, beside what an index says that never held
    anything but the courses which are shown."""

    def __init__(self, school: School, oracle: SearchBackend) -> None:
        self.school, self.oracle = school, oracle

    async def begin(self) -> None:
        live = self.school.live
        self.browser = Browser(live)
        self.visitor = await live.connect("/ws/search")
        self.student = await (await live.student()).connect()

    async def _learn(self) -> None:
        known = await courses.find_many(self.school.live.services.db, self.school.ids.values())
        documents = [course_document(one, 0) for one in known.values() if one.published]
        assert len(documents) == len(self.school.shown)
        await self.oracle.rebuild(as_batches(documents), epoch="e", seq=0)

    async def as_if_never_there(self) -> None:
        await self._learn()
        word = self.school.chance.choice(WORDS)
        gone = self.school.chance.choice(sorted(set(WORDS) - self.school.shown) or WORDS)
        texts = ["", "study", word[:5], misspelt(word[:5]), "zirconia", "of", f"{gone}vault"]
        for one in (word, gone):
            texts += [one, one[:7], misspelt(one), f"{one}ish", f"doctor {one}"]
        for q in self.school.chance.sample(texts, 6):
            await self._suggest(q)
            await self._search(q, {})
        for q, filters in (
            ("", {"subject": [gone[:5]]}),
            (gone, {"teacher": [f"Doctor {gone}"], "subject": [word[:5], gone[:5]]}),
        ):
            await self._search(q, filters)

    async def _suggest(self, q: str) -> None:
        expected = await self.oracle.suggest(q, Filters(), 8)
        for client in (self.visitor, self.student):
            answer = await client.do("search.suggest", q=q)
            self._compare(answer, expected, q)
            assert len(answer["popular"]) == (self._attended([]) if q and not answer["hits"] else 0)
            assert not answer["rooms"] + answer["people"]

    async def _search(self, q: str, filters: dict[str, list[str]]) -> None:
        typed = [q, *(value for values in filters.values() for value in values)]
        address = urlencode({"q": q, **filters}, doseq=True)
        for page in (1, 2):
            wanted = Filters(**{name: tuple(values) for name, values in filters.items()})
            request = SearchRequest(q=q, filters=wanted, page=page, facets=True)
            expected = await self.oracle.search(request)
            answers = [
                await self.visitor.do("search.courses", q=q, filters=filters, page=page),
                await self.school.live.api("GET", f"/api/courses?{address}&page={page}"),
            ]
            for answer in answers:
                self._compare(answer, expected, *typed)
                assert msgspec.convert(answer["facets"], Facets) == expected.facets, (q, filters)
                assert answer["pages"] == max(1, -(-expected.total // 20))
                popular = 0 if expected.hits else self._attended(filters.get("subject", []))
                assert len(answer["popular"]) == popular, (q, filters)
            if page == 1:
                await self._without_script(f"/courses?{address}", expected, *typed)

    def _compare(self, answer: Json, expected: Hits | SearchResult, *typed: str) -> None:
        about = (typed, answer, expected)
        assert not answer["reduced"], about
        assert answer["total"] == expected.total, about
        assert len(answer["hits"]) == len(expected.hits), about
        assert {hit["id"] for hit in answer["hits"]} <= self.school.visible, about
        assert answer["nearest"] == expected.nearest, about
        assert (answer["suggestion"] is None) == (expected.suggestion is None), about
        assert not self.school.leaked(answer, *typed), about

    def _attended(self, subjects: list[str]) -> int:
        """How many are offered to who finds nothing."""
        shown = [word for word in self.school.shown if not subjects or word[:5] in subjects]
        return min(4, len(shown))

    async def _without_script(self, path: str, expected: SearchResult, *typed: str) -> None:
        page = unquote_plus((await self.browser.get(path)).body.decode())
        assert f"Show {expected.total} course" in page, path
        assert not self.school.leaked(page, *typed), path


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


@asynccontextmanager
async def engine_like(config: Config, name: str, folder: Path) -> AsyncIterator[SearchBackend]:
    url = config.elasticsearch_url
    engine: Any = ElasticSearch(url, name) if url else EmbeddedSearch(folder / name)
    await engine.open()
    try:
        yield engine
    finally:
        if url:
            await engine.drop()
        await engine.close()


def unhurried(live: Live) -> None:
    """Elasticsearch may take its time here: no answer comes from the index beside it."""
    if live.services.engines.guard is not None:
        live.services.engines.guard._late_s = LIMIT_S


def deaf(live: Live) -> None:
    """Nothing tells the index that the catalogue moved: it stays as it is until it is woken."""
    deafen(live, live.node.indexing)


@pytest.mark.parametrize("rebuilding", [False, True])
async def test_after_a_withdrawal_no_answer_is_other_than_without_the_course(
    config: Config,
    own_index: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    rebuilding: bool,
) -> None:
    monkeypatch.setattr(catalogue, "PAGE", 2)
    async with (
        served(config, elasticsearch_index=own_index) as live,
        engine_like(config, f"{own_index}-oracle", tmp_path) as oracle,
    ):
        unhurried(live)
        school = School(live, await live.teacher(), random.Random(3))
        asking = Asking(school, oracle)
        await school.open()
        await asking.begin()
        work = asyncio.create_task(rebuild_for_ever(live)) if rebuilding else None
        if not rebuilding:
            deaf(live)
        for number in range(ROUNDS):
            await school.show(number)
            live.node.indexing.wake()
            await live.search_follows()
            await asking.as_if_never_there()
            for word in school.chance.sample(sorted(school.shown), 2):
                await school.hide(word, number)
                await asking.as_if_never_there()
        if work is not None:
            assert not work.done(), work
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


async def test_what_was_withdrawn_is_kept_until_every_index_has_followed(
    config: Config, own_index: str
) -> None:
    async with served(config, elasticsearch_index=own_index) as live:
        unhurried(live)
        indexing, withdrawn = live.node.indexing, live.services.withdrawn
        teacher = await live.teacher()
        course = await teacher.make_course("Study of basalt")
        await live.search_follows()
        deaf(live)
        await teacher.api("PATCH", f"/api/courses/{course['id']}", {"published": False})
        for _ in range(2):
            await indexing.tell_followed()
            assert withdrawn.ids == (course["id"],)
        indexing.wake()
        await live.search_follows()
        for _ in range(2):
            await indexing.tell_followed()
        assert withdrawn.ids == ()
        answer = await (await live.connect("/ws/search")).do("search.courses", q="")
        assert (answer["total"], answer["facets"]["subject"]) == (0, [])


async def test_what_was_withdrawn_is_forgotten_though_a_look_at_the_index_failed(
    config: Config, own_index: str, monkeypatch: pytest.MonkeyPatch, errors: ErrorLog
) -> None:
    monkeypatch.setattr(following, "FOLLOWED_S", 0.01)
    errors.expect("left out for longer than need be")
    async with served(config, elasticsearch_index=own_index) as live:
        failures = [SearchUnavailable("away"), RuntimeError("nobody thought of it")]
        look = live.node.indexing.tell_followed

        async def fails_at_first() -> None:
            if failures:
                raise failures.pop()
            await look()

        monkeypatch.setattr(live.node.indexing, "tell_followed", fails_at_first)
        teacher = await live.teacher()
        course = await teacher.make_course("Study of basalt")
        await teacher.api("PATCH", f"/api/courses/{course['id']}", {"published": False})
        await until(lambda: not failures and live.services.withdrawn.ids == ())


async def test_what_was_withdrawn_before_a_start_is_left_out_of_an_index_that_takes_no_writes(
    config: Config, own_index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(config, elasticsearch_index=own_index) as live:
        teacher = await live.teacher()
        course = await teacher.make_course("Study of basalt")
        await live.search_follows()
        deaf(live)
        await teacher.api("PATCH", f"/api/courses/{course['id']}", {"published": False})

    async def refused(*_: Any) -> None:
        raise SearchUnavailable("There is no room.")

    for engine in (EmbeddedSearch, ElasticSearch):
        monkeypatch.setattr(engine, "write", refused)
    async with served(config, elasticsearch_index=own_index) as live:
        unhurried(live)
        assert await live.services.search.count() == 1
        answer = await (await live.connect("/ws/search")).do("search.courses", q="")
        assert (answer["total"], answer["facets"]["subject"]) == (0, [])


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


@pytest.mark.parametrize("followed", [False, True])
async def test_a_hidden_course_makes_no_more_work_than_none(
    config: Config, own_index: str, monkeypatch: pytest.MonkeyPatch, followed: bool
) -> None:
    async with served(config, elasticsearch_index=own_index) as live:
        unhurried(live)
        teacher = await live.teacher()
        await teacher.make_course("Study of basalt")
        hidden = await teacher.make_course("Study of obsidian", published=True)
        await live.search_follows()
        deaf(live)
        await teacher.api("PATCH", f"/api/courses/{hidden['id']}", {"published": False})
        if followed:
            live.node.indexing.wake()
            await live.search_follows()
        assert await live.services.search.count() == (1 if followed else 2)
        client = await live.connect("/ws/search")
        looked_up: list[list[str]] = []
        find = live.services.course_cards.find

        async def recorded(ids: list[str]) -> Any:
            looked_up.append(list(ids))
            return await find(ids)

        live.services.course_cards.find = recorded  # type: ignore[method-assign]
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
