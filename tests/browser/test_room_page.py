"""A room's page beside its conversation: what the line says, its name, its menus, its print."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.school import School, Someone
from tests.browser.served import live, messages

PHONE, DESK = {"width": 360, "height": 640}, {"width": 1280, "height": 800}


def test_after_a_cut_the_line_says_how_many_messages_come_in(school: School, ana: Someone) -> None:
    room = school.room("catching up", ana)
    page = ana.open(f"/rooms/{room}")
    page.evaluate(
        """() => {
          window.said = [];
          const line = document.querySelector("[data-line]");
          new MutationObserver(() => window.said.push(line.textContent)).observe(line, {
            childList: true, characterData: true, subtree: true });
        }"""
    )
    page.context.set_offline(True)
    expect(page.locator("[data-line]")).to_contain_text("offline")
    school.teacher.say(room, *[f"message {number}" for number in range(14)])
    page.context.set_offline(False)
    expect(messages(page)).to_have_count(14)
    live(page)
    counted = [text for text in page.evaluate("window.said") if text.startswith("catching up (")]
    assert counted == ["catching up (14)"]


def test_a_renamed_room_has_its_new_name_in_every_place_of_an_open_page(
    school: School, ana: Someone
) -> None:
    room = school.room("before the exam", ana)
    pages = [ana.open(f"/rooms/{room}"), school.teacher.open(f"/rooms/{room}")]
    school.teacher.do("room.update", keyed=True, room=room, name="after the exam")
    for page in pages:
        expect(page.locator("#side").get_by_text("after the exam")).to_be_visible()
        expect(page).to_have_title(re.compile("^after the exam"))
        everything = page.evaluate("document.documentElement.outerHTML")
        shown = re.sub(r"<script.*?</script>", "", everything, flags=re.DOTALL)
        shown = re.sub(r' value="before the exam"', "", shown)  # what the form was made with
        assert "before the exam" not in shown
        expect(page.get_by_label("Message # after the exam")).to_be_visible()
        expect(page.get_by_placeholder("Message # after the exam")).to_be_visible()
        expect(page.get_by_role("region", name="Messages in # after the exam")).to_be_visible()
    teacher = pages[1]
    teacher.locator(".room-acts [data-opens=edit-room]").click()
    expect(teacher.get_by_role("dialog").get_by_label("Name")).to_have_value("after the exam")
    teacher.keyboard.press("Escape")
    teacher.locator(".room-acts [data-act=archive]").click()
    expect(teacher.get_by_text("after the exam is closed.")).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1280"])
def test_a_menu_or_panel_closes_by_escape_and_by_leaving_it_wherever_the_focus_is(
    school: School, ana: Someone, size: dict[str, int]
) -> None:
    room = school.room(f"menus {size['width']}", ana)
    school.teacher.say(room, "one", "two")
    ana.page.set_viewport_size(size)
    page = ana.open(f"/rooms/{room}")
    composer = page.locator("[data-composer] textarea")
    row = messages(page).first
    message_menu = row.locator("details.menu")
    own_menu = page.locator(".bar details.menu")
    menus = {own_menu: own_menu.locator("summary"), message_menu: message_menu.locator("summary")}
    for menu, opener in menus.items():
        row.focus()
        # Escape, with the focus in it, on nothing, or in the composer.
        for focus in ("summary", "nothing", "composer"):
            opener.focus()
            page.keyboard.press("Enter")
            expect(menu).to_have_attribute("open", "")
            if focus == "nothing":
                page.evaluate("document.activeElement.blur()")
            if focus == "composer":
                menu.evaluate("menu => menu.ontoggle = () => {}")
                composer.evaluate(OPEN_BESIDE, arg=menu.element_handle())
            page.keyboard.press("Escape")
            expect(menu).not_to_have_attribute("open", "")
            if focus != "composer":
                expect(opener).to_be_focused()
            row.focus()
        # Leaving it: into the composer, or on with Tab.
        opener.focus()
        page.keyboard.press("Enter")
        composer.click()
        expect(menu).not_to_have_attribute("open", "")
        expect(composer).to_be_focused()
        row.focus()
        opener.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Shift+Tab")
        expect(menu).not_to_have_attribute("open", "")
    for leave in ("Escape", "composer"):
        page.locator("[data-component=bell]").click()
        expect(page.locator("#panel")).to_be_visible()
        if leave == "composer":
            composer.focus()
        else:
            page.evaluate("document.activeElement.blur()")
            page.keyboard.press("Escape")
        expect(page.locator("#panel")).to_be_hidden()


# A script may open a menu, or the focus may move without an event: the key is heard all the same.
OPEN_BESIDE = "(field, menu) => { field.focus(); menu.open = true; }"


def test_a_rooms_own_act_closes_its_menu_and_keeps_the_focus(school: School, ana: Someone) -> None:
    room = school.room("acts", ana)
    school.teacher.say(room, "one")
    page = ana.open(f"/rooms/{room}")
    row = messages(page).first
    row.focus()
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    row.get_by_role("button", name="Copy link").click()
    expect(row.locator("details.menu")).not_to_have_attribute("open", "")
    expect(row.locator("summary")).to_be_focused()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1280"])
def test_a_printed_room_is_the_whole_conversation_with_author_and_time_and_nothing_else(
    school: School, ana: Someone, size: dict[str, int]
) -> None:
    room = school.room(f"paper {size['width']}", ana)
    ana.do("chat.read", room=room, seq=school.teacher.say(room, *map(str, range(40))))
    ana.page.set_viewport_size(size)
    page = ana.open(f"/rooms/{room}")
    page.emulate_media(media="print")
    shown = page.evaluate(PRINTED)
    assert shown["rows"] == 40
    assert shown["timed"] == 40
    assert shown["named"] == 40
    assert shown["chrome"] == []
    assert shown["height"] > 40 * 30, "the page is as long as the conversation"
    expect(page.get_by_role("heading", name=f"paper {size['width']}")).to_be_visible()
    page.emulate_media(media="screen")


PRINTED = """() => {
  const seen = (element) => element.getClientRects().length > 0 && element.offsetHeight > 0;
  const rows = [...document.querySelectorAll("li.message")].filter(seen);
  const clipped = (row) => {
    for (let up = row.parentElement; up; up = up.parentElement)
      if (up !== document.documentElement && up !== document.body &&
          getComputedStyle(up).overflowY !== "visible") return true;
    return false;
  };
  const dated = (time) => seen(time) && /\\d{4}, \\d\\d:\\d\\d/.test(time.title) &&
    getComputedStyle(time, "::after").visibility === "visible";
  const chrome = [".bar", "#side", "#context", ".bottom", "[data-composer]", ".actions", ".history",
    "[data-act]", ".toasts"];
  return {
    rows: rows.filter((row) => !clipped(row)).length,
    timed: rows.filter((row) => dated(row.querySelector("time"))).length,
    named: rows.filter((row) => seen(row.querySelector(".byline .name"))).length,
    chrome: chrome.filter((one) => [...document.querySelectorAll(one)].some(seen)),
    height: document.documentElement.scrollHeight,
  };
}"""
