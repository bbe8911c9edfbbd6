"""How search does, for admins; what led to a course, for its teachers; nothing for others."""

import pytest

from elearn.actions import accounts
from elearn.searches import SETTLED_S
from tests.live import PASSWORD, CommandRefused, Json, Live, Person, until

HTML = {"Accept": "text/html"}


async def admin(live: Live) -> Person:
    await accounts.create_user(
        live.services, email="root@example.org", name="Root", role="admin", password=PASSWORD
    )
    credentials = {"email": "root@example.org", "password": PASSWORD}
    return Person(live, await live.api("POST", "/api/sessions", credentials), credentials["email"])


async def page(person: Person, path: str) -> str:
    answer = await person.live.request("GET", path, token=person.token, headers=HTML)
    assert answer.code == 200, answer.code
    return answer.body.decode()


async def students(live: Live, count: int = 3) -> list[Person]:
    return [await live.student() for _ in range(count)]


async def course_found_by(live: Live, people: list[Person], q: str) -> tuple[Person, Json]:
    """A course, and people who opened it from the results of `q`."""
    teacher = await live.teacher()
    course = await teacher.make_course("Organic Chemistry")
    await live.search_follows()
    for person in people:
        found = await person.command("search.suggest", q=q)
        assert found["hits"][0]["id"] == course["id"]
        await person.command("search.opened", q=q, course=course["id"])
    return teacher, course


async def test_a_teacher_sees_which_searches_led_to_the_course(live: Live) -> None:
    people = await students(live)
    teacher, course = await course_found_by(live, people, "Chemistry organic")
    await people[0].enroll(course)
    await live.settled()
    await live.services.searches.flush()
    path = f"/courses/{course['id']}/people"
    shown = await page(teacher, path)
    assert "Searches that led here" in shown
    row = '<th scope="row"><bdi>chemistry organic</bdi></th>'
    assert f'{row}<td class="is-number">3</td><td class="is-number">1</td>' in shown
    assert "Searches that led here" not in await page(people[0], path)
    assert "chemistry organic" not in await page(people[0], path)
    assert "Searches that led here" not in await page(await live.teacher(), path)


async def test_a_search_of_two_people_is_shown_to_nobody(live: Live) -> None:
    teacher, course = await course_found_by(live, await students(live, 2), "chemistry")
    await live.services.searches.flush()
    shown = await page(teacher, f"/courses/{course['id']}/people")
    assert "None yet" in shown
    assert ">chemistry<" not in shown


async def test_the_name_of_a_teacher_is_nothing_that_is_kept(live: Live) -> None:
    teacher = await live.teacher()
    course = await teacher.make_course("Organic Chemistry")
    await live.search_follows()
    for person in await students(live):
        found = await person.command("search.suggest", q=teacher.name)
        assert found["hits"][0]["id"] == course["id"]
        await person.command("search.opened", q=teacher.name, course=course["id"])
        await person.command("search.courses", q=f"chemistry {teacher.name} nobody")
    await live.services.searches.flush()
    assert [row async for row in live.services.db.searches.find({})] == []


async def test_staff_who_open_their_course_are_not_counted(live: Live) -> None:
    teacher, course = await course_found_by(live, await students(live), "chemistry")
    await teacher.command("search.opened", q="chemistry", course=course["id"])
    await live.services.searches.flush()
    row = '>chemistry</bdi></th><td class="is-number">3</td>'
    assert row in await page(teacher, f"/courses/{course['id']}/people")


async def test_what_one_may_not_see_cannot_be_opened_from_a_search(live: Live) -> None:
    teacher, student = await live.teacher(), await live.student()
    draft = await teacher.make_course("Secret", published=False)
    for ident in (draft["id"], "0" * 24, "nonsense"):
        with pytest.raises(CommandRefused, match="not_found"):
            await student.command("search.opened", q="secret", course=ident)
    client = await live.connect("/ws/search")
    assert await client.refused("search.opened", q="secret", course=draft["id"]) == (
        "unauthenticated"
    )


async def two_courses(live: Live) -> None:
    teacher = await live.teacher()
    for title in ("Botany", "Beekeeping"):
        await teacher.make_course(title)
    await live.search_follows()


async def test_admins_see_what_was_not_found_and_how_the_index_keeps_up(live: Live) -> None:
    root = await admin(live)
    empty = await page(root, "/admin/search")
    assert "Nothing was missed" in empty
    assert "Search answers as it should" in empty
    await two_courses(live)
    for person in await students(live):
        await person.command("search.courses", q="beekeeping botany")
        await person.command("search.courses", q="Marta Olsen")
    await live.services.searches.flush()
    shown = await page(root, "/admin/search")
    row = '<th scope="row"><bdi>beekeeping botany</bdi></th><td class="is-number">3</td>'
    assert f'{row}<td class="is-number">today</td>' in shown
    assert "olsen" not in shown.lower()
    assert '<th scope="row">Embedded index</th>' in shown
    assert await page(root, "/admin/search")


async def test_only_admins_see_how_search_does(live: Live) -> None:
    for person in (await live.teacher(), await live.student()):
        answer = await live.request("GET", "/admin/search", token=person.token, headers=HTML)
        assert answer.code == 403
        assert "/admin/search" not in await page(person, "/help")
    answer = await live.request("GET", "/admin/search", headers=HTML)
    assert (answer.code, answer.headers["Location"]) == (302, "/sign-in?next=%2Fadmin%2Fsearch")
    assert "/admin/search" in await page(await admin(live), "/help")


async def test_typing_counts_once_it_has_stopped(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = [1_000.0]
    monkeypatch.setattr(live.services.searches, "_now_s", lambda: now_s[0])
    await two_courses(live)
    for person in await students(live):
        for q in ("bee", "beekeeping bot", "beekeeping botany"):
            await person.command("search.suggest", q=q)
    await live.services.searches.flush()
    assert live.services.searches.empty == 0
    now_s[0] += SETTLED_S
    await live.services.searches.flush()
    assert live.services.searches.empty == 3
    assert "beekeeping botany" in live.services.searches.shared


async def test_the_metrics_count_searches_and_tell_no_text(live: Live) -> None:
    for person in await students(live):
        await person.command("search.courses", q="beekeeping")
    await live.services.searches.flush()
    figures = (await live.request("GET", "/metrics")).body.decode()
    assert "\nelearn_search_empty_total 3.0" in figures
    assert "beekeeping" not in figures


async def test_the_lag_of_the_index_is_measured(live: Live) -> None:
    await (await live.teacher()).make_course("Botany")
    await live.search_follows()
    watch = next(iter(live.services.engines.watches.values()))
    await until(lambda: watch.lag_s == 0)
    figures = (await live.request("GET", "/metrics")).body.decode()
    assert 'elearn_index_lag_seconds{index="embedded"} 0.0' in figures
    assert 'elearn_index_failures_total{index="embedded"} 0.0' in figures
