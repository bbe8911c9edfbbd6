"""What somebody sets for themselves, as they see it in a browser with and without a script."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, expect

from tests.browser.served import LIMIT_MS, Served, live, say
from tests.browser.test_forms import make_course, sign_up


def times(page: Page, zone: str) -> None:
    """The first time on the page is said in this zone."""
    shown = page.locator("[data-list=messages] time").first
    at = datetime.fromisoformat(str(shown.get_attribute("datetime")))
    there = at.astimezone(ZoneInfo(zone))
    expect(shown).to_have_attribute("title", re.compile(f", {there:%H:%M}$"))


def test_a_time_zone_comes_from_the_browser_and_is_chosen_from_a_list(
    served: Served, chromium: Browser
) -> None:
    context = chromium.new_context(timezone_id="Asia/Tokyo")
    page = context.new_page()
    page.set_default_timeout(LIMIT_MS)
    page.goto(served.url)
    sign_up(page, "Yuki", "teacher")
    room = make_course(page, "Algebra").replace("/courses/", "/rooms/")
    page.goto(served.url + room)
    live(page)
    say(page, "Good morning")

    plain = chromium.new_context(
        storage_state=context.storage_state(), java_script_enabled=False, viewport=None
    ).new_page()
    plain.goto(served.url + room)
    times(plain, "Asia/Tokyo")
    plain.goto(f"{served.url}/settings/profile")
    zone = plain.get_by_label("Time zone")
    expect(zone).to_have_value("Asia/Tokyo")
    zone.select_option(label="Adelaide")
    plain.get_by_role("button", name="Save the profile").click()
    expect(plain.get_by_text("Saved.")).to_be_visible()
    expect(zone).to_have_value("Australia/Adelaide")
    plain.goto(served.url + room)
    times(plain, "Australia/Adelaide")
    page.reload()
    live(page)
    times(page, "Australia/Adelaide")
