"""Discover: narrowed down by addresses, without a query and without a script, and true while one
looks, with two people side by side."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocketRoute, expect

from tests.browser.conftest import Someone
from tests.browser.served import LIMIT_MS, Served, live

SUBJECTS = ("Biology", "Chemistry", "Music")


@pytest.fixture
def catalogue(served: Served, someone: Someone, tmp_path: Path) -> Page:
    """45 courses of three subjects, and the browser of the one who teaches them."""
    teacher = someone("Marta Olsen", "teacher")
    rows = [
        {
            "id": str(number),
            "title": f"{SUBJECTS[number % 3]} {number:02}",
            "subject": SUBJECTS[number % 3],
            "level": str(100 * (1 + number % 2)),
            "language": "English",
            "capacity": 2 if number == 1 else None,
        }
        for number in range(45)
    ]
    bring_in(rows, served, teacher, tmp_path)
    return teacher


def bring_in(
    rows: Sequence[dict[str, object]], served: Served, teacher: Page, tmp_path: Path
) -> None:
    """Import courses of hers, and look at the list until all are found."""
    path = tmp_path / "catalogue.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    created = f"{len(rows)} courses were created"
    assert created in served.run("import-courses", str(path), "--teacher", "marta@example.org")
    teacher.goto(f"{served.url}/courses")
    for _ in range(60):
        if teacher.locator("[data-total]").inner_text() == str(len(rows)):
            break
        teacher.reload()
    expect(teacher.locator("[data-total]")).to_have_text(str(len(rows)))
    live(teacher)


@pytest.fixture
def visitor(chromium: Browser, served: Served) -> Callable[..., Page]:
    """Somebody without an account: `visitor(java_script_enabled=False)`."""

    def open_page(**how: object) -> Page:
        page = chromium.new_context(viewport={"width": 1280, "height": 800}, **how).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(LIMIT_MS)
        return page

    return open_page


def rows(page: Page) -> Locator:
    return page.locator("main [data-list=courses] > .course-row")


def row(page: Page, title: str) -> Locator:
    link = page.locator(".row-link", has_text=re.compile(f"^{re.escape(title)}$"))
    return rows(page).filter(has=link)


def facet(page: Page, name: str) -> list[str]:
    choices = page.locator(f"[data-facet={name}] .choice")
    return [" ".join(text.split()) for text in choices.all_inner_texts()]


def new_course(teacher: Page, served: Served, title: str, **fields: str) -> str:
    page = teacher.context.new_page()
    page.goto(f"{served.url}/courses/new")
    for name, value in {"title": title, **fields}.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("main button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/courses/[0-9a-f]{24}$"))
    url = page.url
    page.close()
    return url


def test_facets_narrow_the_list_and_the_address_with_it(served: Served, catalogue: Page) -> None:
    page = catalogue
    assert facet(page, "subject") == [
        "Biology 15 courses",
        "Chemistry 15 courses",
        "Music 15 courses",
    ]
    assert facet(page, "teacher") == ["Marta Olsen 45 courses"]
    assert facet(page, "open") == ["Open now 45 courses"]
    page.get_by_role("checkbox", name="Music").check()
    page.wait_for_url("**/courses?subject=Music")
    expect(page.locator("[data-total]")).to_have_text("15")
    expect(rows(page)).to_have_count(15)
    expect(page.get_by_role("checkbox", name="Music")).to_be_focused()
    assert facet(page, "subject")[0] == "Biology 15 courses", "counted without their own filter"
    assert facet(page, "level") == ["100 8 courses", "200 7 courses"]
    page.get_by_role("checkbox", name="200").check()
    expect(rows(page)).to_have_count(7)
    page.get_by_label("Order").select_option("Newest")
    page.wait_for_url("**/courses?subject=Music&level=200&sort=newest")
    expect(rows(page)).to_have_count(7)

    # The address is the whole of the state: shared, reloaded, back and forward.
    other = page.context.new_page()
    other.goto(page.url)
    expect(rows(other)).to_have_text([re.compile(t) for t in rows_titles(page)])
    expect(other.get_by_role("checkbox", name="Music")).to_be_checked()
    expect(other.get_by_label("Order")).to_have_value("newest")
    page.go_back()
    page.go_back()
    page.wait_for_url("**/courses?subject=Music")
    expect(rows(page)).to_have_count(15)
    expect(page.get_by_role("checkbox", name="200")).not_to_be_checked()
    page.go_forward()
    expect(rows(page)).to_have_count(7)
    page.get_by_role("link", name="Take away: 200").click()
    page.wait_for_url("**/courses?subject=Music")
    expect(rows(page)).to_have_count(15)


def test_the_box_of_the_bar_says_what_the_list_shows(catalogue: Page) -> None:
    page = catalogue
    box = page.get_by_role("combobox", name=re.compile("Search"))
    popup = page.locator("#search-popup")
    page.mouse.move(500, 400)
    page.mouse.wheel(0, 900)
    page.wait_for_function("scrollY > 500")
    for text in ("music", "biolgy"):
        box.fill(text)
        expect(popup.get_by_role("option").first).to_be_visible()
        box.press("Enter")
        page.wait_for_url(f"**/courses?q={text}")
        expect(page.get_by_role("heading", name=f"Courses for “{text}”")).to_be_visible()
        expect(popup).to_be_hidden()
        page.wait_for_function("scrollY === 0")
    page.go_back()
    expect(page.get_by_role("heading", name="Courses for “music”")).to_be_visible()
    expect(box).to_have_value("music")
    page.go_forward()
    page.locator("[data-suggestion] a").click()
    page.wait_for_url("**/courses?q=biology")
    expect(box).to_have_value("biology")

    # What is being typed meanwhile is left alone by another filter.
    expect(rows(page)).to_have_count(15)
    box.fill("chem")
    page.get_by_role("checkbox", name="200").check()
    page.wait_for_url("**/courses?q=biology&level=200")
    expect(page.locator("[data-total]")).not_to_have_text("15")
    expect(box).to_have_value("chem")


def test_a_choice_made_while_a_list_comes_keeps_what_was_asked_for(catalogue: Page) -> None:
    page, held = catalogue, []
    page.goto(f"{page.url}?q=biolgy")
    expect(rows(page)).to_have_count(15)
    page.route("**/courses?q=biology", lambda route: held.append(route))
    page.locator("[data-suggestion] a").click()
    page.wait_for_url("**/courses?q=biology")
    page.get_by_role("checkbox", name="200").check()
    page.wait_for_url("**/courses?q=biology&level=200")
    expect(page.get_by_role("heading", name="Courses for “biology”")).to_be_visible()
    expect(rows(page)).to_have_count(7)
    expect(page.get_by_role("checkbox", name="200")).to_be_checked()


def rows_titles(page: Page) -> list[str]:
    return page.locator("main .course-row .row-link").all_inner_texts()


def test_the_filters_are_used_with_keys_alone(
    served: Served, someone: Someone, tmp_path: Path
) -> None:
    page = someone("Marta Olsen", "teacher")
    subjects = [*(f"Subject {number:02}" for number in range(10)), "Économie", "Music"]
    rows_of = [
        {"id": f"{subject} {at}", "title": f"{subject} {at}", "subject": subject}
        for subject in subjects
        for at in range(1 if subject in ("Économie", "Music") else 2)
    ]
    bring_in(rows_of, served, page, tmp_path)
    choice = page.get_by_role("checkbox").first
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the filters")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#context")).to_be_focused()
    page.keyboard.press("Tab")
    expect(choice).to_be_focused()
    page.keyboard.press("Space")
    page.wait_for_url("**/courses?subject=Subject+00*")
    expect(page.locator("[data-total]")).to_have_text("2")
    expect(choice).to_be_focused()

    # The rest of a long list opens, is looked through, and stays as it was.
    rest = page.locator("[data-facet=subject] summary")
    while not rest.evaluate("one => one === document.activeElement"):
        page.keyboard.press("Tab")
    expect(rest.get_by_text("4 more")).to_be_visible()
    page.keyboard.press("Enter")
    expect(rest.get_by_text("Fewer")).to_be_visible()
    expect(rest).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("econ")
    visible = page.locator("[data-facet=subject] details .choice:visible")
    expect(visible).to_have_text(re.compile("Économie"))
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("[data-total]")).to_have_text("3")
    expect(page.get_by_role("checkbox", name="Économie")).to_be_focused()
    expect(page.get_by_label("Find under Subject")).to_have_value("econ")

    # The focus goes from chip to chip as they are taken away.
    page.get_by_role("link", name="Take away: Subject 00").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Take away: Économie")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Order")).to_be_focused()
    expect(page.locator("[data-total]")).to_have_text("22")


def test_the_catalogue_is_used_without_a_script(
    served: Served, catalogue: Page, visitor: Callable[..., Page]
) -> None:
    page = visitor(java_script_enabled=False)
    page.goto(f"{served.url}/courses")
    expect(rows(page)).to_have_count(20)
    page.get_by_role("checkbox", name="Chemistry").check()
    page.get_by_role("checkbox", name="Marta Olsen").check()
    page.get_by_role("button", name="Apply filters").click()
    expect(rows(page)).to_have_count(15)
    expect(page.get_by_role("checkbox", name="Marta Olsen")).to_be_checked()
    page.get_by_label("Order").select_option("Starting soon")
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page).to_have_url(re.compile("sort=starting"))
    expect(rows(page)).to_have_count(15)
    page.goto(f"{served.url}/courses")
    seen = rows_titles(page)
    while (more := page.get_by_role("link", name="Show more courses")).count():
        more.click()
        seen += rows_titles(page)
    assert (len(seen), len(set(seen))) == (45, 45)


def test_a_list_read_on_holds_each_course_once_while_the_catalogue_moves(
    served: Served, catalogue: Page
) -> None:
    page = catalogue
    expect(rows(page)).to_have_count(20)
    gone = page.context.new_page()
    title = rows_titles(page)[3]
    gone.goto(served.url + str(row(page, title).locator(".row-link").get_attribute("href")))
    gone.goto(gone.url + "/edit")
    gone.locator("input[name=published]").uncheck(force=True)
    gone.locator("main button[type=submit]").last.click()
    expect(row(page, title)).to_have_class(re.compile("is-gone"))
    new_course(page, served, "Biology of Caves")
    more = page.get_by_role("link", name="Show more courses")
    while more.is_visible():
        before = rows(page).count()
        more.click()
        page.wait_for_selector(f"main [data-list=courses] > li:nth-child({before + 1})")
    shown = rows_titles(page)
    assert len(shown) == len(set(shown))
    wanted = {f"{SUBJECTS[number % 3]} {number:02}" for number in range(45)}
    assert wanted <= set(shown)

    # Who comes back from a course finds as many.
    page.locator("main .course-row .row-link").nth(30).click()
    page.wait_for_url(re.compile(r"/courses/[0-9a-f]{24}$"))
    page.go_back()
    expect(rows(page).nth(40)).to_be_visible()


def test_more_of_an_older_choice_does_not_come_below_a_newer_one(catalogue: Page) -> None:
    page, held = catalogue, []

    def route(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            if not held and '"page":2' in str(frame):
                held.append(lambda: socket.send(frame))
            else:
                socket.send(frame)

        server.on_message(pass_on)

    page.context.route_web_socket(re.compile(r"/ws\b"), route)
    page.reload()
    live(page)
    more = page.get_by_role("link", name="Show more courses")
    more.click()
    page.get_by_label("100", exact=False).check()
    expect(page.locator("[data-total]")).to_have_text("23")
    for _ in range(LIMIT_MS // 20):
        if held:
            break
        page.wait_for_timeout(20)
    held[0]()
    more.click()
    expect(more).to_be_hidden()
    titles = rows(page).locator(".row-link").all_inner_texts()
    assert sorted(titles) == sorted(f"{SUBJECTS[n % 3]} {n:02}" for n in range(0, 45, 2))


def test_the_list_stays_true_while_one_looks(
    served: Served, catalogue: Page, someone: Someone
) -> None:
    student, other = someone("Jun Li", "student"), someone("Ana Kovač", "student")
    for page in (student, other):
        page.goto(f"{served.url}/courses?q=chemistry+01")
        live(page)
    mine, theirs = row(student, "Chemistry 01"), row(other, "Chemistry 01")
    expect(mine.locator("[data-seats]")).to_have_text("2 seats left")
    theirs.get_by_role("button", name="Enrol").click()
    expect(theirs.locator("[data-seats]")).to_have_text("enrolled")
    expect(mine.locator("[data-seats]")).to_have_text("1 seat left")
    expect(mine.get_by_role("button", name="Enrol")).to_be_visible()
    second = student.context.new_page()
    second.goto(f"{served.url}/courses?q=chemistry+01")
    live(second)
    row(second, "Chemistry 01").get_by_role("button", name="Enrol").click()
    expect(mine.locator("[data-seats]")).to_have_text("enrolled")
    expect(mine.get_by_role("link", name="Open")).to_be_visible()

    # New courses wait behind a pill; nothing moves until it is pressed.
    student.goto(f"{served.url}/courses?subject=Music")
    live(student)
    pill = student.locator("[data-act=show-new]")
    first = rows_titles(student)
    before = rows(student).first.bounding_box()
    new_course(catalogue, served, "Biology of Birds", subject="Biology")
    course = new_course(catalogue, served, "Music of Birds", subject="Music")
    expect(pill).to_have_text("1 new course")
    assert rows_titles(student) == first
    after = rows(student).first.bounding_box()
    assert before == after
    new_course(catalogue, served, "Music of Bees", subject="Music")
    expect(pill).to_have_text("2 new courses")
    pill.click()
    expect(pill).to_be_hidden()
    assert rows_titles(student) == ["Music of Bees", "Music of Birds", *first]
    expect(student.locator("[data-total]")).to_have_text("17")
    expect(row(student, "Music of Birds").get_by_text("new", exact=True)).to_be_visible()

    # What is withdrawn is greyed where it stands, with a word, and comes back the same way.
    editor = catalogue.context.new_page()
    for offered in (False, True):
        editor.goto(course + "/edit")
        editor.locator("input[name=published]").set_checked(offered, force=True)
        editor.locator("main button[type=submit]").last.click()
        editor.wait_for_url(course)
        gone = row(student, "Music of Birds")
        expect(gone.get_by_role("button", name="Enrol")).to_be_visible(visible=offered)
        expect(gone.get_by_text("no longer offered")).to_be_visible(visible=not offered)
        assert rows_titles(student)[1] == "Music of Birds"


def test_the_page_says_when_it_cannot_be_read_and_reads_itself_when_the_line_is_back(
    served: Served, catalogue: Page
) -> None:
    page = catalogue
    page.context.set_offline(True)
    page.get_by_role("checkbox", name="Music").check()
    failure = page.locator("main .page > [data-error]")
    expect(failure).to_contain_text("You are offline")
    expect(failure.get_by_role("button", name="Try again")).to_be_visible()
    page.context.set_offline(False)
    expect(rows(page)).to_have_count(15, timeout=3 * LIMIT_MS)
    expect(failure).to_be_hidden()


def test_whoever_finds_nothing_sees_what_comes_near_and_what_others_attend(
    served: Served, catalogue: Page
) -> None:
    page = catalogue
    page.goto(f"{served.url}/courses?q=chemestry+07&subject=Chemistry")
    expect(page.get_by_text("Did you mean")).to_be_visible()
    page.locator("[data-suggestion] a").click()
    page.wait_for_url("**/courses?q=chemistry+07&subject=Chemistry")
    expect(rows(page).first).to_contain_text("Chemistry 07")
    page.goto(f"{served.url}/courses?q=zzyzx&subject=Music")
    expect(page.get_by_text("No course matches")).to_be_visible()
    expect(page.get_by_role("heading", name="Well attended in Music")).to_be_visible()
    expect(page.locator("[data-list=popular] .course-row").first).to_contain_text("Music")
    page.get_by_role("link", name="Look without filters").click()
    page.wait_for_url("**/courses?q=zzyzx")
    expect(page.locator("[data-list=popular] .course-row")).to_have_count(4)


def test_a_visitors_page_is_live_where_no_websocket_gets_through(
    served: Served, catalogue: Page, visitor: Callable[..., Page], someone: Someone
) -> None:
    page = visitor()
    page.context.route_web_socket(re.compile(r"/ws\b"), lambda socket: socket.close(code=1011))
    page.goto(f"{served.url}/courses?q=chemistry+01")
    expect(page.locator("[data-line]")).to_have_text("live (slow line)", timeout=3 * LIMIT_MS)
    student = someone("Jun Li", "student")
    student.goto(f"{served.url}/courses?q=chemistry+01")
    row(student, "Chemistry 01").get_by_role("button", name="Enrol").click()
    expect(row(page, "Chemistry 01").locator("[data-seats]")).to_have_text("1 seat left")
    new_course(catalogue, served, "Chemistry 01 Again")
    expect(page.locator("[data-act=show-new]")).to_have_text("1 new course")
    page.locator("[data-act=show-new]").click()
    again = row(page, "Chemistry 01 Again")
    expect(again.get_by_role("link", name="Open")).to_be_visible()
    expect(again.get_by_role("button", name="Enrol")).to_be_hidden()
    assert "/sign-in" not in page.url


def test_the_first_course_appears_in_an_empty_catalogue_by_itself(
    served: Served, someone: Someone, tmp_path: Path
) -> None:
    someone("Ada", "teacher")
    student = someone("Ana", "student")
    student.goto(f"{served.url}/courses")
    live(student)
    expect(student.get_by_text("The catalogue is still empty")).to_be_visible()
    file = tmp_path / "courses.jsonl"
    file.write_text(
        json.dumps({"id": "B1", "title": "Biochemistry", "teachers": ["ada@example.org"]})
    )
    served.run("import-courses", str(file))
    expect(student.get_by_role("link", name="Biochemistry").first).to_be_visible()
    expect(student.get_by_text("The catalogue is still empty")).to_be_hidden()
