"""A student writes to the teachers of a course, whoever they are at the moment."""

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone
from tests.browser.served import Served, live, messages, say


def teach(served: Served, folder: Path, *teachers: str) -> None:
    """Who teaches the course, by their first names."""
    file = folder / "courses.jsonl"
    mails = [f"{name.lower()}@example.org" for name in teachers]
    file.write_text(json.dumps({"id": "B1", "title": "Biochemistry", "teachers": mails}))
    served.run("import-courses", str(file))


def faces(page: Page) -> list[str]:
    return page.locator(".room-head [data-faces] .avatar").all_inner_texts()


def staff(page: Page, *names: str) -> None:
    expect(page.locator("[data-list=staff] a.name")).to_have_text(list(names))


def test_the_line_to_the_teachers_is_theirs_who_teach_now(
    served: Served, someone: Someone, tmp_path: Path
) -> None:
    ada, bob, cy = [someone(name, "teacher") for name in ("Ada Okoye", "Bob Ruiz", "Cy Adler")]
    ana = someone("Ana Kos", "student")
    teach(served, tmp_path, "Ada", "Bob")
    ana.goto(f"{served.url}/courses")
    ana.get_by_role("link", name="Biochemistry").first.click()
    live(ana)
    ana.locator("[data-act=enroll]:visible").first.click()
    expect(ana.get_by_text("You are enrolled").first).to_be_visible()
    course = ana.url
    ana.get_by_role("button", name="Message the teachers").click()
    ana.wait_for_url("**/rooms/*")
    live(ana)
    expect(ana.get_by_role("heading", level=1)).to_have_text("Teachers of Biochemistry")
    staff(ana, "Ada Okoye", "Bob Ruiz")
    assert faces(ana) == ["AO", "BR"]
    say(ana, "May I hand in later?")
    expect(messages(ana)).to_have_count(1)

    # Both find it under Messages, headed by the student.
    heading = "Ana Kos, to the teachers of Biochemistry"
    for teacher in (ada, bob):
        expect(teacher.locator("[data-count=messages_unread]").first).to_have_text("1")
        teacher.goto(f"{served.url}/messages")
        live(teacher)
        teacher.get_by_role("link", name=heading).click()
        teacher.wait_for_url("**/rooms/*")
        live(teacher)
        expect(teacher.get_by_role("heading", level=1)).to_have_text(heading)
    cy.goto(f"{served.url}/messages")
    live(cy)
    expect(cy.get_by_text("No conversations yet")).to_be_visible()

    # Bob gives the course to Cy, while all of them look.
    teach(served, tmp_path, "Ada", "Cy")
    expect(bob.locator("[data-closed=lost]")).to_be_visible()
    expect(messages(bob)).to_have_count(0)
    expect(bob.locator("[data-composer]")).to_be_hidden()
    staff(ana, "Ada Okoye", "Cy Adler")
    staff(ada, "Ada Okoye", "Cy Adler")
    assert faces(ana) == ["AO", "CA"]
    expect(cy.get_by_role("link", name=heading)).to_be_visible()
    cy.get_by_role("link", name=heading).click()
    live(cy)
    expect(messages(cy)).to_have_count(1)
    say(cy, "Until Friday.")
    expect(messages(ana).last).to_contain_text("Until Friday.")
    expect(messages(ada).last).to_contain_text("Until Friday.")

    # Nobody teaches it any more: the page of the course says why there is no line.
    ana.goto(course)
    live(ana)
    expect(ana.get_by_role("button", name="Message the teachers")).to_be_visible()
    for name in ("ada", "cy"):
        served.run("change-user", f"{name}@example.org", "--role", "student")
    ana.reload()
    live(ana)
    expect(ana.get_by_role("button", name="Message the teachers")).to_have_count(0)
    expect(ana.get_by_text(re.compile("no teachers at present"))).to_be_visible()
