"""How a page gets its style sheets: all of them by one address, which caches may keep for ever."""

import re

import pytest

from tests.browsing import Browser, signed_in
from tests.live import Live

VISITED = ("/", "/courses", "/sign-in", "/sign-up", "/help")
OWN = ("/", "/courses", "/courses/new", "/messages", "/notifications", "/settings/profile")


def sheets_of(page: bytes) -> list[str]:
    return re.findall(r'rel="stylesheet" href="([^"]+)"', page.decode())


async def test_each_page_has_one_sheet_which_is_there(live: Live) -> None:
    teacher = await signed_in(live, await live.teacher("Marta"))
    for browser, paths in ((Browser(live), VISITED), (teacher, OWN)):
        for path in paths:
            (address,) = sheets_of((await browser.get(path)).body)
            answer = await Browser(live).get(address)
            assert (answer.code, answer.headers["Content-Type"][:8]) == (200, "text/css"), path
            assert b"--accent" in answer.body, path


async def test_an_error_page_has_its_sheet_too(live: Live) -> None:
    (address,) = sheets_of((await Browser(live).get("/nothing")).body)
    assert b".error-status" in (await Browser(live).get(address)).body


async def test_the_sheet_of_this_version_is_kept_and_of_another_asked_for_again(live: Live) -> None:
    browser = Browser(live)
    now = await browser.get(sheets_of((await browser.get("/courses")).body)[0])
    assert "immutable" in now.headers["Cache-Control"]
    other = await browser.get("/styles/tokens.css?v=older")
    assert (other.code, other.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize("names", ["nothing", "tokens.tokens", "tokens.", "..tokens"])
async def test_what_joins_no_sheets_is_not_found(live: Live, names: str) -> None:
    assert (await Browser(live).get(f"/styles/{names}.css")).code == 404
