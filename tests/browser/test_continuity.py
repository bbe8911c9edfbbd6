"""What a cut line does to the pages that are open: it says so, keeps what was written, and after
it nothing is lost, doubled or out of order."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone
from tests.browser.served import LIMIT_MS, Served, live, messages, say


@pytest.fixture
def room(served: Served, someone: Someone) -> tuple[str, Page, Page]:
    """A course's room, its teacher and a student with the room open."""
    teacher, student = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    teacher.goto(f"{served.url}/courses/new")
    teacher.locator("input[name=title]").fill("Biochemistry")
    teacher.locator("input[name=published]").check(force=True)
    teacher.locator("main button[type=submit]").last.click()
    teacher.wait_for_url(re.compile(r"/courses/[0-9a-f]{24}$"))
    course = teacher.url
    student.goto(course)
    live(student)
    student.locator("[data-act=enroll]:visible").first.click()
    expect(student.get_by_text("You are enrolled").first).to_be_visible()
    url = course.replace("/courses/", "/rooms/")
    for page in (teacher, student):
        page.goto(url)
        live(page)
    return url, teacher, student


def texts(page: Page) -> list[str]:
    return [text.strip() for text in messages(page).locator(".message-text").all_inner_texts()]


def test_what_is_written_while_the_server_is_killed_arrives_once_and_in_order(
    served: Served, room: tuple[str, Page, Page]
) -> None:
    _, teacher, student = room
    say(teacher, "before")
    expect(messages(student)).to_have_count(1)
    served.kill()
    line = student.locator("[data-component=connection]")
    expect(line).to_have_attribute("data-state", "offline", timeout=LIMIT_MS)
    say(student, "first, offline")
    say(student, "second, offline")
    expect(line).to_contain_text("2 waiting to send")
    waiting = student.locator("li.message[data-state=sending]")
    expect(waiting).to_have_count(2)
    expect(waiting.get_by_text("waiting; it is sent when the line is back")).to_have_count(2)
    served.start()
    for page in (student, teacher):
        live(page)
        expect(messages(page)).to_have_count(3, timeout=3 * LIMIT_MS)
        assert texts(page) == ["before", "first, offline", "second, offline"]
    expect(student.locator("li.message[data-state=sending]")).to_have_count(0)
    student.reload()
    live(student)
    assert texts(student) == ["before", "first, offline", "second, offline"]


def test_a_tab_that_slept_catches_up_and_two_tabs_agree_on_what_is_unread(
    room: tuple[str, Page, Page],
) -> None:
    url, teacher, student = room
    second = student.context.new_page()
    second.goto(url.split("/rooms/")[0] + "/help")
    live(second)
    student.goto(url.split("/rooms/")[0] + "/")
    live(student)
    student.context.set_offline(True)
    for number in range(3):
        say(teacher, f"message {number}")
    expect(messages(teacher)).to_have_count(3)
    student.context.set_offline(False)
    counts = [page.locator(f'#side [data-room="{url[-24:]}"] .count') for page in (student, second)]
    for count in counts:
        expect(count).to_have_text("3", timeout=3 * LIMIT_MS)
    second.goto(url)
    live(second)
    assert texts(second) == ["message 0", "message 1", "message 2"]
    second.bring_to_front()
    expect(counts[0]).to_be_hidden(timeout=2 * LIMIT_MS)


def test_reading_back_in_a_long_room_does_not_move_the_readers_place(
    room: tuple[str, Page, Page],
) -> None:
    url, teacher, student = room
    student.evaluate(
        """async (room) => {
          const xsrf = document.querySelector("meta[name=xsrf]").content;
          for (let i = 0; i < 120; i++) {
            const body = { cmd: "chat.post", args: { room, body: `message ${i}` }, key: `k${i}` };
            const headers = { "Content-Type": "application/json", "X-XSRFToken": xsrf };
            const sent = { method: "POST", headers, body: JSON.stringify(body) };
            if (!(await fetch("/api/commands", sent)).ok) throw new Error("refused");
          }
        }""",
        url[-24:],
    )
    student.reload()
    live(student)
    expect(messages(student)).to_have_count(50)
    place = """() => {
      const scroll = document.querySelector("[data-scroll]");
      scroll.scrollTop = 400;
      const row = [...document.querySelectorAll("li.message")].find(
        (one) => one.getBoundingClientRect().top > 150);
      window.anchor = row;
      return row.getBoundingClientRect().top;
    }"""
    before = student.evaluate(place)
    expect(messages(student)).to_have_count(100)
    top = "window.anchor.getBoundingClientRect().top"
    assert abs(student.evaluate(top) - before) < 2
    say(teacher, "something new")
    expect(messages(teacher).last).to_contain_text("something new")
    expect(student.locator("[data-act=latest]")).to_be_visible()
    assert abs(student.evaluate(top) - before) < 2
