"""How a page starts: with few bytes, all that it needs asked for at once, and nothing missed."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.browser.conftest import Someone
from tests.browser.served import Served, live, messages, say
from tests.browser.test_slow_line import a_room

PLACES = ("/", "/courses", "/messages", "/notifications", "/settings/profile")
MOST_BYTES = 130_000
_ANNOUNCED = re.compile(r'<link rel="modulepreload" href="([^"]+)">\s*')


class Held:
    """A module that does not come before it is let go."""

    def __init__(self, page: Page, module: str) -> None:
        self._waiting: list[Route] = []
        page.route(re.compile(rf"/static/js/{module}\?"), lambda route: self._waiting.append(route))

    def let_go(self) -> None:
        assert self._waiting, "it was asked for"
        for route in self._waiting:
            route.continue_()


def afresh(page: Page) -> Page:
    """The same person with an empty cache."""
    assert page.context.browser is not None
    state = page.context.storage_state()
    return page.context.browser.new_context(storage_state=state).new_page()


def test_a_page_announces_what_it_loads_and_nothing_else(served: Served, someone: Someone) -> None:
    teacher, student = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    room = a_room(teacher, student, served)
    course = room.replace("/rooms/", "/courses/")
    places = [f"{served.url}{path}" for path in PLACES]
    for page, addresses in (
        (teacher, [f"{served.url}/courses/new", course, room]),
        (student, [*places, course, room]),
    ):
        for address in addresses:
            announced, loaded = modules_of(page, address)
            assert announced == loaded, address
            assert len(announced) > 30, address


def modules_of(person: Page, address: str) -> tuple[set[str], set[str]]:
    """What the page's head says, and what it loads when the head does not say it."""
    page = afresh(person)
    announced: set[str] = set()
    loaded: set[str] = set()

    def without(route: Route) -> None:
        answer = route.fetch()
        announced.update(_ANNOUNCED.findall(answer.text()))
        route.fulfill(response=answer, body=_ANNOUNCED.sub("", answer.text()))

    def note(request: Request) -> None:
        if "/static/js/" in request.url and "theme.js" not in request.url:
            loaded.add(request.url.split("localhost", 1)[1].lstrip(":0123456789"))

    page.route(address, without)
    page.on("request", note)
    page.goto(address)
    live(page)
    page.context.close()
    return announced, loaded


def test_a_room_with_a_conversation_takes_few_bytes(served: Served, someone: Someone) -> None:
    teacher, student = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    room = a_room(teacher, student, served)
    teacher.goto(room)
    live(teacher)
    for number in range(12):
        say(teacher, f"What is asked for in question {number} is the rate, not the yield.")
    expect(messages(teacher)).to_have_count(12)
    page = afresh(student)
    assert bytes_of(page, room) < MOST_BYTES
    page.goto("about:blank")
    assert bytes_of(page, room) < MOST_BYTES / 4, "what has a version is kept"


def bytes_of(page: Page, address: str) -> float:
    """All that came over the line until everything is there."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    came: list[float] = []
    session.on("Network.loadingFinished", lambda told: came.append(told["encodedDataLength"]))
    page.goto(address)
    live(page)
    page.wait_for_load_state("networkidle")
    session.detach()
    return sum(came)


def test_what_happens_while_a_page_loads_is_not_missed(served: Served, someone: Someone) -> None:
    teacher, student = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    room = a_room(teacher, student, served)
    teacher.goto(room)
    live(teacher)
    student = afresh(student)
    held = Held(student, "components/room.js")
    with student.expect_websocket() as line:
        student.goto(room, wait_until="commit")
    line.value.wait_for_event("framereceived")
    say(teacher, "@Jun Li do you hear me?")
    expect(messages(teacher)).to_have_count(1)
    expect(student.locator("[data-component=connection]")).not_to_have_attribute(
        "data-state", "live"
    )
    held.let_go()
    expect(messages(student)).to_have_text([re.compile("do you hear me")])
    live(student)


def searched(page: Page) -> Locator:
    box = page.get_by_role("combobox").first
    box.click()
    box.press_sequentially("bioch")
    return page.get_by_role("option").filter(has_text="Biochemistry").first


def told(page: Page) -> Locator:
    """The server drew one, for the enrolment."""
    return page.locator("[data-component=bell] [data-count]", has_text="2")


@pytest.mark.parametrize(
    ("module", "shown"), [("components/search.js", searched), ("components/bell.js", told)]
)
def test_what_is_loaded_later_takes_up_what_was_done_before(
    module: str, shown: Callable[[Page], Locator], served: Served, someone: Someone
) -> None:
    teacher, student = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    room = a_room(teacher, student, served)
    teacher.goto(room)
    live(teacher)
    student = afresh(student)
    held = Held(student, module)
    student.goto(f"{served.url}/messages", wait_until="commit")
    expect(student.locator("[data-component=connection]")).to_have_attribute("data-state", "live")
    found = shown(student)
    say(teacher, "@Jun Li are you there?")
    expect(student.locator("#side .count:visible").first).to_be_attached()
    expect(found).to_be_hidden()
    held.let_go()
    expect(found).to_be_visible()
