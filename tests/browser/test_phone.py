"""On a phone nothing spills over the side, and what one came for is on the screen."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Someone
from tests.browser.served import LIMIT_MS, Served, live
from tests.browser.test_forms import addresses, make_course, make_room, publish
from tests.browser.test_search import new_course

PHONE = {"width": 360, "height": 740}
LONG = "Topics in Computer Science: Introduction to Machine Learning for Absolute Beginners"


def spills(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def test_a_course_with_a_long_name_fits_and_is_entered_from_its_head(
    served: Served, someone: Someone, chromium: Browser
) -> None:
    teacher, student = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    course = new_course(teacher, served, LONG, level="200")
    with_key = new_course(teacher, served, "Statistics", enrollment_key="median")
    for page in (teacher, student):
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]

    student.goto(course)
    live(student)
    head = student.locator(".course-head")
    expect(head.locator(".meta")).to_contain_text("level 200")
    title, facts = (head.locator(part).bounding_box() for part in ("h1", "a.icon-button"))
    assert title
    assert facts
    assert facts["x"] > title["x"] + title["width"], "the facts are beside the title"
    assert not spills(student)
    head.get_by_role("button", name="Enrol").click()
    expect(head.get_by_role("button", name="Enrol")).to_be_hidden()

    student.goto(served.url)
    live(student)
    audience = student.locator("[data-feed-form] select")
    audience.select_option(label=f"Seen in {LONG}")
    assert not spills(student)

    student.goto(with_key)
    live(student)
    head.get_by_role("link", name="Enrol with a key").click()
    student.locator("#context").get_by_label("Enrolment key").fill("median")
    student.locator("#context").get_by_role("button", name="Enrol").click()
    expect(student.get_by_text("You are enrolled").first).to_be_visible()
    expect(head.get_by_text("Enrol with a key")).to_be_hidden()

    visitor = chromium.new_context(viewport=PHONE).new_page()  # type: ignore[arg-type]
    visitor.set_default_timeout(LIMIT_MS)
    visitor.goto(course)
    visitor.locator(".course-head").get_by_role("link", name="Sign in to enrol").click()
    visitor.wait_for_url(re.compile(r"/sign-in\?next=/courses/[0-9a-f]{24}$"))


def test_the_foot_of_the_filters_stands_at_the_edge_of_the_drawer(
    served: Served, someone: Someone
) -> None:
    teacher = someone("Marta Olsen", "teacher")
    for number in range(6):
        new_course(teacher, served, f"Course {number}", subject=f"Subject {number}")
    teacher.set_viewport_size({"width": 360, "height": 400})
    teacher.goto(f"{served.url}/courses#context")
    live(teacher)
    foot = teacher.locator(".context-foot").bounding_box()
    assert foot
    assert foot["y"] + foot["height"] == 400


TYPED = """[...document.querySelectorAll("input, textarea, select, [contenteditable]")]
  .filter((field) => !["checkbox", "radio", "hidden", "submit"].includes(field.type))
  .map((field) => [field.name || field.id, parseFloat(getComputedStyle(field).fontSize)])"""


def test_letters_that_a_finger_types_are_large_enough_not_to_be_zoomed_into(
    served: Served, someone: Someone
) -> None:
    teacher = someone("Marta Olsen", "teacher")
    course = make_course(teacher, "Algebra")
    update = publish(teacher, course)
    room = make_room(teacher, course, "Lab")
    teacher.set_viewport_size(PHONE)  # type: ignore[arg-type]
    things = {"courses": course[9:], "rooms": room[7:], "updates": update[9:], "users": "0" * 24}
    found = {}
    for address in addresses(things):
        teacher.goto(served.url + address, wait_until="domcontentloaded")
        for name, size in teacher.evaluate(TYPED):
            found[address, name] = size
    names = {name for _, name in found}
    assert {"q", "body", "email", "password", "name", "timezone", "sort", "capacity"} <= names
    assert {place: size for place, size in found.items() if size < 16} == {}
