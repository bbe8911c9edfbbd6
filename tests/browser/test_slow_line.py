"""Two browsers side by side: who is here and typing, and one where no WebSocket gets through."""

import re

from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.browser.conftest import Someone
from tests.browser.served import Served, messages, say


class Network:
    """A browser's way to the server, which lets WebSockets through or not."""

    def __init__(self, page: Page) -> None:
        self.blocked = True
        page.context.route_web_socket(re.compile(r"/ws\b"), self._route)

    def _route(self, socket: WebSocketRoute) -> None:
        if self.blocked:
            socket.close(code=1011)
        else:
            socket.connect_to_server()


def a_room(teacher: Page, student: Page, served: Served) -> str:
    """The address of the room of a course that both are in."""
    teacher.goto(f"{served.url}/courses/new")
    teacher.locator("input[name=title]").fill("Biochemistry")
    teacher.locator("main button[type=submit]").last.click()
    teacher.wait_for_url(re.compile(r"/courses/[0-9a-f]{24}$"))
    student.goto(teacher.url)
    student.locator("[data-act=enroll]:visible").first.click()
    expect(student.get_by_text("You are enrolled").first).to_be_visible()
    return teacher.url.replace("/courses/", "/rooms/")


def line(page: Page, text: str) -> None:
    expect(page.locator("[data-component=connection] [data-line]")).to_have_text(text)


def here(page: Page) -> Locator:
    return page.locator("[data-list=here] .person.is-here")


def test_people_see_who_is_here_and_who_is_typing(served: Served, someone: Someone) -> None:
    teacher, student = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    room = a_room(teacher, student, served)
    teacher.goto(room)
    expect(here(teacher)).to_have_count(1)
    student.goto(room)
    expect(here(teacher)).to_have_text([re.compile("Marta"), re.compile("Jun")])
    expect(teacher.locator(".room-head [data-here]")).to_have_text(", 2 here")
    expect(teacher.get_by_role("heading", name="Here now · 2")).to_be_visible()

    typing = teacher.locator("[data-typing]")
    student.locator("[data-composer] textarea").press_sequentially("Is it", delay=10)
    expect(typing).to_have_text("Jun is typing")
    expect(here(teacher).filter(has_text="Jun")).to_contain_text("typing")
    expect(student.locator("[data-typing]")).to_have_text("")
    say(student, "Is the plot needed?")
    expect(messages(teacher)).to_have_count(1)
    expect(typing).to_have_text("")

    # Invisible is gone for the others; leaving the room is, too.
    other = student.context.new_page()
    other.goto(f"{served.url}/settings/profile")
    other.get_by_label("Be invisible").check()
    other.get_by_role("button", name="Save the profile").click()
    expect(other.get_by_text("Saved.")).to_be_visible()
    expect(here(teacher)).to_have_count(1)
    other.get_by_label("Be invisible").uncheck()
    other.get_by_role("button", name="Save the profile").click()
    expect(here(teacher)).to_have_count(2)
    student.goto(served.url)
    expect(here(teacher)).to_have_count(1)


def test_the_people_of_a_course_have_a_dot_while_they_are_here(
    served: Served, someone: Someone
) -> None:
    teacher, student = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    room = a_room(teacher, student, served)
    student.goto(served.url)
    teacher.goto(room.replace("/rooms/", "/courses/") + "/people")
    dots = teacher.locator("[data-component=people] .person.is-here")
    expect(dots).to_have_text([re.compile("Marta"), re.compile("Jun")])
    student.goto("about:blank")
    expect(dots).to_have_text([re.compile("Marta")])


def test_two_people_chat_where_no_websocket_gets_through(served: Served, someone: Someone) -> None:
    teacher, student = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    room = a_room(teacher, student, served)
    network = Network(student)
    teacher.goto(room)
    student.goto(room)
    line(student, "live (slow line)")
    line(teacher, "live")
    expect(here(teacher)).to_have_count(2)
    expect(here(student)).to_have_count(2)

    say(teacher, "Does it work without sockets?")
    expect(messages(student)).to_have_count(1)
    say(student, "It does.")
    expect(messages(teacher)).to_have_count(2)
    expect(messages(student)).to_have_count(2)
    expect(student.locator("[data-list=messages] [data-state=sending]")).to_have_count(0)
    teacher.locator("[data-composer] textarea").press_sequentially("So", delay=10)
    expect(student.locator("[data-typing]")).to_have_text("Marta is typing")

    # As soon as the network lets them, it is a socket again, and nothing was lost on the way.
    network.blocked = False
    say(teacher, "And now?")
    expect(student.locator("[data-component=connection] [data-line]")).to_have_text(
        "live", timeout=25_000
    )
    say(student, "Now on a socket.")
    for page in (teacher, student):
        expect(messages(page)).to_have_text(
            [re.compile(text) for text in ("without sockets", "It does", "And now", "on a socket")]
        )
