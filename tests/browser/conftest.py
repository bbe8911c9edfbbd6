"""A served elearn and Chromium for the tests that use them together."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.school import School, a_school
from tests.browser.school import Someone as InSchool
from tests.browser.served import LIMIT_MS, PASSWORD, Served, a_browser, live

Someone = Callable[[str, str], Page]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    server = Served(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with a_browser() as browser:
        yield browser


@pytest.fixture
def someone(chromium: Browser, served: Served) -> Iterator[Someone]:
    """People in browsers of their own, signed up through the form: `someone(name, role)`. Fails
    the test when a script of theirs failed."""
    failed: list[str] = []

    def sign_up(name: str, role: str) -> Page:
        page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.set_default_timeout(LIMIT_MS)
        page.context.on("weberror", lambda error: failed.append(f"{name}: {error.error}"))
        page.goto(f"{served.url}/sign-up")
        page.get_by_label("Name").fill(name)
        address = "".join(filter(str.isalnum, name.split()[0])).lower()
        page.get_by_label("E-mail").fill(f"{address}@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.locator(f"input[name=role][value={role}]").check(force=True)
        page.locator("main button[type=submit]").click()
        live(page)
        return page

    yield sign_up
    assert not failed


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with a_school(tmp_path_factory.mktemp("school")) as school:
        yield school


@pytest.fixture(scope="module")
def ana(school: School) -> InSchool:
    return school.student("Ana Silva")
