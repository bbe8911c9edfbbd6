"""A course's page and a profile while they are open: what others change is there at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone
from tests.browser.served import Served, command, live

_API = """async ([method, path, body]) => {
  const answer = await fetch(path, {
    method,
    headers: {
      "Content-Type": "application/json",
      "X-XSRFToken": document.querySelector("meta[name=xsrf]").content,
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}"""


def api(page: Page, method: str, path: str, **body: Any) -> Any:
    return page.evaluate(_API, [method, path, body])


@pytest.fixture
def scene(served: Served, someone: Someone) -> tuple[Page, Page, str]:
    desk, phone = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    fields = {"title": "Algebra", "description": "Groups.", "published": True}
    course = api(desk, "POST", "/api/courses", **fields)["course"]["id"]
    return desk, phone, course


def moment(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


def test_a_courses_page_moves_with_what_its_teacher_does(
    served: Served, scene: tuple[Page, Page, str]
) -> None:
    desk, phone, course = scene
    change = f"/api/courses/{course}"
    phone.goto(f"{served.url}/courses/{course}")
    live(phone)
    phone.evaluate("window.same_page = true")
    button = phone.locator(".enroll [data-act=enroll]")

    # Whether one may enrol is said before the click, as it changes and by time alone.
    api(desk, "PATCH", change, description="Rings and **fields**.", capacity=30)
    expect(phone.locator("main .prose strong")).to_have_text("fields")
    expect(phone.locator(".facts")).to_contain_text("30 seats left")
    api(desk, "PATCH", change, opens_at=moment(days=2))
    expect(button).to_have_text(
        f"Enrolment opens {(datetime.now(UTC) + timedelta(days=2)).day}"
        f" {datetime.now(UTC) + timedelta(days=2):%b}"
    )
    expect(button).to_be_disabled()
    api(desk, "PATCH", change, opens_at=moment(seconds=2))
    expect(button).to_have_text("Enrol")
    expect(button).to_be_enabled()
    api(desk, "PATCH", change, opens_at=None, closes_at=moment(seconds=2))
    expect(button).to_have_text("Enrolment is closed")
    phone.reload()
    live(phone)
    expect(button).to_have_text("Enrolment is closed")
    expect(button).to_be_disabled()
    phone.evaluate("window.same_page = true")
    api(desk, "PATCH", change, closes_at=None, published=False)
    expect(button).to_have_text("No longer offered")
    expect(button).to_be_disabled()
    api(desk, "PATCH", change, published=True)
    expect(button).to_have_text("Enrol")

    # Inside it: an update, another room, what is said of the course; what one types stays.
    button.click()
    expect(phone.get_by_text("You are enrolled").first).to_be_visible()
    phone.locator("[data-feedback-form] textarea").fill("half a word")
    given = {"kind": "announcement", "title": "Week 1", "body": "Read it."}
    command(desk, "update.publish", course=course, **given)
    expect(phone.locator("main [data-list=updates]").get_by_text("Week 1")).to_be_visible()
    command(desk, "room.create", course=course, name="lab", kind="open")
    expect(phone.locator("#context [data-part=rooms]").get_by_text("# lab")).to_be_visible()
    api(desk, "PATCH", change, summary="All of algebra")
    expect(phone.get_by_text("All of algebra")).to_be_visible()
    expect(phone.locator("[data-feedback-form] textarea")).to_have_value("half a word")
    assert phone.evaluate("window.same_page")


def test_a_profile_says_what_its_person_says_now_to_whoever_looks(
    served: Served, scene: tuple[Page, Page, str]
) -> None:
    desk, phone, _ = scene
    jun = api(phone, "PATCH", "/api/me", about="Runner.")["user"]["id"]
    desk.goto(f"{served.url}/users/{jun}")
    live(desk)
    expect(desk.locator("main .about")).to_have_text("Runner.")
    api(phone, "PATCH", "/api/me", about="Early bird.")
    expect(desk.locator("main .about")).to_have_text("Early bird.")
    api(phone, "PATCH", "/api/me", name="Jun Núñez")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Jun Núñez student")
    expect(desk).to_have_title("Jun Núñez · elearn")
