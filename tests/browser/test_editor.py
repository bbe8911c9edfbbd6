"""The course editor shows what is typed, before it is saved and where it was refused."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone
from tests.browser.served import Served, live
from tests.browser.test_rooms import open_course


def preview(page: Page) -> None:
    """What stands in the form stands in the preview."""
    card = page.locator("[data-preview]")
    page.get_by_label("Title").fill("Kitchen Chemistry")
    expect(card.locator("[data-text=title]")).to_have_text("Kitchen Chemistry")
    page.get_by_label("In one sentence").fill("Bread, soap")
    expect(card.locator("[data-text=summary]")).to_have_text("Bread, soap")
    text = page.get_by_label("Description")
    text.fill("")
    text.press_sequentially("# Week 1\n\n**Bread** and $x^2$")
    expect(card.locator("h1, h2, h3").filter(has_text="Week 1")).to_be_visible()
    expect(card.locator("strong", has_text="Bread")).to_be_visible()
    expect(card.locator("math")).to_have_count(1)
    text.fill("Only soap, <img src=x onerror=alert(1)>")
    expect(card.locator("[data-html]")).to_have_text("Only soap, <img src=x onerror=alert(1)>")
    text.fill("")
    expect(card.locator("[data-html]")).to_be_empty()


def test_the_preview_follows_what_is_typed_also_of_a_new_course(
    served: Served, someone: Someone
) -> None:
    page = someone("Marta Olsen", "teacher")
    page.goto(f"{served.url}/courses/new")
    live(page)
    preview(page)
    page.get_by_label("Description").fill("An *evening* course")
    # A key that is too long is refused by the server: what was typed is still shown.
    page.locator("#editor").evaluate(
        "(form) => form.elements.enrollment_key.removeAttribute('maxlength')"
    )
    page.get_by_label("Enrolment key").fill("k" * 500)
    page.get_by_role("button", name="Make the course").click()
    expect(page.locator(".has-error input[name=enrollment_key]")).to_be_visible()
    expect(page.locator("[data-preview] em")).to_have_text("evening")

    course = open_course(page, served, "Soap")
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{course}/edit")
    live(page)
    page.get_by_label("Description").fill("An *evening* course")
    page.get_by_role("link", name="Preview").click()
    expect(page.locator("[data-preview] em")).to_be_in_viewport()
    page.get_by_role("link", name="Close the preview").click()
    page.get_by_label("Description").fill("# As now")
    page.get_by_role("button", name="Save the course").click()
    page.wait_for_url(course)
    page.goto(f"{course}/edit")
    expect(page.locator("[data-preview] [data-html]")).to_have_text("As now")
