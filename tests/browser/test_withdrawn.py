"""Words that their reader may not see any more go from every open page, at once."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone
from tests.browser.served import Served, live

_DO = """async ([cmd, args]) => {
  const xsrf = document.querySelector("meta[name=xsrf]").content;
  const answer = await fetch("/api/commands", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-XSRFToken": xsrf },
    body: JSON.stringify({ cmd, args, key: crypto.randomUUID() }),
  });
  const reply = await answer.json();
  if (!reply.ok) throw new Error(JSON.stringify(reply.error));
  return reply.result;
}"""


def do(page: Page, cmd: str, **args: Any) -> Any:
    """A command in somebody's name, as from another device of theirs."""
    return page.evaluate(_DO, [cmd, args])


_HIDE = """async (course) => {
  const xsrf = document.querySelector("meta[name=xsrf]").content;
  const answer = await fetch(`/api/courses/${course}`, {
    method: "PATCH",
    headers: { "Content-Type": "application/json", "X-XSRFToken": xsrf },
    body: JSON.stringify({ published: false }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}"""


def hide(teacher: Page, course: str) -> None:
    teacher.evaluate(_HIDE, course)


def make_course(teacher: Page, served: Served, title: str) -> str:
    teacher.goto(f"{served.url}/courses/new")
    live(teacher)
    teacher.locator("input[name=title]").fill(title)
    teacher.locator("main button[type=submit]").last.click()
    teacher.wait_for_url(re.compile("/courses/[0-9a-f]{24}$"))
    live(teacher)
    return teacher.url.rsplit("/", 1)[1]


def tab(page: Page, served: Served, path: str, *words: str) -> Page:
    """One more tab of the same person, with these words on it."""
    opened = page.context.new_page()
    opened.goto(served.url + path)
    live(opened)
    for text in words:
        expect(opened.locator("body")).to_contain_text(text)
    return opened


def gone(page: Page, *words: str) -> None:
    for text in words:
        expect(page.locator("main, .context, #panel, .nav").get_by_text(text)).to_have_count(0)


def test_what_was_open_in_other_tabs_goes_with_the_course(served: Served, someone: Someone) -> None:
    teacher, student = someone("Marta Olsen", "teacher"), someone("Ana Silva", "student")
    course = make_course(teacher, served, "Linear Algebra")
    do(student, "enrollment.enroll", course=course)
    update = do(
        teacher,
        "update.publish",
        course=course,
        kind="announcement",
        title="Exam moved",
        body="It is on Friday.",
    )["update"]
    do(teacher, "feed.post", course=course, body="Bring a calculator")
    do(teacher, "chat.post", room=course, body="Seats are numbered, @Ana Silva")
    words = ("Exam moved", "Seats are numbered")
    home = tab(student, served, "/", "Exam moved", "Bring a calculator")
    notices = tab(student, served, "/notifications", *words)
    profile = tab(
        student, served, student.locator(".menu-list a").first.get_attribute("href") or ""
    )
    expect(profile.get_by_text("Seats are numbered")).to_be_visible()
    tabs = [
        tab(student, served, f"/courses/{course}", "Exam moved"),
        tab(student, served, f"/courses/{course}/updates", "It is on Friday."),
        tab(student, served, f"/courses/{course}/feed", "Bring a calculator"),
        tab(student, served, f"/courses/{course}/rooms", "general"),
        tab(student, served, update["url"], "It is on Friday."),
        tab(student, served, f"/rooms/{course}", "Seats are numbered", "Exam moved"),
    ]
    bell = home.locator("[data-component=bell]")
    bell.click()
    expect(home.locator("#panel").get_by_text("Seats are numbered")).to_be_visible()

    do(student, "enrollment.leave", course=course)
    everywhere = ("Exam moved", "It is on Friday.", "Bring a calculator", "Seats are numbered")
    for page in (home, notices, profile, *tabs):
        gone(page, *everywhere)
    expect(notices.locator("main").get_by_text("Nothing here yet")).to_be_visible()
    expect(notices.locator("[data-unread-line]")).to_have_text("All read")
    expect(bell.locator("[data-count=unseen]")).to_be_hidden()
    for page in (home, notices):
        gone(page, "Linear Algebra")

    # What was said to everyone goes when the course is hidden.
    do(teacher, "feed.post", course=course, body="Come and see", visibility="public")
    marta = teacher.locator(".menu-list a").first.get_attribute("href") or ""
    stranger = tab(student, served, marta, "Come and see", "Linear Algebra")
    hide(teacher, course)
    gone(stranger, "Come and see", "Linear Algebra")


def test_a_removal_a_private_room_and_feedback_taken_back_leave_no_word(
    served: Served, someone: Someone
) -> None:
    teacher, student = someone("Marta Olsen", "teacher"), someone("Ana Silva", "student")
    course = make_course(teacher, served, "Linear Algebra")
    do(student, "enrollment.enroll", course=course)
    me = (student.locator(".menu-list a").first.get_attribute("href") or "").rsplit("/", 1)[1]
    said = {"name": "Graders", "description": "Who passes whom", "kind": "private"}
    room = do(teacher, "room.create", course=course, **said)["room"]["id"]
    do(teacher, "room.invite", room=room, user=me)
    do(teacher, "chat.post", room=room, body="A secret for @Ana Silva")
    public = do(teacher, "room.create", course=course, name="Strike plans")["room"]["id"]
    item = do(student, "feed.feedback", course=course, stars=1, comment="Far too fast")["item"][
        "id"
    ]

    notices = tab(student, served, "/notifications", "A secret for", "Graders", "Strike plans")
    home = tab(student, served, "/", "Strike plans")
    profile = tab(student, served, f"/users/{me}", "A secret for")
    inside = tab(student, served, f"/rooms/{room}", "A secret for", "Who passes whom", "Graders")
    home.locator("[data-component=bell]").click()
    expect(home.locator("#panel").get_by_text("A secret for")).to_be_visible()
    desk = tab(teacher, served, "/notifications", "Far too fast")
    expect(desk.locator("[data-unread-line]")).to_have_text("2 unread")

    do(teacher, "room.remove", room=room, user=me)
    for page in (notices, home, profile):
        gone(page, "A secret for", "Graders")
    gone(inside, "A secret for", "Who passes whom", "Graders")
    expect(inside).to_have_title("elearn")
    do(teacher, "room.update", room=public, kind="private")
    for page in (notices, home, profile):
        gone(page, "Strike plans")
    expect(notices.locator("[data-list=notices] > li")).to_have_count(1)
    do(student, "feed.delete", item=item)
    gone(desk, "Far too fast")
    expect(desk.locator("[data-unread-line]")).to_have_text("1 unread")

    # Who is back may see it again, in the page that stayed open.
    do(teacher, "room.invite", room=room, user=me)
    expect(notices.get_by_text("A secret for")).to_be_visible()
    expect(inside.locator("#context").get_by_text("Who passes whom")).to_be_visible()
