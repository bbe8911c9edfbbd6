"""The editor, the settings and what opens over a page, by keys alone: no pointer is used here."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone
from tests.browser.served import PASSWORD, Served, live

# What has the focus: its name in a form, else what it says; and whether one sees that it has it.
_FOCUS = """() => {
  const at = document.activeElement;
  const style = getComputedStyle(at.closest(".choice-cards .choice") ?? at);
  const seen = style.outlineStyle !== "none" || style.boxShadow !== "none";
  return [at.name || at.getAttribute("aria-label") || at.textContent.trim(), seen];
}"""
_WITHIN = """dialog => [document.body, ...dialog.querySelectorAll("*")]
  .includes(document.activeElement)"""
STEPS = 40


def focused(page: Page) -> str:
    name, seen = page.evaluate(_FOCUS)
    assert seen, f"the focus on {name} is not visible"
    return str(name)


def tab_to(page: Page, name: str) -> list[str]:
    """Press Tab until it is there; what was passed on the way, itself last."""
    passed: list[str] = []
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        passed.append(focused(page))
        if passed[-1] == name:
            return passed
    raise AssertionError(f"{name} is not reached: {passed}")


def skip_to_the_page(page: Page) -> None:
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the page"
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_course_is_made_mended_and_changed(served: Served, someone: Someone) -> None:
    page = someone("Marta Olsen", "teacher")
    page.goto(f"{served.url}/courses/new")
    live(page)
    skip_to_the_page(page)

    page.keyboard.press("Tab")
    assert focused(page) == "title"
    page.keyboard.type("   ")
    assert tab_to(page, "subject") == ["summary", "description", "code", "subject"]
    page.keyboard.type("Chemistry")
    page.keyboard.press("Enter")

    title = page.get_by_label("Title")
    expect(title).to_have_attribute("aria-invalid", "true")
    expect(title).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_have_text("New course")
    expect(page.get_by_label("Subject")).to_have_value("Chemistry")
    page.keyboard.press("Control+a")
    page.keyboard.type("Biochemistry II")
    expect(page.locator("[data-preview] strong")).to_have_text("Biochemistry II")
    passed = tab_to(page, "Make the course")
    assert [name for name in passed if name in ("capacity", "enrollment_key", "published")] == [
        "capacity",
        "enrollment_key",
        "published",
    ]
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Biochemistry II")

    live(page)
    tab_to(page, "Edit the course")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/edit$"))
    live(page)
    skip_to_the_page(page)
    tab_to(page, "published")
    page.keyboard.press("Space")
    tab_to(page, "Save the course")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/courses/[0-9a-f]{24}$"))
    expect(page.get_by_text("Draft").first).to_be_visible()


def test_settings_are_walked_through_and_changed(served: Served, someone: Someone) -> None:
    page = someone("Jun Li", "student")
    page.goto(f"{served.url}/settings/profile")
    live(page)
    skip_to_the_page(page)
    assert tab_to(page, "name") == ["Profile", "Account", "Notifications", "Appearance", "name"]
    page.keyboard.press("Control+a")
    page.keyboard.type("Jun Li Wang")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Saved.")

    live(page)
    skip_to_the_page(page)
    tab_to(page, "Account")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/account")
    live(page)
    skip_to_the_page(page)
    tab_to(page, "current")
    page.keyboard.type("not this one")
    tab_to(page, "password")
    page.keyboard.type(f"{PASSWORD} again")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Current password")).to_be_focused()

    page.goto(f"{served.url}/settings/appearance")
    live(page)
    skip_to_the_page(page)
    tab_to(page, "theme")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    assert focused(page) == "theme"
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_what_opens_keeps_the_focus_and_gives_it_back(served: Served, someone: Someone) -> None:
    page = someone("Jun Li", "student")
    page.goto(f"{served.url}/settings/profile")
    live(page)
    skip_to_the_page(page)
    page.keyboard.press("Tab")
    assert focused(page) == "Profile"

    page.keyboard.press("?")
    shortcuts = page.locator("#shortcuts")
    expect(shortcuts).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Tab")
        assert shortcuts.evaluate(_WITHIN), "the focus left an open dialog"
    page.keyboard.press("Escape")
    expect(shortcuts).to_be_hidden()
    assert focused(page) == "Profile"

    page.reload()
    live(page)
    tab_to(page, "Your menu, JL")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert focused(page) == "Your profile"
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Your profile")).to_be_hidden()
    assert focused(page) == "Your menu, JL"

    page.set_viewport_size({"width": 360, "height": 740})
    page.reload()
    live(page)
    tab_to(page, "Places and courses")
    page.keyboard.press("Enter")
    places = page.locator("#side")
    expect(places).to_be_focused()
    page.keyboard.press("Tab")
    assert focused(page) == "Close places and courses"
    page.keyboard.press("Escape")
    expect(places).to_be_hidden()
    assert focused(page) == "Places and courses"
