"""Discover without a script: pages by their links alone, and addresses that somebody wrote."""

import re

from tests.browsing import Browser, page_state
from tests.live import Json, Live, Person

_TITLE = re.compile(r'class="row-link"[^>]*>([^<]*)')
_NEXT = re.compile(r'rel="next" href="([^"]*)"')


async def catalogue(live: Live, count: int) -> tuple[Person, list[Json]]:
    teacher = await live.teacher()
    courses = [await teacher.make_course(f"Course {number:02}") for number in range(count)]
    await live.search_follows()
    return teacher, courses


async def read(live: Live, path: str) -> tuple[list[str], str]:
    """The titles of a page, and its link to the next."""
    page = (await Browser(live).get(path)).body.decode()
    link = _NEXT.search(page)
    shown = page.partition("<template")[0]
    return _TITLE.findall(shown), link[1].replace("&amp;", "&") if link else ""


async def test_pages_followed_by_their_links_repeat_and_skip_nothing_while_the_catalogue_moves(
    live: Live,
) -> None:
    teacher, courses = await catalogue(live, 45)
    by_title = {course["title"]: course for course in courses}
    first, link = await read(live, "/courses?sort=newest")
    assert len(first) == 20

    for number in range(3):  # they stand before all the others
        await teacher.make_course(f"Newer {number}")
    await live.search_follows()
    second, link = await read(live, link)

    for title in (*first[:2], *second[:4]):  # the others move up
        path = f"/api/courses/{by_title[title]['id']}"
        await teacher.api("PATCH", path, {"published": False})
    await live.search_follows()
    third, link = await read(live, link)

    assert not link
    assert sorted([*first, *second, *third]) == sorted(by_title)


async def test_a_link_behind_a_course_that_is_no_longer_near_leads_to_the_page(live: Live) -> None:
    await catalogue(live, 25)
    plain, _ = await read(live, "/courses?sort=newest&page=2")
    assert len(plain) == 5
    for after in ("f" * 24, "x"):
        assert (await read(live, f"/courses?sort=newest&page=2&after={after}"))[0] == plain


async def test_a_page_beyond_the_last_leads_to_the_last(live: Live) -> None:
    await catalogue(live, 21)
    answer = await Browser(live).get("/courses?page=9")
    assert (answer.code, answer.headers["Location"]) == (302, "/courses?page=2")
    titles, link = await read(live, "/courses?page=2")
    assert (len(titles), link) == (1, "")


async def test_a_filter_without_a_value_is_none(live: Live) -> None:
    await catalogue(live, 1)
    path = "/courses?subject=&teacher=&sort=&level=1"
    assert (await page_state(await live.student(), path))["filters"] == {
        "subject": [],
        "level": ["1"],
        "language": [],
        "teacher": [],
        "open": False,
    }
    titles, _ = await read(live, "/courses?subject=&teacher=&sort=")
    assert titles == ["Course 00"]


async def test_who_finds_nothing_in_a_subject_that_has_no_course_sees_what_others_attend(
    live: Live,
) -> None:
    await catalogue(live, 1)
    page = (await Browser(live).get("/courses?q=zzyzx&subject=Nothing")).body.decode()
    assert "Course 00" in page.partition("<template")[0]
    assert "Well attended</h2>" in page


async def test_levels_that_are_numbers_stand_in_their_order(live: Live) -> None:
    teacher = await live.teacher()
    for level in ("300", "100", "300", "20"):
        await teacher.make_course(f"Course {level}", level=level)
    await live.search_follows()
    page = (await Browser(live).get("/courses")).body.decode()
    assert re.findall(r'name="level" value="(\d+)"', page) == ["20", "100", "300"]
    long = "9" * 5_000
    page = (await Browser(live).get(f"/courses?level={long}&level=100")).body.decode()
    assert re.findall(r'name="level" value="(\d+)"', page) == ["20", "100", "300", long]


async def test_a_page_that_is_no_number_up_to_500_is_refused(live: Live) -> None:
    for page in ("0", "501", "000001" + "0" * 5, "1" + "0" * 5_000, "x"):
        answer = await live.request("GET", f"/api/courses?page={page}")
        assert answer.code == 422, page
