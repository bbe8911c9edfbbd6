"""What a message looks like to those who read it, live and after a reload."""

import json
from typing import Any

from playwright.sync_api import Page, WebSocket, expect

from tests.browser.conftest import Someone
from tests.browser.served import Served
from tests.browser.test_rooms import enrol, live, open_course

FORMULA = "$\\frac{a}{b}$"


def posted(page: Page) -> list[dict[str, Any]]:
    """The arguments of the messages that a page sends from now on."""
    found: list[dict[str, Any]] = []

    def note(frame: str | bytes) -> None:
        command = json.loads(frame)
        if command.get("cmd") == "chat.post":
            found.append(command["args"])

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", note)

    page.on("websocket", listen)
    return found


def test_a_mention_a_formula_and_code_look_the_same_live_and_after_a_reload(
    served: Served, someone: Someone
) -> None:
    teacher = someone("Marta Olsen", "teacher")
    student = someone("Ana Silva", "student")
    course = open_course(teacher, served, "🧪 Chem")
    enrol(student, course)
    sent = posted(student)
    room = course.replace("/courses/", "/rooms/")
    for page in (teacher, student):
        page.goto(room)
        live(page)
    marta = teacher.evaluate("JSON.parse(document.getElementById('state').textContent).viewer.id")

    student.locator("textarea[name=body]").focus()
    student.keyboard.type("@mar")
    expect(student.get_by_role("option", name="Marta Olsen")).to_be_visible()
    student.keyboard.press("Enter")
    student.keyboard.type(f"is {FORMULA} right?")
    student.keyboard.press("Shift+Enter")
    student.keyboard.type("```python")
    student.keyboard.press("Shift+Enter")
    student.keyboard.type("return 1")
    student.keyboard.press("Shift+Enter")
    student.keyboard.type("```")
    student.keyboard.press("Enter")

    message = ".message[data-seq] .message-text"
    for page in (teacher, student):
        for _ in ("live", "after a reload"):
            text = page.locator(message)
            expect(text.locator(".mention")).to_have_text("@Marta Olsen")
            expect(text.locator(".mention")).to_have_attribute("data-user", marta)
            expect(text.locator("pre .kw")).to_have_text("return")
            fraction = text.locator("math mfrac")
            numerator, denominator = (fraction.locator("mi").nth(at) for at in (0, 1))
            above, below = numerator.bounding_box(), denominator.bounding_box()
            assert above is not None
            assert below is not None
            assert above["y"] + above["height"] <= below["y"] + 1, "set, not written in a line"
            page.reload()
            live(page)
    assert [one["mentions"] for one in sent] == [[marta]]


def test_what_is_wider_than_a_phone_is_moved_in_its_own_line(
    served: Served, someone: Someone
) -> None:
    teacher = someone("Marta Olsen", "teacher")
    room = open_course(teacher, served, "Algebra").replace("/courses/", "/rooms/")
    teacher.set_viewport_size({"width": 360, "height": 800})
    teacher.goto(room)
    live(teacher)
    long_sum = "+".join(f"a_{{{number}}}" for number in range(40))
    cells = "|".join(f"Column{number}" for number in range(9))
    for text in (f"${long_sum}$", f"$${long_sum}$$", f"|{cells}|\n{'|-' * 9}|\n|{cells}|"):
        teacher.locator("textarea[name=body]").fill(text)
        teacher.keyboard.press("Control+End")
        teacher.locator("[data-composer] button[type=submit]").click()
    rows = teacher.locator(".message[data-seq] .message-text")
    expect(rows).to_have_count(3)
    wide = "(text) => [text, ...text.querySelectorAll('p, table, math')].filter("
    for at in range(3):
        text = rows.nth(at)
        assert text.evaluate("(text) => text.scrollWidth <= text.clientWidth")
        assert text.evaluate(f"{wide}(box) => box.scrollWidth > box.clientWidth + 1).length") >= 1
    assert teacher.evaluate("document.documentElement.scrollWidth <= innerWidth")
