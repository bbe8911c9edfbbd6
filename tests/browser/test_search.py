"""The search box: what it shows belongs to the newest keystroke, it is used with keys alone, never
empty-handed, and what it shows is live."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import slow_search
from tests.browser.conftest import Someone
from tests.browser.served import LIMIT_MS, Served, live


def box(page: Page) -> Locator:
    return page.get_by_role("combobox", name=re.compile("Search"))


def options(page: Page, group: str = "Courses") -> Locator:
    return page.get_by_role("group", name=group, exact=True).get_by_role("option")


def type_in(page: Page, text: str) -> None:
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    page.keyboard.type(text, delay=15)


def new_course(teacher: Page, served: Served, title: str, **fields: str) -> str:
    teacher.goto(f"{served.url}/courses/new")
    for name, value in {"title": title, **fields}.items():
        teacher.locator(f"[name={name}]").fill(value)
    teacher.locator("main button[type=submit]").last.click()
    teacher.wait_for_url(re.compile(r"/courses/[0-9a-f]{24}$"))
    return teacher.url


def found(page: Page, text: str) -> Locator:
    """The suggested course of this title: asked again until the index has followed."""
    nothing = page.locator("#search-popup [data-empty]:visible")
    option = options(page).filter(has_text=text)
    until = time.monotonic() + LIMIT_MS / 1000
    while not option.count() and time.monotonic() < until:
        box(page).fill("")
        box(page).fill(text)
        expect(options(page).or_(nothing).first).to_be_visible()
    expect(option).to_be_visible()
    return option


def options_now(page: Page, key: str) -> list[str]:
    """What is shown in the very moment that a key was typed."""
    titles: list[str] = box(page).evaluate(
        """(field, key) => {
          field.value += key;
          field.dispatchEvent(new Event("input", { bubbles: true }));
          const shown = document.querySelectorAll("#search-popup [role=option]");
          return [...shown].map((option) =>
            (option.querySelector(".option-title") ?? option).textContent.trim());
        }""",
        key,
    )
    return titles


class TestSlowServer:
    @pytest.fixture
    def served(self, tmp_path: Path) -> Iterator[Served]:
        server = Served(tmp_path, "tests.browser.slow_search")
        server.start()
        yield server
        server.stop()

    def test_only_the_newest_keystroke_is_answered_and_the_others_end_on_the_server_too(
        self, served: Served, someone: Someone, tmp_path: Path
    ) -> None:
        page = someone("Marta Olsen", "teacher")
        new_course(page, served, "Biochemistry II")
        new_course(page, served, "Organic Chemistry")
        page.goto(served.url)
        live(page)
        loading = page.locator("#search-popup [data-loading]")
        type_in(page, "b")
        expect(loading).to_be_visible()
        page.keyboard.type("ioch", delay=15)
        expect(options(page)).to_have_text(re.compile("Biochemistry II"))
        notes = (tmp_path / slow_search.NOTES).read_text().splitlines()
        begun = [note.split()[1] for note in notes if note.startswith("began")]
        ended = [note.split()[1] for note in notes if note.startswith("cancelled")]
        # Keys that come in one turn of the server's loop begin no search, but for the last.
        assert (begun[0], begun[-1]) == ("b", "bioch")
        assert begun == [q for q in ("b", "bi", "bio", "bioc", "bioch") if q in begun]
        assert ended == begun[:-1]
        assert notes[-1] == "answered bioch"

        # Without an answer what was found stays as long as it holds what is typed, and no longer;
        # the list is as tall as it was, and what was said of the older answer is gone.
        popup = page.locator("#search-popup")
        tall = popup.evaluate("popup => popup.offsetHeight")
        assert options_now(page, "e") == ["Biochemistry II"]
        expect(loading).to_be_visible()
        expect(options(page)).to_have_text(re.compile("Biochemistry II"))
        assert options_now(page, "x") == ["Biochemistry II"], "a wrong letter is forgiven"
        assert options_now(page, "xx") == []
        expect(loading).to_be_visible()
        assert popup.evaluate("popup => popup.offsetHeight") == tall
        page.keyboard.press("Escape")
        expect(popup).to_be_hidden()

        # What was chosen before the answer came is chosen after it.
        page.keyboard.press("Escape")
        box(page).fill("chemistry")
        expect(options(page).first).to_contain_text("Organic Chemistry")
        box(page).fill("chemistr")
        page.keyboard.press("ArrowDown")
        chosen = page.locator("[role=option][aria-selected=true]")
        expect(chosen).to_contain_text("Organic Chemistry")
        expect(loading).to_be_visible()
        expect(chosen).to_contain_text("Organic Chemistry")
        box(page).fill("chemistry")
        expect(options(page).first).to_contain_text("Organic Chemistry")
        expect(page.locator("#search-popup [data-loading]")).to_be_hidden()


def test_a_course_is_found_and_entered_with_keys_alone(served: Served, someone: Someone) -> None:
    """From the top of the page to being enrolled, without the mouse."""
    teacher, student = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    for title in ("Biochemistry I", "Biochemistry II"):
        new_course(teacher, served, title)
    student.goto(f"{served.url}/notifications")
    live(student)
    found(student, "Biochemistry II")
    student.reload()
    live(student)

    student.keyboard.press("Tab")
    expect(student.get_by_text("Skip to the page")).to_be_focused()
    while not box(student).evaluate("field => field === document.activeElement"):
        student.keyboard.press("Tab")
    expect(box(student)).to_have_attribute("aria-expanded", "false")
    speech = student.locator("[data-count-speech]")
    expect(speech).to_have_attribute("aria-live", "polite")
    speech.evaluate(
        """(region) => {
          window.spoken = [];
          const note = () => region.textContent && window.spoken.push(region.textContent);
          new MutationObserver(note).observe(region, { childList: true });
        }"""
    )
    student.keyboard.type("biochem", delay=60)
    expect(box(student)).to_have_attribute("aria-expanded", "true")
    expect(options(student)).to_have_count(2)
    expect(speech).to_have_text("2 courses found.")
    assert student.evaluate("window.spoken") == ["2 courses found."], "once, not at each key"
    student.keyboard.type("i")
    expect(speech).to_have_text("")
    expect(speech).to_have_text("2 courses found.")  # of another text, and so heard again
    student.keyboard.press("Backspace")

    def chosen() -> str:
        ident = box(student).get_attribute("aria-activedescendant")
        option = student.locator(f"#{ident}")
        expect(option).to_have_attribute("aria-selected", "true")
        expect(student.locator("[role=option][aria-selected=true]")).to_have_count(1)
        title = option.locator(".option-title")
        return str((title if title.count() else option).inner_text())

    student.keyboard.press("ArrowDown")
    first = chosen()
    student.keyboard.press("ArrowDown")
    assert {first, chosen()} == {"Biochemistry I", "Biochemistry II"}
    student.keyboard.press("End")
    assert chosen() == "All 2 courses for “biochem”"
    student.keyboard.press("ArrowDown")
    assert chosen() == first
    student.keyboard.press("ArrowUp")
    student.keyboard.press("Home")
    assert chosen() == first
    expect(box(student)).to_be_focused()

    student.keyboard.press("Escape")
    expect(box(student)).to_have_attribute("aria-expanded", "false")
    assert box(student).get_attribute("aria-activedescendant") is None
    expect(box(student)).to_have_value("biochem")
    student.keyboard.press("Escape")
    expect(box(student)).to_have_value("")

    student.keyboard.type("biochemistry ii")
    expect(options(student).first).to_contain_text("Biochemistry II")
    student.keyboard.press("ArrowDown")
    student.keyboard.press("Enter")
    student.wait_for_url(re.compile(r"/courses/[0-9a-f]{24}$"))
    live(student)
    enrol = student.locator("[data-act=enroll]:visible").first
    student.keyboard.press("Tab")
    while not enrol.evaluate("button => button === document.activeElement"):
        student.keyboard.press("Tab")
    student.keyboard.press("Enter")
    expect(student.get_by_text("You are enrolled").first).to_be_visible()
    focus = student.evaluate(
        "document.activeElement.tagName + '.' + document.activeElement.className"
    )
    assert focus != "BODY.", "the focus was not lost"


def test_rooms_and_people_stand_below_the_courses_and_recent_searches_in_an_empty_box(
    served: Served, someone: Someone
) -> None:
    teacher, student = someone("Marta Olsen", "teacher"), someone("Geno Okoro", "student")
    course = new_course(teacher, served, "Genetics")
    student.goto(course)
    live(student)
    student.locator("[data-act=enroll]:visible").first.click()
    expect(student.get_by_text("You are enrolled").first).to_be_visible()

    teacher.goto(served.url)
    live(teacher)
    found(teacher, "Genetics")
    box(teacher).fill("")
    box(teacher).press_sequentially("gen")
    expect(options(teacher)).to_have_text(re.compile("Genetics"))
    expect(options(teacher, "Rooms")).to_have_text(re.compile(r"# general\s+in Genetics"))
    expect(options(teacher, "People")).to_have_text(re.compile(r"Geno Okoro.*in Genetics"))
    order = teacher.get_by_role("listbox").get_by_role("group")
    labels = [order.nth(at).get_attribute("aria-label") for at in range(order.count())]
    assert labels == ["Courses", "Rooms", "People"], "one course needs no list of all"
    options(teacher, "People").click()
    teacher.wait_for_url("**/users/*")
    expect(teacher.get_by_role("heading", name="Geno Okoro")).to_be_visible()

    # What was searched for stands there the next time, until it is removed or one signs out.
    live(teacher)
    type_in(teacher, "genet")
    teacher.keyboard.press("Enter")
    teacher.wait_for_url("**/courses?q=genet")
    teacher.goto(served.url)
    live(teacher)
    teacher.keyboard.press("/")
    recent = options(teacher, "Recent searches")
    expect(recent).to_have_text(["genet", "gen"])
    teacher.keyboard.press("ArrowDown")
    teacher.keyboard.press("Delete")
    expect(recent).to_have_text(["gen"])
    teacher.get_by_title("Forget this search").click()
    expect(recent).to_have_count(0)
    expect(box(teacher)).to_have_attribute("aria-expanded", "false")
    teacher.keyboard.type("genet")
    teacher.keyboard.press("Enter")
    teacher.wait_for_url("**/courses?q=genet")
    assert "genet" in teacher.evaluate("JSON.stringify(localStorage)")
    teacher.locator("summary.me").click()
    teacher.get_by_role("button", name="Sign out").click()
    expect(teacher.get_by_role("link", name="Sign in").first).to_be_visible()
    teacher.wait_for_selector("html[data-ready]")
    assert "genet" not in teacher.evaluate("JSON.stringify(localStorage)")


def test_whoever_finds_nothing_is_not_left_with_nothing(served: Served, someone: Someone) -> None:
    teacher = someone("Marta Olsen", "teacher")
    new_course(teacher, served, "Linear Algebra", subject="Mathematics")
    teacher.goto(served.url)
    live(teacher)
    found(teacher, "Linear Algebra")

    box(teacher).fill("linaer algbra")
    expect(options(teacher)).to_have_text(re.compile("Linear Algebra"))
    meant = teacher.get_by_role("option", name="Did you mean “linear algebra”?")
    expect(meant).to_be_visible()
    box(teacher).fill("zzyzx quux")
    expect(teacher.locator("#search-popup [data-empty]")).to_contain_text("zzyzx quux")
    expect(options(teacher, "Well attended")).to_have_text(re.compile("Linear Algebra"))


def test_on_a_phone_a_tap_empties_the_box(someone: Someone) -> None:
    page = someone("Jun Li", "student")
    page.set_viewport_size({"width": 360, "height": 740})
    empty = page.get_by_role("button", name="Empty the search box")
    expect(empty).to_be_hidden()
    box(page).fill("genetcs")
    empty.click()
    expect(box(page)).to_have_value("")
    expect(box(page)).to_be_focused()
    expect(empty).to_be_hidden()


def test_a_search_without_a_line_says_so_and_goes_on_by_itself(
    served: Served, someone: Someone
) -> None:
    teacher = someone("Marta Olsen", "teacher")
    new_course(teacher, served, "Genetics")
    teacher.goto(served.url)
    live(teacher)
    found(teacher, "Genetics")
    served.kill()
    line = teacher.locator("[data-component=connection]")
    expect(line).to_have_attribute("data-state", "offline")
    box(teacher).fill("genet")
    said = "You are offline. Search goes on when the line is back."
    expect(teacher.locator("#search-popup [data-error-text]")).to_have_text(said)
    expect(teacher.locator("[data-count-speech]")).to_have_text(said)
    expect(teacher.locator("#search-popup [data-loading]")).to_be_hidden()
    served.start()
    live(teacher)
    expect(options(teacher)).to_have_text(re.compile("Genetics"))
    expect(teacher.locator("#search-popup [data-error]")).to_be_hidden()


def test_seats_and_ones_own_enrolment_move_in_the_open_list(
    served: Served, someone: Someone
) -> None:
    teacher, student = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    course = new_course(teacher, served, "Genetics", capacity="2")
    student.goto(served.url)
    live(student)
    side = found(student, "Genetics").locator("[data-seats]")
    expect(side).to_have_text("2 seats left")
    other = someone("Ana Kovač", "student")
    other.goto(course)
    other.locator("[data-act=enroll]:visible").first.click()
    expect(side).to_have_text("1 seat left")
    second = student.context.new_page()
    second.goto(course)
    second.locator("[data-act=enroll]:visible").first.click()
    expect(side).to_have_text("enrolled")
    expect(box(student)).to_be_focused()
