"""What somebody writes in a room: drafts in several tabs, names that are offered, input methods."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Someone
from tests.browser.served import Served, live, messages, say
from tests.browser.test_rooms import enrol, open_course

# Safari ends a composition before it tells of the key that ended it.
ENTER_OF_AN_INPUT_METHOD = """(field) => field.dispatchEvent(new KeyboardEvent("keydown", {
  key: "Enter", keyCode: 229, which: 229, isComposing: false, bubbles: true, cancelable: true}))"""


def room_of(course: str) -> str:
    return course.replace("/courses/", "/rooms/")


def field(page: Page) -> Locator:
    return page.locator("[data-composer] textarea")


def enter(page: Page, room: str) -> Page:
    page.goto(room)
    live(page)
    return page


def new_tab(page: Page, room: str) -> Page:
    return enter(page.context.new_page(), room)


def test_a_room_has_one_draft_in_all_tabs_and_what_was_sent_is_gone_in_all(
    served: Served, someone: Someone
) -> None:
    first = someone("Marta Olsen", "teacher")
    room = room_of(open_course(first, served, "Algebra"))
    enter(first, room)
    second = new_tab(first, room)

    # An empty tab that is closed takes nothing with it.
    field(first).press_sequentially("An idea")
    expect(field(second)).to_have_value("An idea")
    second.close()
    expect(field(first)).to_have_value("An idea")
    first.reload()
    live(first)
    expect(field(first)).to_have_value("An idea")

    # The newest words win; the tab with older ones is closed later.
    second = new_tab(first, room)
    field(second).press("Control+End")
    field(second).press_sequentially(", a better one")
    second.goto("about:blank")
    third = new_tab(first, room)
    expect(field(third)).to_have_value("An idea, a better one")
    first.close()
    third.reload()
    live(third)
    expect(field(third)).to_have_value("An idea, a better one")

    # Sent in one, it is gone in the others and does not come back.
    fourth = new_tab(third, room)
    expect(field(fourth)).to_have_value("An idea, a better one")
    field(third).press("Enter")
    expect(messages(third).filter(has_text="a better one")).to_be_visible()
    expect(field(fourth)).to_have_value("")
    third.close()
    fourth.reload()
    live(fourth)
    expect(messages(fourth)).to_have_count(1)
    expect(field(fourth)).to_have_value("")

    # A page that comes back from where the browser kept it shows the draft of now.
    field(fourth).press_sequentially("Written before")
    fifth = new_tab(fourth, room)
    fourth.goto(served.url + "/help")
    say(fifth, "Written before, and sent")
    fourth.go_back()
    live(fourth)
    expect(field(fourth)).to_have_value("")


def test_a_draft_keeps_who_was_chosen_among_people_of_one_name(
    served: Served, someone: Someone
) -> None:
    teacher = someone("Marta Olsen", "teacher")
    course = open_course(teacher, served, "Algebra")
    for name in ("Ana Silva", "Anabel Sa"):
        enrol(someone(name, "student"), course)
    enter(teacher, room_of(course))
    field(teacher).press_sequentially("@silva")
    expect(teacher.get_by_role("option", name="Ana Silva")).to_be_visible()
    teacher.keyboard.press("Tab")
    expect(field(teacher)).to_have_value("@Ana Silva ")
    sent: list[str] = []
    teacher.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))),
    )
    teacher.reload()
    live(teacher)
    field(teacher).press("Control+End")
    field(teacher).press_sequentially("well done")
    field(teacher).press("Enter")
    expect(messages(teacher).locator(".mention")).to_have_text("@Ana Silva")
    posted = next(frame for frame in sent if '"chat.post"' in frame)
    assert re.search(r'"mentions":\["[0-9a-f]{24}"\]', posted)


def test_a_name_is_offered_taken_back_and_left_like_anything_typed(
    served: Served, someone: Someone
) -> None:
    teacher = someone("Marta Olsen", "teacher")
    course = open_course(teacher, served, "Algebra")
    enter(teacher, room_of(course))
    # They came after the page, as do all beyond those that it brings: the room is asked.
    quentin = someone("Quentin Li", "student")
    enrol(quentin, course)
    option = teacher.get_by_role("option", name="Quentin Li")
    text = field(teacher)

    text.press_sequentially("So, @Qu")
    expect(option).to_be_visible()
    text.press("Enter")
    expect(text).to_have_value("So, @Quentin Li ")
    text.press("Control+z")
    expect(text).to_have_value("So, @Qu")
    text.press("Control+Shift+z")
    expect(text).to_have_value("So, @Quentin Li ")

    # The caret leaves the word, and the list is no longer about it.
    for key in ("Home", "ArrowLeft"):
        text.fill("")
        text.press_sequentially("@Qu")
        expect(option).to_be_visible()
        text.press(key)
        expect(option).to_be_hidden()
    text.press("Enter")
    expect(messages(teacher).filter(has_text="@Qu")).to_be_visible()
    expect(text).to_have_value("")
    text.press_sequentially("@Qu")
    expect(option).to_be_visible()
    text.click(position={"x": 3, "y": 8})
    expect(option).to_be_hidden()

    # In a conversation of two, the other one.
    teacher.goto(f"{course}/people")
    teacher.locator("main").get_by_role("link", name="Quentin Li").first.click()
    teacher.wait_for_url("**/users/*")
    live(teacher)
    teacher.locator("[data-act=message]").click()
    teacher.wait_for_url("**/rooms/*")
    live(teacher)
    field(teacher).press_sequentially("@q")
    expect(option).to_be_visible()


def test_the_enter_that_ends_a_composition_does_nothing_else(
    served: Served, someone: Someone
) -> None:
    teacher = someone("Marta Olsen", "teacher")
    course = open_course(teacher, served, "数据库")
    enrol(someone("Quentin Li", "student"), course)
    enter(teacher, room_of(course))
    text = field(teacher)
    text.fill("こんにち")
    text.evaluate(ENTER_OF_AN_INPUT_METHOD)
    expect(text).to_have_value("こんにち")
    text.fill("@Qu")
    expect(teacher.get_by_role("option", name="Quentin Li")).to_be_visible()
    text.evaluate(ENTER_OF_AN_INPUT_METHOD)
    expect(text).to_have_value("@Qu")
    text.fill("")
    box = teacher.locator("#search")
    box.fill("数据")
    expect(teacher.locator("#search-popup [role=option]").first).to_be_visible()
    box.press("ArrowDown")
    here = teacher.url
    box.evaluate(ENTER_OF_AN_INPUT_METHOD)
    say(teacher, "はい")
    expect(messages(teacher)).to_have_count(1)
    assert teacher.url == here
