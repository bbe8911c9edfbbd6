"""The pictures of the README: the demo semester on a server of its own, in the system's Chromium.

python scripts/screenshots.py [--into docs/images]
"""

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from elearn.demo.people import PASSWORD, PEOPLE, STUDENT, TEACHER

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DESK, PHONE = (1280, 800), (390, 844)
COURSE = "Biochemistry of Everyday Life"


@dataclass(frozen=True)
class Shot:
    """What one person sees after following links of the sidebar from home."""

    name: str
    person: str
    links: tuple[str, ...] = ()
    dark: bool = False
    size: tuple[int, int] = DESK
    typed: str = ""


SHOTS = (
    Shot("room", STUDENT, (COURSE, "general")),
    Shot("room-dark", STUDENT, (COURSE, "general"), dark=True),
    Shot("course", TEACHER, (COURSE,)),
    Shot("search", STUDENT, typed="biochemestry"),
    Shot("home-phone", STUDENT, size=PHONE),
)


@contextmanager
def demo_server(folder: Path) -> Iterator[str]:
    """A server filled with the demo semester; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {name: value for name, value in os.environ.items() if name[:7] != "ELEARN_"}
    settings |= {
        "ELEARN_DATA_DIR": str(folder),
        "ELEARN_PORT": str(port),
        "ELEARN_LOG_LEVEL": "warning",
        "ELEARN_API_PER_MIN": "0",
    }
    command = [sys.executable, "-m", "elearn"]
    server = subprocess.Popen(
        [*command, "serve"], env=settings, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        if not server.stdout.readline():
            raise SystemExit("screenshots: the server did not start; it says why above")
        subprocess.run([*command, "demo"], env=settings, cwd=ROOT, check=True)
        yield f"http://localhost:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def sign_in(page: Page, url: str, person: str) -> None:
    page.goto(f"{url}/sign-in")
    page.get_by_label("E-mail").fill(PEOPLE[person].email)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{url}/")


def follow(page: Page, shot: Shot) -> None:
    """Walk to the place, and wait until the page is live."""
    side = page.locator("#side")
    course = side.locator("[data-list=courses] > li", has_text=COURSE)
    for link in shot.links:
        course.get_by_role("link", name=re.compile(re.escape(link))).first.click()
        page.wait_for_load_state()
    if shot.typed:
        page.locator("#search").press_sequentially(shot.typed)
        page.locator("#search-list [role=option]").first.wait_for()
    page.locator("[data-component=connection][data-state=live]").wait_for(state="attached")
    page.evaluate("document.fonts.ready")


def take(browser: Browser, url: str, shot: Shot, into: Path) -> Path:
    context = browser.new_context(
        viewport={"width": shot.size[0], "height": shot.size[1]},
        color_scheme="dark" if shot.dark else "light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    page = context.new_page()
    sign_in(page, url, shot.person)
    follow(page, shot)
    path = into / f"{shot.name}.png"
    page.screenshot(path=path)
    context.close()
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description="Take the pictures of the README.")
    parser.add_argument("--into", type=Path, default=ROOT / "docs" / "images")
    into: Path = parser.parse_args().into
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise SystemExit("screenshots: no Chromium here: apt install chromium")
    into.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="elearn-shots-", ignore_cleanup_errors=True) as folder,
        demo_server(Path(folder)) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for shot in SHOTS:
            print(take(browser, url, shot, into))
        browser.close()


if __name__ == "__main__":
    main()
