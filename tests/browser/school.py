"""A course with long rooms and people in browsers of their own, for tests that share one server."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.served import LIMIT_MS, PASSWORD, Served, a_browser, live

COMMAND = """async ([cmd, args, keyed]) => {
  const headers = {
    "Content-Type": "application/json",
    "X-XSRFToken": document.querySelector("meta[name=xsrf]").content,
  };
  const key = keyed ? crypto.randomUUID() : undefined;
  const body = JSON.stringify({ cmd, args, key });
  const answer = await (await fetch("/api/commands", { method: "POST", headers, body })).json();
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.result;
}"""
SAY = """async ([room, bodies]) => {
  const headers = {
    "Content-Type": "application/json",
    "X-XSRFToken": document.querySelector("meta[name=xsrf]").content,
  };
  let seq = 0;
  for (const text of bodies) {
    const said = { cmd: "chat.post", args: { room, body: text }, key: crypto.randomUUID() };
    const sent = { method: "POST", headers, body: JSON.stringify(said) };
    const answer = await (await fetch("/api/commands", sent)).json();
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    seq = answer.result.message.seq;
  }
  return seq;
}"""


class Someone:
    """Signed up, with a page in a browser of their own; `failed` is what its scripts said."""

    def __init__(self, browser: Browser, served: Served, name: str, role: str) -> None:
        self.failed: list[str] = []
        self.url = served.url
        self.page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        self.page.set_default_timeout(LIMIT_MS)
        self.page.context.on("weberror", lambda error: self.failed.append(str(error.error)))
        self.page.goto(f"{served.url}/sign-up")
        self.page.get_by_label("Name").fill(name)
        address = "".join(filter(str.isalnum, name)).lower()
        self.page.get_by_label("E-mail").fill(f"{address}@example.org")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.locator(f"input[name=role][value={role}]").check(force=True)
        self.page.locator("main button[type=submit]").click()
        live(self.page)
        self.id = re.sub(
            r".*/", "", self.page.locator(".bar a[href^='/users/']").get_attribute("href") or ""
        )

    def do(self, cmd: str, *, keyed: bool = False, **args: Any) -> Any:
        """A command of theirs from the page that is open."""
        return self.page.evaluate(COMMAND, [cmd, args, keyed])

    def say(self, room: str, *bodies: str) -> int:
        """The seq of the last message."""
        return int(self.page.evaluate(SAY, [room, bodies]))

    def open(self, path: str) -> Page:
        self.page.goto(self.url + path)
        live(self.page)
        return self.page

    def away(self) -> None:
        """To a page that shows no room."""
        self.open("/help")

    def unread(self, room: str) -> int:
        rooms = self.do("room.list")["rooms"]
        return next(int(one["unread"]) for one in rooms if one["id"] == room)


class School:
    """One teacher, one course; a room and students for each test that asks for them."""

    def __init__(self, served: Served, browser: Browser) -> None:
        self._served = served
        self._browser = browser
        self._people: list[Someone] = []
        self.teacher = self._someone("Marta Olsen", "teacher")
        page = self.teacher.open("/courses/new")
        page.locator("input[name=title]").fill("Biochemistry")
        page.locator("input[name=published]").check(force=True)
        page.locator("main button[type=submit]").last.click()
        page.wait_for_url(re.compile(r"/courses/[0-9a-f]{24}$"))
        live(page)
        self.course = page.url[-24:]

    def _someone(self, name: str, role: str) -> Someone:
        person = Someone(self._browser, self._served, name, role)
        self._people.append(person)
        return person

    def student(self, name: str) -> Someone:
        person = self._someone(name, "student")
        person.do("enrollment.enroll", keyed=True, course=self.course)
        return person

    def room(self, name: str, *members: Someone) -> str:
        made = self.teacher.do("room.create", keyed=True, course=self.course, name=name)
        room = str(made["room"]["id"])
        for member in members:
            member.do("room.join", keyed=True, room=room)
        return room

    def require_no_failures(self) -> None:
        assert [failure for person in self._people for failure in person.failed] == []


@contextmanager
def a_school(data_dir: Path) -> Iterator[School]:
    served = Served(data_dir, ELEARN_API_PER_MIN="100000")
    served.start()
    try:
        with a_browser() as browser:
            school = School(served, browser)
            yield school
            school.require_no_failures()
    finally:
        served.stop()
