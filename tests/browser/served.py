"""`elearn serve` as a process of its own, and Chromium to use it with."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.error_log import require_no_errors

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PASSWORD = "a longer pass phrase"
LIMIT_MS = 15_000

expect.set_options(timeout=LIMIT_MS)


@contextmanager
def a_browser() -> Iterator[Browser]:
    """The Chromium of this machine; without one the test is skipped."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip("there is no Chromium: install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


class Served:
    """A server on a free port with a data directory of its own; may be killed and started anew."""

    def __init__(self, data_dir: Path, module: str = "elearn", **settings: str) -> None:
        self._module = module
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://localhost:{port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ELEARN_")},
            "ELEARN_DATA_DIR": str(data_dir),
            "ELEARN_PORT": str(port),
            "ELEARN_BCRYPT_COST": "10",
            "ELEARN_CHAT_PER_10S": "0",  # a long room is written in a second
            "ELEARN_LOG_LEVEL": "warning",
            **settings,
        }
        self._log = data_dir / "server.log"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Return when it accepts connections: it says so in its first line."""
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module, "serve"],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert "listens on" in line, self._log.read_text()

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def _end(self, number: int) -> int:
        process = self._process
        assert process is not None
        assert process.stdout is not None
        process.send_signal(number)
        code = process.wait(20)
        process.stdout.close()
        require_no_errors(self._log.read_text())
        return code

    def run(self, *command: str) -> str:
        """An elearn command beside the server."""
        done = subprocess.run(
            [sys.executable, "-m", "elearn", *command],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def live(page: Page) -> None:
    """Wait until the page's line says that it is live, and all of the page does what it can."""
    line = page.locator("[data-component=connection]")
    expect(line).to_have_attribute("data-state", "live", timeout=3 * LIMIT_MS)
    expect(page.locator("html[data-ready]")).to_be_attached()


_COMMAND = """async ([cmd, args]) => {
  const answer = await fetch("/api/commands", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-XSRFToken": document.querySelector("meta[name=xsrf]").content,
    },
    body: JSON.stringify({ cmd, args, key: Math.random().toString(36) }),
  });
  const { ok, result, error } = await answer.json();
  if (!ok) throw new Error(error.message);
  return result;
}"""


def command(page: Page, cmd: str, **args: Any) -> dict[str, Any]:
    """What a person does elsewhere, by a command over HTTP."""
    result: dict[str, Any] = page.evaluate(_COMMAND, [cmd, args])
    return result


def messages(page: Page) -> Locator:
    return page.locator("[data-list=messages] > li[data-seq]")


def say(page: Page, text: str) -> None:
    """Write into the room's composer and press Enter."""
    composer = page.locator("[data-composer] textarea")
    composer.fill(text)
    composer.press("Enter")
    expect(composer).to_have_value("")
