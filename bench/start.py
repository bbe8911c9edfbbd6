"""How soon a room is there on a poor line: 1.6 Mbit/s, 150 ms, in Chromium.

    python -m bench.start [--turns 5]

Chromium holds each request back and shares out the bytes; the server is on this machine.
"""

import argparse
import shutil
import statistics
import sys
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, sync_playwright

from bench.report import Figure, print_figures
from bench.server import PASSWORD, Server

LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
STUDENT = "ada.student@example.org"
MESSAGES = 60
LIVE = "[data-component=connection][data-state=live]"
# When the page first says that it is live, by its own clock.
WATCH = """
new MutationObserver(() => {
  if (!window.live_at && document.querySelector("%s")) window.live_at = performance.now();
}).observe(document, { subtree: true, childList: true, attributeFilter: ["data-state"] });
"""


@dataclass
class Visit:
    paint_s: float
    live_s: float
    bytes: float


def measure(turns: int = 5) -> list[Figure]:
    """The median of the turns: a new browser profile visits a room, and visits it again."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        return [Figure("a room on a poor line", "skipped", "no Chromium here")]
    with Server("bench.node") as server, sync_playwright() as playwright:
        room = _room(server)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        _visits(browser, server, room)
        both = [_visits(browser, server, room) for _ in range(turns)]
        browser.close()
    return _figures([first for first, _ in both], [second for _, second in both])


def _figures(first: list[Visit], second: list[Visit]) -> list[Figure]:
    def seconds(name: str, times: list[float], most: float) -> Figure:
        median = statistics.median(times)
        beside = f"best {min(times):.2f} s, at most {most} s"
        return Figure(name, f"{median:.2f} s", beside, median / most, 1.0, at_most=True)

    kb = statistics.median(visit.bytes for visit in first) / 1000
    return [
        seconds("a room on a poor line, first paint", [visit.paint_s for visit in first], 1.2),
        seconds("live", [visit.live_s for visit in first], 2.5),
        Figure("its bytes", f"{kb:.0f} kB", "at most 130 kB", kb / 130, 1.0, at_most=True),
        seconds("the second visit, live", [visit.live_s for visit in second], 1.2),
    ]


def _room(server: Server) -> str:
    """A course's room in which two people have talked; the address of its page."""
    teacher, student = (
        server.sign_up(f"Ada {role.title()}", role) for role in ("teacher", "student")
    )
    course = server.make_course(teacher, "Biochemistry")
    server.command(student, "enrollment.enroll", course=course)
    for number in range(MESSAGES):
        body = f"What question {number} asks for is the rate, *not* the yield. See the second plot."
        server.command((teacher, student)[number % 3 > 0], "chat.post", room=course, body=body)
    server.do("all_done")
    return f"http://localhost:{server.port}/rooms/{course}"


def _visits(browser: Browser, server: Server, room: str) -> tuple[Visit, Visit]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    sign_in = context.request.get(f"http://localhost:{server.port}/sign-in").text()
    token = sign_in.partition('name="xsrf" content="')[2].partition('"')[0]
    form = {
        "email": "ada.student@example.org",
        "password": PASSWORD,
        "_xsrf": token,
        "next": "/help",
    }
    context.request.post(f"http://localhost:{server.port}/sign-in", form=form)
    page = context.new_page()
    page.add_init_script(WATCH % LIVE)
    first = _visit(page, room)
    page.goto("about:blank")
    second = _visit(page, room)
    context.close()
    return first, second


def _visit(page: Page, room: str) -> Visit:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", LINE)
    came: list[float] = []
    session.on("Network.loadingFinished", lambda told: came.append(told["encodedDataLength"]))
    page.goto(room, wait_until="commit")
    page.locator(LIVE).wait_for(state="attached")
    page.locator("html[data-ready]").wait_for(state="attached")
    page.wait_for_load_state("networkidle")
    paint_ms = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    live_ms = page.evaluate("live_at")
    session.detach()
    return Visit(paint_ms / 1000, live_ms / 1000, sum(came))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How soon a room is there on a poor line.")
    parser.add_argument("--turns", type=int, default=5)
    figures = measure(parser.parse_args().turns)
    print_figures(figures)
    sys.exit(any(one.reached is False for one in figures))
