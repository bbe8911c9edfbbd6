"""Home says what is new since one's last visit, by course, while it comes and while it is read."""

import pytest
from playwright.sync_api import Page, expect

from elearn.actions import courses, enrollment
from elearn.nouns.courses import CourseFields
from tests.browser.conftest import Someone
from tests.browser.crowd import Crowd, fill
from tests.browser.served import Served, command, live


@pytest.fixture
def scene(served: Served, someone: Someone) -> tuple[Page, Page, list[str]]:
    """A teacher's browser and a student's, and two courses that they share."""
    desk, phone = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    made: list[str] = []

    async def play(crowd: Crowd) -> None:
        teacher = await crowd.person("marta@example.org")
        jun = await crowd.person("jun@example.org")
        for title in ("Algebra", "Greek Art"):
            fields = CourseFields(title=title, published=True)
            row = await courses.create_course(crowd.services, crowd.act(teacher), fields)
            await enrollment.enroll_student(crowd.services, crowd.act(jun), row.about)
            made.append(row.about)

    fill(served, play)
    return desk, phone, made


def test_what_is_new_stands_on_home_and_nothing_else(
    served: Served, scene: tuple[Page, Page, list[str]]
) -> None:
    desk, phone, (algebra, art) = scene
    phone.goto(served.url)
    live(phone)
    news = phone.locator("[data-component=catchup]")
    expect(news.get_by_text("You are up to date")).to_be_visible()

    # The first news of a course appear while Home is open: an update, then talk in another course.
    given = {"kind": "change", "title": "The exam is moved", "body": "Read it."}
    command(desk, "update.publish", course=algebra, **given)
    entry = news.locator(".catchup-course").filter(has_text="Algebra")
    expect(entry.get_by_role("link", name="The exam is moved")).to_be_visible()
    expect(entry.locator("[data-count=unread]")).to_have_text("1")
    expect(news.get_by_text("You are up to date")).to_be_hidden()
    command(desk, "chat.post", room=art, body="hello")
    expect(news.get_by_text("1 new in # general")).to_be_visible()

    # Drawn by the server it is the same, at any width.
    for width in (360, 1280):
        phone.set_viewport_size({"width": width, "height": 800})
        phone.reload()
        live(phone)
        titles = news.locator(".catchup-course h2")
        expect(titles).to_have_text(["Algebra", "Greek Art"])
        expect(entry.locator("[data-count=unread]")).to_have_text("1")
        expect(news.get_by_text("1 new in # general")).to_be_visible()
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # Read in another tab it is no news, here and after weeks; talk does not bring it back.
    other = phone.context.new_page()
    other.goto(served.url)
    other.locator(".catchup-course").get_by_role("link", name="The exam is moved").click()
    live(other)
    expect(entry).to_have_count(0)
    command(desk, "chat.post", room=algebra, body="any questions?")
    expect(entry.get_by_text("1 new in # general")).to_be_visible()
    expect(entry.get_by_text("The exam is moved")).to_have_count(0)
    for room in (algebra, art):
        other.goto(f"{served.url}/rooms/{room}")
        live(other)
        expect(other.locator(f"#side [data-room='{room}']")).not_to_have_class("is-unread")
    expect(news.get_by_text("You are up to date")).to_be_visible()

    # Who came is said to the teacher, until it is read.
    desk.goto(served.url)
    live(desk)
    expect(desk.get_by_text("1 person enrolled")).to_have_count(2)
    desk.locator("[data-component=bell]").click()
    desk.locator("#panel [data-act=read-all]").click()
    expect(desk.get_by_text("1 person enrolled")).to_have_count(0)
    expect(desk.get_by_text("You are up to date")).to_be_visible()
