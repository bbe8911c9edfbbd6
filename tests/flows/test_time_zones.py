"""Times on pages without a script are those of their reader; the zone comes with the account."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from elearn.actions.accounts import time_zones
from elearn.handlers.times import day_name, full_time, short_time, zone_named, zones_by_region
from tests.browsing import Browser
from tests.live import PASSWORD, CommandRefused, Live

TIME = re.compile(r'<time class="time" data-time="created_at" datetime="([^"]+)" title="([^"]+)"')


async def signed_up(live: Live, email: str, **form: str) -> Browser:
    browser = Browser(live)
    given = {"email": email, "name": "Yuki", "password": PASSWORD, "role": "teacher"}
    answer = await browser.submit("/sign-up", {**given, **form})
    assert answer.code == 303
    return browser


async def zone_of(browser: Browser) -> str:
    page = (await browser.get("/settings/profile")).body.decode()
    chosen = re.findall(r'<option value="([^"]*)" selected>', page)
    assert len(chosen) == 1
    return str(chosen[0])


async def test_the_zone_of_the_browser_is_the_accounts_from_the_start(live: Live) -> None:
    for number, (said, kept) in enumerate(
        [
            ("Asia/Tokyo", "Asia/Tokyo"),
            ("Asia/Calcutta", "Asia/Calcutta"),
            ("", "UTC"),
            ("Etc/Unknown", "UTC"),
            ("<b>", "UTC"),
        ]
    ):
        browser = await signed_up(live, f"y{number}@example.org", timezone=said)
        assert await zone_of(browser) == kept


async def test_an_account_over_http_says_its_zone_or_is_told_that_there_is_none(live: Live) -> None:
    given = {"email": "a@example.org", "password": PASSWORD, "name": "Ana"}
    made = await live.api("POST", "/api/accounts", {**given, "timezone": "Europe/Oslo"})
    assert made["user"]["timezone"] == "Europe/Oslo"
    bad = {**given, "email": "b@example.org", "timezone": "Mars/Base"}
    with pytest.raises(CommandRefused) as refused:
        await live.api("POST", "/api/accounts", bad)
    assert refused.value.error["field"] == "timezone"


async def test_a_page_without_a_script_has_the_times_of_its_reader(live: Live) -> None:
    tokyo = await signed_up(live, "yuki@example.org", timezone="Asia/Tokyo")
    utc = await signed_up(live, "ada@example.org")
    for browser, zone, ending in ((tokyo, ZoneInfo("Asia/Tokyo"), ""), (utc, UTC, " UTC")):
        made = await browser.submit("/courses/new", {"title": "Algebra", "published": "1"})
        room = made.headers["Location"].replace("/courses/", "/rooms/")
        await browser.submit(room, {"body": "hello"})
        at, title = TIME.findall((await browser.get(room)).body.decode())[0]
        there = datetime.fromisoformat(at).astimezone(zone)
        assert title.endswith(f", {there:%H:%M}{ending}")


def test_times_and_days_are_those_of_the_zone() -> None:
    now = datetime(2026, 11, 19, 16, 30, tzinfo=UTC)
    late = datetime(2026, 11, 19, 14, 5, tzinfo=UTC)
    tokyo = zone_named("Asia/Tokyo")
    assert (short_time(late, now), short_time(late, now, tokyo)) == ("14:05", "Thu 23:05")
    assert (day_name(late, now), day_name(late, now, tokyo)) == ("Today", "Yesterday")
    assert full_time(late, tokyo) == "Thursday 19 November 2026, 23:05"
    assert zone_named("Mars/Base") is UTC


def test_the_list_has_places_by_region_and_what_was_chosen_before() -> None:
    listed = zones_by_region("US/Pacific")
    assert listed[""] == [("UTC", "UTC"), ("US/Pacific", "US/Pacific")]
    assert ("America/Argentina/Buenos_Aires", "Argentina, Buenos Aires") in listed["America"]
    names = [name for places in zones_by_region("UTC").values() for name, _ in places]
    assert len(names) == len(set(names)) > 300
    assert set(names) <= time_zones()
