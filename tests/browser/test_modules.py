"""The browser's own modules, each of its test files run in Chromium."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler, StaticFileHandler

from elearn.app import ROUTES
from elearn.config import Config
from elearn.handlers.facts import server_facts
from tests.browser.served import a_browser

assert ROUTES  # importing the app fills the table of commands

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "static" / "js"
TESTS = Path(__file__).parent / "js"
PAGE = """<!doctype html><meta charset="utf-8"><title>modules</title>
<script type="application/json" id="state">{state}</script>
<script type="importmap">{importmap}</script>
<script type="module">
import {{ report }} from "test/harness.js"; import "test/{name}"; report();
</script>
"""

STATE = json.dumps({"server": server_facts(Config())})


def importmap() -> str:
    names = {f"app/{path.relative_to(MODULES)}": path for path in MODULES.rglob("*.js")}
    imports = {name: f"/static/js/{name.removeprefix('app/')}" for name in names}
    imports |= {f"test/{path.name}": f"/test/{path.name}" for path in TESTS.glob("*.js")}
    return json.dumps({"imports": imports})


class PageHandler(RequestHandler):
    def get(self, name: str) -> None:
        self.write(PAGE.format(state=STATE, importmap=importmap(), name=name))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server of files alone, in a thread: Playwright's calls block this one."""
    loop = asyncio.new_event_loop()
    sockets = bind_sockets(0, "127.0.0.1")

    def serve() -> None:
        asyncio.set_event_loop(loop)
        routes = [
            (r"/page/(.*)", PageHandler),
            (r"/test/(.*)", StaticFileHandler, {"path": str(TESTS)}),
            (r"/static/js/(.*)", StaticFileHandler, {"path": str(MODULES)}),
        ]
        server = HTTPServer(Application(routes))
        server.add_sockets(sockets)
        loop.run_forever()
        server.stop()
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with a_browser() as browser:
        yield browser


@pytest.mark.parametrize("name", sorted(path.name for path in TESTS.glob("*.test.js")))
def test_the_browser_modules_do_what_their_tests_say(
    name: str, address: str, chromium: Browser
) -> None:
    page = chromium.new_page()
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/page/{name}")
    try:
        page.wait_for_function("window.results !== undefined", timeout=10_000)
    except Exception:
        pytest.fail(f"{name} did not finish: {said}")
    results = page.evaluate("window.results")
    page.close()
    assert results, f"{name} holds no tests"
    failures = [f"{one['name']}: {one['error']}" for one in results if one["error"]]
    assert failures == []


def test_modules_import_each_other_by_their_mapped_names_only() -> None:
    wrong = [
        f"{path.relative_to(MODULES)}: {line.strip()}"
        for path in MODULES.rglob("*.js")
        for line in path.read_text(encoding="utf-8").splitlines()
        if ('from "' in line or 'import("' in line or line.startswith('import "'))
        and '"app/' not in line
    ]
    assert wrong == []


def test_every_imported_name_is_a_module_that_exists() -> None:
    known = set(json.loads(importmap())["imports"])
    missing = {
        name
        for path in MODULES.rglob("*.js")
        for name in _imported(path.read_text(encoding="utf-8"))
        if name not in known
    }
    assert missing == set()


def _imported(source: str) -> list[str]:
    return [
        part.split('"')[0]
        for marker in ('from "', 'import("', '\nimport "')
        for part in source.split(marker)[1:]
    ]
