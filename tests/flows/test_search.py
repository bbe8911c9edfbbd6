"""Search over real sockets: the newest keystroke, the order of hits, what never shows."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from elearn.actions import enrollment
from elearn.actions.act import Act
from elearn.config import Config
from elearn.nouns.people import User
from elearn.search.backend import Filters, Hit, Hits
from elearn.services import open_services
from elearn.ws.commands.table import CHANNELS
from tests.conftest import served
from tests.live import CommandRefused, Json, Live, LiveClient, until


async def titles(client: LiveClient, q: str, **args: Any) -> list[str]:
    found = await client.do("search.suggest", q=q, **args)
    assert found["q"] == q
    return [hit["title"] for hit in found["hits"]]


async def test_only_the_newest_keystroke_is_answered(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = await live.teacher()
    await teacher.make_course("Biology")
    await live.search_follows()
    client = await teacher.connect()
    begun, cancelled = [], []
    suggest = live.services.search.suggest

    async def slow(q: str, filters: Filters, limit: int) -> Hits:
        begun.append(q)
        if q != "biol":
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(q)
                raise
        return await suggest(q, filters, limit)

    monkeypatch.setattr(live.services.search, "suggest", slow)
    older = [await client.send("search.suggest", q=q) for q in ("b", "bi", "bio")]
    await until(lambda: "bio" in begun)
    newest = await client.do("search.suggest", q="biol")
    assert (newest["q"], len(newest["hits"])) == ("biol", 1)
    await client.do("ping")
    assert cancelled == begun[:-1]
    assert not [ref for ref in older if ref in client._replies], "the old ones stay unanswered"


async def test_a_slow_search_holds_up_no_other_command(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await (await live.student()).connect()

    async def never(*args: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(live.services.search, "suggest", never)
    await client.send("search.suggest", q="a")
    assert (await client.do("room.list"))["rooms"] == []


async def test_exact_and_prefix_hits_stand_above_misspelt_ones(live: Live) -> None:
    teacher = await live.teacher()
    for title in ("Statics", "Statistics", "Statistical Learning", "Static Analysis"):
        await teacher.make_course(title)
    await live.search_follows()
    client = await live.connect("/ws/search")
    found = await titles(client, "statics")
    assert found[0] == "Statics"
    exact = await titles(client, "statistics")
    assert exact[0] == "Statistics"
    assert "Statistical Learning" in exact
    assert (await titles(client, "statistcs"))[0] == "Statistics"


async def test_partial_words_plurals_and_accents_are_found(live: Live) -> None:
    teacher = await live.teacher()
    for title in ("Introduction to Poésie", "Organic Chemistry", "Networks and Proofs"):
        await teacher.make_course(title)
    await live.search_follows()
    client = await live.connect("/ws/search")
    for q, title in (
        ("poesi", "Introduction to Poésie"),
        ("POÉSIE", "Introduction to Poésie"),
        ("chem org", "Organic Chemistry"),
        ("network proof", "Networks and Proofs"),
    ):
        assert (await titles(client, q))[:1] == [title], q


async def test_a_visitor_may_search_and_nothing_else(live: Live) -> None:
    client = await live.connect("/ws/search")
    assert client.hello["user"] is None
    assert client.hello["topics"] == {}
    assert await titles(client, "anything") == []
    await client.join("catalog")
    assert await client.refused("subscribe", topic="course:" + "0" * 24) == "unauthenticated"
    assert await client.refused("room.list") == "unknown_command"
    everywhere = await live.connect()
    assert await everywhere.refused("room.list") == "unauthenticated"


@pytest.mark.parametrize("channel", CHANNELS)
async def test_each_channels_path_takes_its_own_commands_alone(live: Live, channel: str) -> None:
    client = await (await live.student()).connect(f"/ws/{channel}")
    assert f"user:{client.person.id}" in client.hello["topics"]  # type: ignore[union-attr]
    probes = {"rooms": "room.list", "feed": "feed.list", "search": "search.suggest"}
    for name, cmd in probes.items():
        reply = await client.ask(
            cmd, **{"scope": "me"} if name == "feed" else {"q": ""} if name == "search" else {}
        )
        refused = not reply["ok"] and reply["error"]["code"] == "unknown_command"
        assert refused == (name != channel), (channel, cmd)


async def test_what_is_unpublished_never_shows_in_search(live: Live) -> None:
    teacher = await live.teacher("Marta Olsen")
    shown = await teacher.make_course("Open Chemistry", subject="Chemistry")
    hidden = await teacher.make_course("Secret Chemistry", subject="Alchemy", published=False)
    await live.search_follows()
    for client in (await live.connect("/ws/search"), await teacher.connect()):
        for q in ("chemistry", "secret", "secr", "alchemy", "marta olsen", ""):
            suggested = await client.do("search.suggest", q=q)
            searched = await client.do("search.courses", q=q)
            for answer in (suggested, searched):
                assert hidden["id"] not in repr(answer)
                assert "Alchemy" not in repr(answer)
                assert answer["total"] <= 1
        assert await titles(client, "chemistry") == ["Open Chemistry"]

    await teacher.api("PATCH", f"/api/courses/{shown['id']}", {"published": False})
    assert (await client.do("search.suggest", q="chemistry"))["hits"] == [], "at once"
    await live.search_follows()
    assert (await client.do("search.courses", q=""))["total"] == 0


async def test_a_suggested_course_is_that_of_the_list_to_each_viewer_whatever_moved(
    live: Live,
) -> None:
    teacher, student = await live.teacher(), await live.student()
    course = await teacher.make_course("Alpha", capacity=3)
    await live.search_follows()
    viewers = {
        "visitor": await live.connect("/ws/search"),
        "student": await student.connect(),
        "teacher": await teacher.connect(),
    }

    async def seen(*shown: str) -> dict[str, list[Any]]:
        found = {}
        for name, client in viewers.items():
            [hit] = (await client.do("search.suggest", q="alpha"))["hits"]
            assert [hit] == (await client.do("search.courses", q="alpha"))["hits"]
            found[name] = [*(hit[field] for field in shown), *hit["viewer"].values()]
        return found

    assert await seen("title", "seats_left") == {
        "visitor": ["Alpha", 3, False, False],
        "student": ["Alpha", 3, False, False],
        "teacher": ["Alpha", 3, False, True],
    }
    await student.enroll(course)
    await teacher.api("PATCH", f"/api/courses/{course['id']}", {"title": "Alpha “Ω”"})
    await live.search_follows()
    assert await seen("title", "seats_left") == {
        "visitor": ["Alpha “Ω”", 2, False, False],
        "student": ["Alpha “Ω”", 2, True, False],
        "teacher": ["Alpha “Ω”", 2, False, True],
    }


async def test_seats_that_another_process_takes_are_not_open_in_search(live: Live) -> None:
    teacher, student = await live.teacher(), await live.student()
    course = await teacher.make_course("Alpha", capacity=1)
    await live.search_follows()
    client = await live.connect("/ws/search")
    assert (await client.do("search.courses", q=""))["facets"]["open"] == 1
    async with open_services(live.services.config, serving=False) as services:
        act = Act(User(student.id, student.name, "student"), "key", "digest")
        await enrollment.enroll_student(services, act, course["id"])

    async def full() -> bool:
        await live.node.indexing.refresh_counts()
        return bool((await client.do("search.courses", q=""))["facets"]["open"] == 0)

    await until(full)


async def test_the_index_follows_a_course_through_its_life(live: Live) -> None:
    teacher = await live.teacher()
    client = await live.connect("/ws/search")
    await client.join("catalog")
    course = await teacher.make_course("Alpha", published=False)
    await live.search_follows()
    assert await titles(client, "alpha") == []
    path = f"/api/courses/{course['id']}"
    for change, event, found in (
        ({"published": True}, "course.created", {"alpha": ["Alpha"]}),
        ({"title": "Beta"}, "course.updated", {"alpha": [], "beta": ["Beta"]}),
        ({"published": False}, "course.withdrawn", {"beta": []}),
    ):
        await teacher.api("PATCH", path, change)
        told = (await client.expect(event, topic="catalog"))["data"]["course"]
        assert told["id"] == course["id"]
        assert ("title" in told) == (event != "course.withdrawn")
        await live.search_follows()
        for q, wanted in found.items():
            assert await titles(client, q) == wanted, (change, q)


def catalogue(shown: list[Json], pushes: list[Json]) -> dict[str, tuple[Any, ...]]:
    known = {course["id"]: course for course in shown}
    for push in pushes:
        told = push["data"].get("course")
        if push["push"] in ("course.created", "course.updated"):
            known[told["id"]] = told
        elif push["push"] == "course.withdrawn":
            known.pop(told["id"], None)
        elif push["push"] == "course.seats" and told in known:
            known[told] = {
                **known[told],
                **{k: push["data"][k] for k in ("enrolled", "seats_left")},
            }
    return {i: (c["title"], c["enrolled"], c["seats_left"]) for i, c in known.items()}


async def test_a_list_of_courses_and_what_is_told_equal_a_fresh_list(live: Live) -> None:
    teacher, student = await live.teacher(), await live.student()
    first = await teacher.make_course("First", capacity=5)
    second = await teacher.make_course("Second")
    await live.search_follows()
    client = await live.connect("/ws/search")
    joined = await client.join("catalog")
    before = (await client.do("search.courses", q=""))["hits"]
    await teacher.make_course("Third")
    await teacher.api("PATCH", f"/api/courses/{first['id']}", {"title": "First of all"})
    await student.enroll(first)
    await teacher.api("PATCH", f"/api/courses/{second['id']}", {"published": False})
    await client.expect("course.withdrawn")
    await live.search_follows()
    seats = [push for push in client.seen if push["push"] == "course.seats"]
    assert seats
    assert joined["recovered"]
    fresh = (await client.do("search.courses", q=""))["hits"]
    assert catalogue(before, list(client.seen)) == catalogue(fresh, [])
    assert len(fresh) == 2


async def test_the_http_search_is_that_of_the_socket(live: Live) -> None:
    teacher = await live.teacher()
    await teacher.make_course("Organic Chemistry", subject="Chemistry", level="3")
    await teacher.make_course("Music Theory", subject="Music", level="1")
    await live.search_follows()
    client = await live.connect("/ws/search")
    on_socket = await client.do("search.courses", q="chemistry")
    over_http = await live.api("GET", "/api/courses?q=chemistry")
    assert over_http == on_socket
    assert (await live.api("GET", "/api/courses?subject=Music"))["total"] == 1
    with pytest.raises(CommandRefused, match="order"):
        await live.api("GET", "/api/courses?sort=password")


async def test_enrolments_reach_the_ranking_without_a_row_in_the_catalogue(live: Live) -> None:
    teacher = await live.teacher()
    quiet = await teacher.make_course("Quiet Course", capacity=1)
    busy = await teacher.make_course("Busy Course")
    await live.search_follows()
    for _ in range(3):
        await (await live.student()).enroll(busy)
    await (await live.student()).enroll(quiet)
    await live.settled()
    await live.node.indexing.refresh_counts()
    await live.services.search.refresh()
    popular = await live.api("GET", "/api/courses?sort=popular")
    assert [hit["id"] for hit in popular["hits"]] == [busy["id"], quiet["id"]]
    still_open = await live.api("GET", "/api/courses?open=1")
    assert [hit["id"] for hit in still_open["hits"]] == [busy["id"]]


async def test_a_title_is_shown_as_it_is_now_also_before_the_index_has_it(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = await (await live.teacher()).make_course("Sums & Sets")

    async def behind(*_: object) -> Hits:
        return Hits((Hit(course["id"], "The Old Name", "The <mark>Old</mark> Name"),), 1)

    monkeypatch.setattr(live.services.search, "suggest", behind)
    found = await (await live.student()).command("search.suggest", q="old")
    assert [hit["title_html"] for hit in found["hits"]] == ["Sums &amp; Sets"]


async def test_changed_synonyms_count_while_the_server_runs(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("elearn.search.synonyms.LOOK_S", 0.01)
    path = tmp_path / "synonyms.txt"
    path.write_text("")
    async with served(config, search_synonyms=path) as live:
        await (await live.teacher()).make_course("Machine Learning")
        await live.search_follows()
        student = await live.student()

        async def found() -> list[str]:
            hits = (await student.command("search.suggest", q="automata"))["hits"]
            return [hit["title"] for hit in hits]

        assert await found() == []
        path.write_text("automata, machine learning\n")

        async def finds() -> bool:
            return await found() == ["Machine Learning"]

        await until(finds)
