"""A role that is given or taken while its owner looks at a page."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Someone
from tests.browser.served import Served, live
from tests.browser.test_search import new_course


def test_an_open_page_offers_what_the_new_role_may_do(served: Served, someone: Someone) -> None:
    teacher = someone("Marta Olsen", "teacher")
    new_course(teacher, served, "Genetics")
    live(teacher)
    edit = teacher.get_by_role("link", name="Edit the course")
    expect(edit).to_be_visible()
    served.run("change-user", "marta@example.org", "--role", "student")
    expect(teacher.get_by_role("button", name="Enrol", exact=True).first).to_be_visible()
    expect(edit).to_have_count(0)
    expect(teacher.locator(".menu-list")).not_to_contain_text(re.compile("New course"))
    live(teacher)
    served.run("change-user", "marta@example.org", "--role", "teacher")
    expect(edit).to_be_visible()
