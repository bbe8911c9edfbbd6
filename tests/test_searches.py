"""What is kept of searches: counts of settled texts that several people searched for."""

from datetime import UTC, datetime, timedelta

import pytest
from pymongo.errors import AutoReconnect

from elearn.models import searches as stored
from elearn.searches import KEPT_DAYS, ONCE_S, SETTLED_S, SLOW_S, Asked, Searches
from tests.catalogue import a_course
from tests.live import Live

PEOPLE = ("ada", "ben", "cem")
COURSE = "0" * 24
BOTANY = a_course(COURSE, "Botany")


class Scene:
    def __init__(self, live: Live) -> None:
        self.now_s = 1_000.0
        self.now = datetime(2026, 5, 4, tzinfo=UTC)
        self.db = live.services.db
        self.searches = self.anew()

    def anew(self) -> Searches:
        return Searches(
            self.db, lambda: self.now, lambda held: "smith" not in held, now_s=lambda: self.now_s
        )

    def search(self, person: str | None, q: str, found: int = 0, **more: object) -> None:
        self.searches.asked(person, Asked("search", q, found, 0.01, **more))

    def type(self, person: str | None, q: str, found: int = 0) -> None:
        self.searches.asked(person, Asked("suggest", q, found, 0.01))

    async def kept(self, about: str = "") -> dict[tuple[str, str], int]:
        self.now_s += SETTLED_S
        await self.searches.flush()
        rows = await stored.of(self.db, about, 0)
        return {(row["q"], row["what"]): row["count"] for row in rows}


@pytest.fixture
def scene(live: Live) -> Scene:
    return Scene(live)


async def test_what_several_people_did_not_find_is_counted(scene: Scene) -> None:
    for person in PEOPLE:
        scene.search(person, "Beekeeping ")
        scene.search(person, "only mine " + person)
    assert await scene.kept() == {("beekeeping", "nothing"): 3}
    assert scene.searches.empty == 6


async def test_nothing_that_is_stored_names_a_person(scene: Scene) -> None:
    for person in PEOPLE:
        scene.search(person, "beekeeping")
        scene.search(person, "bee smith")
        scene.searches.opened(person, BOTANY, "smith")
        scene.searches.opened(person, BOTANY, "botany")
    await scene.kept()
    rows = [row async for row in scene.db.searches.find({})]
    assert len(rows) == 2
    assert not [name for name in (*PEOPLE, "smith") if name in str(rows)]
    assert {*rows[0]} == {"_id", "day", "about", "what", "q", "count"}


async def test_only_the_text_at_which_the_typing_stopped_counts(scene: Scene) -> None:
    for person in PEOPLE:
        for end in range(1, 6):
            scene.type(person, "xylophone"[:end])
            scene.now_s += 0.1
        await scene.searches.flush()
    assert await scene.kept() == {("xylop", "nothing"): 3}


async def test_the_search_page_takes_the_place_of_its_suggestions(scene: Scene) -> None:
    for person in PEOPLE:
        scene.type(person, "xylo")
        scene.search(person, "xylophone")
    assert await scene.kept() == {("xylophone", "nothing"): 3}


async def test_what_was_found_or_left_out_by_filters_is_not_missing(scene: Scene) -> None:
    for person in PEOPLE:
        scene.search(person, "botany", found=4)
        scene.search(person, "geology", narrowed=True)
        scene.search(person, "")
    assert await scene.kept() == {}
    assert scene.searches.empty == 0


async def test_a_better_spelling_is_kept_instead_of_what_was_typed(scene: Scene) -> None:
    for person in PEOPLE:
        scene.search(person, "botny smit", meant="botany smit")
    assert await scene.kept() == {("botany smit", "nothing"): 3}


async def test_a_person_counts_once_an_hour(scene: Scene) -> None:
    for person in PEOPLE:
        for _ in range(5):
            scene.search(person, "botany")
    assert await scene.kept() == {("botany", "nothing"): 3}
    scene.now_s += ONCE_S
    scene.search("ada", "botany")
    assert await scene.kept() == {("botany", "nothing"): 4}


async def test_opening_a_result_is_counted_for_its_course(scene: Scene) -> None:
    for person in PEOPLE:
        scene.search(person, "botany", found=1)
    scene.searches.opened("ada", BOTANY, "Botany")
    scene.searches.opened("ada", BOTANY, "botany")
    scene.searches.opened("ada", BOTANY, "ada@example.org")
    assert await scene.kept(COURSE) == {("botany", "opened"): 1}


async def test_slow_searches_are_kept_in_memory_and_their_text_is_shown_when_it_may_be_kept(
    scene: Scene,
) -> None:
    scene.searches.asked("ada", Asked("search", "botany", 3, SLOW_S))
    scene.searches.asked("ada", Asked("search", "zoology", 3, SLOW_S / 2))
    assert [one.asked.q for one in scene.searches.slow] == ["botany"]
    (slow,) = scene.searches.slow
    assert scene.searches.shown(slow.asked) is None
    for person in PEOPLE:
        scene.search(person, "botany", found=3)
    assert scene.searches.shown(slow.asked) == "botany"
    for _ in range(200):
        scene.searches.asked("ada", Asked("search", "botany", 3, 1.0))
    assert len(scene.searches.slow) == 50
    assert scene.searches.slow_answers == 201


async def test_counts_are_forgotten_after_a_month(scene: Scene) -> None:
    for person in PEOPLE:
        scene.search(person, "botany")
    assert await scene.kept()
    scene.now += timedelta(days=KEPT_DAYS)
    assert await scene.kept()
    scene.now += timedelta(days=1)
    assert await scene.kept() == {}


async def test_a_day_has_room_for_so_many_texts_and_no_more(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("elearn.searches.NEW_A_DAY", 2)
    for q in ("first", "second", "third"):
        for person in PEOPLE:
            scene.search(person, q)
    assert {q for q, _ in await scene.kept()} == {"first", "second"}
    scene.now += timedelta(days=1)
    await scene.kept()
    scene.now_s += ONCE_S
    scene.search("ada", "third")
    assert ("third", "nothing") in await scene.kept()


async def test_a_store_that_is_away_costs_counts_and_nothing_else(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise AutoReconnect

    for person in PEOPLE:
        scene.search(person, "botany")
    with monkeypatch.context() as patch:
        patch.setattr(stored, "add", away)
        await scene.searches.flush()
    scene.search("dan", "botany")
    assert await scene.kept() == {("botany", "nothing"): 1}
