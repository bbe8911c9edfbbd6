"""How a page gets its style sheet: all pages by one address, which caches may keep for ever."""

import re
from pathlib import Path

from tests.browsing import Browser, signed_in
from tests.live import Live

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
VISITED = ("/", "/courses", "/sign-in", "/sign-up", "/help", "/nothing")
OWN = ("/", "/courses", "/courses/new", "/messages", "/notifications", "/settings/profile")


def sheets_of(page: bytes) -> list[str]:
    return re.findall(r'rel="stylesheet" href="([^"]+)"', page.decode())


async def test_all_pages_have_the_same_one_sheet(live: Live) -> None:
    teacher = await signed_in(live, await live.teacher("Marta"))
    found = []
    for browser, paths in ((Browser(live), VISITED), (teacher, OWN)):
        for path in paths:
            found += sheets_of((await browser.get(path)).body)
    assert len(found) == len(VISITED) + len(OWN)
    assert len(set(found)) == 1


async def test_the_sheet_holds_every_other_in_its_order(live: Live) -> None:
    (address,) = sheets_of((await Browser(live).get("/")).body)
    answer = await Browser(live).get(address)
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    order = re.findall(r'@import "(.+)";', (CSS / "all.css").read_text("utf-8"))
    places = [answer.body.index((CSS / name).read_bytes()) for name in order]
    assert places == sorted(places)
    assert b"@import" not in answer.body
