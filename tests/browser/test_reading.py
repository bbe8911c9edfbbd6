"""The place of a reader: where a room opens, what counts as read, how far back one gets, and where
one is after going elsewhere and back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.school import COMMAND, School, Someone
from tests.browser.served import live, messages

PHONE, DESK = {"width": 360, "height": 640}, {"width": 1280, "height": 800}
LONG = "A long one. " + "It goes on, line after line, until the screen is full of it. " * 14

# The rows whose end is on the screen.
ENDED = """() => {
  const view = document.querySelector("[data-scroll]").getBoundingClientRect();
  return [...document.querySelectorAll("li.message[data-seq]")].filter((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return bottom > view.top + 8 && bottom <= view.bottom + 8;
  }).length;
}"""

UNREAD = f"""async ([room, count]) => {{
  const {{ rooms }} = await ({COMMAND})(["room.list", {{}}, false]);
  return rooms.find((one) => one.id === room).unread === count;
}}"""
AT_THE_END = """() => {
  const scroll = document.querySelector("[data-scroll]") ?? document.scrollingElement;
  const { scrollHeight, scrollTop, clientHeight } = scroll;
  return scrollHeight - scrollTop - clientHeight < 2;
}"""
NEXT_FRAME = "() => new Promise((drawn) => requestAnimationFrame(() => drawn(true)))"


def numbered(first: int, last: int) -> list[str]:
    return [f"message {number}" for number in range(first, last + 1)]


def unread_comes_to(person: Someone, room: str, count: int) -> None:
    """What the server says, once the page has told it what was on the screen."""
    person.page.wait_for_function(UNREAD, arg=[room, count])


def walk(page: Page, step: int, there: Callable[[], object]) -> None:
    """By the wheel, a step a frame."""
    page.locator("main").hover()
    for _ in range(400):
        if there():
            return
        page.mouse.wheel(0, step)
        page.evaluate(NEXT_FRAME)
    pytest.fail("one does not get there")


def first_below_divider(page: Page) -> str:
    row = page.locator(".new-divider + li.message .message-text")
    expect(row).to_be_in_viewport()
    return row.inner_text()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1280"])
def test_a_room_opens_at_the_first_unread_message_and_only_what_was_on_screen_is_read(
    school: School, ana: Someone, size: dict[str, int]
) -> None:
    room = school.room(f"seminar {size['width']}", ana)
    read = school.teacher.say(room, *numbered(1, 20))
    ana.do("chat.read", room=room, seq=read)
    school.teacher.say(room, *numbered(21, 100))
    ana.page.set_viewport_size(size)
    page = ana.open(f"/rooms/{room}")
    assert first_below_divider(page) == "message 21"
    expect(page.locator(".new-divider")).to_be_in_viewport()
    above = page.locator("li.message").filter(has_text="message 20")
    expect(above).not_to_be_in_viewport()
    unread_comes_to(ana, room, 80 - page.evaluate(ENDED))

    # On to the end, as one reads: what was passed is read, and nothing is left.
    last = messages(page).filter(has_text="message 100")
    walk(page, 250, lambda: last.count() and page.evaluate(AT_THE_END))
    unread_comes_to(ana, room, 0)


def test_a_room_never_visited_opens_at_its_first_message_and_long_ones_are_read_at_their_end(
    school: School, ana: Someone
) -> None:
    room = school.room("never visited", ana)
    school.teacher.say(room, *[f"Part {number}. {LONG}" for number in range(1, 31)])
    ana.page.set_viewport_size(PHONE)
    page = ana.open(f"/rooms/{room}")
    assert first_below_divider(page).startswith("Part 1. ")
    ana.away()
    assert ana.unread(room) == 30, "one screen does not hold the end of the first"


def test_what_was_jumped_over_stays_unread_until_one_goes_there_or_says_so(
    school: School, ana: Someone
) -> None:
    room = school.room("jumped over", ana)
    school.teacher.say(room, *numbered(1, 90))
    ana.page.set_viewport_size(DESK)
    page = ana.open(f"/rooms/{room}")
    assert first_below_divider(page) == "message 1"
    seen = page.evaluate(ENDED)
    page.locator("[data-act=latest]").click()
    expect(messages(page).filter(has_text="message 90")).to_be_in_viewport()
    above = page.get_by_role("button", name="Unread messages above")
    expect(above).to_be_visible()
    unread_comes_to(ana, room, 90 - seen)

    above.click()
    assert first_below_divider(page) == f"message {seen + 1}"
    expect(above).to_be_hidden()
    page.locator("[data-act=latest]").click()
    page.get_by_role("button", name="Mark as read").click()
    unread_comes_to(ana, room, 0)
    expect(above).to_be_hidden()


@pytest.mark.parametrize("direct", [False, True], ids=["room", "direct"])
def test_nothing_is_read_by_a_page_that_nobody_looks_at(
    school: School, ana: Someone, direct: bool
) -> None:
    if direct:
        made = ana.do("chat.direct", user=school.teacher.id)
        room = str(made["room"]["id"])
    else:
        room = school.room("looked away", ana)
    read = school.teacher.say(room, *numbered(1, 20))
    ana.do("chat.read", room=room, seq=read)
    ana.page.set_viewport_size(DESK)
    page = ana.open(f"/rooms/{room}")
    page.evaluate("document.hasFocus = () => false")
    school.teacher.say(room, *numbered(21, 60))
    expect(messages(page).last).to_contain_text("message 60")
    assert first_below_divider(page) == "message 21"
    assert ana.unread(room) == 40

    page.evaluate("delete document.hasFocus; dispatchEvent(new Event('focus'))")
    left = 40 - page.evaluate(ENDED)
    assert left > 0
    expect(page.locator("[data-act=latest]")).to_have_text("40 new")
    unread_comes_to(ana, room, left)


TOP_LEFT = """() => {
  const view = document.querySelector("[data-scroll]").getBoundingClientRect();
  const row = [...document.querySelectorAll("li.message[data-seq]")].find(
    (one) => one.getBoundingClientRect().bottom > view.top + 1);
  return [Number(row.dataset.seq), row.getBoundingClientRect().top - view.top];
}"""
AT_TOP_OF = """([seq, offset]) => {
  const view = document.querySelector("[data-scroll]").getBoundingClientRect();
  const row = document.querySelector(`li.message[data-seq="${seq}"]`);
  return row && Math.abs(row.getBoundingClientRect().top - view.top - offset) < 1;
}"""
# How far rows coming above move the first message on the screen, each time that they come.
WATCH = """() => {
  const scroll = document.querySelector("[data-scroll]");
  const list = scroll.querySelector("[data-list=messages]");
  const top_of = (row) => row.getBoundingClientRect().top - scroll.getBoundingClientRect().top;
  let held = null;
  window.moves = [];
  list.insertBefore = (...what) => {
    const rows = [...list.querySelectorAll("li.message")];
    const row = rows.find((one) => top_of(one) + one.offsetHeight > 1);
    held ??= { row, top: top_of(row) };
    return Node.prototype.insertBefore.apply(list, what);
  };
  new MutationObserver(() => {
    if (held) window.moves.push(top_of(held.row) - held.top);
    held = null;
  }).observe(list, { childList: true });
}"""
# Scrolling has come to rest: ten frames long nothing moved.
STILL = """async () => {
  const scroll = document.querySelector("[data-scroll]") ?? document.scrollingElement;
  const place = scroll.scrollTop;
  for (let frame = 0; frame < 10; frame++) {
    await new Promise(requestAnimationFrame);
    if (scroll.scrollTop !== place) return false;
  }
  return true;
}"""


@pytest.fixture(scope="module")
def long_room(school: School, ana: Someone) -> str:
    """300 messages, all read by Ana."""
    room = school.room("long", ana)
    ana.do("chat.read", room=room, seq=school.teacher.say(room, *numbered(1, 300)))
    return room


@pytest.mark.parametrize(
    ("way", "size"), [("Home", DESK), ("wheel", PHONE), ("bar", DESK), ("button", PHONE)]
)
def test_history_loads_to_the_very_top_and_the_place_does_not_move(
    ana: Someone, long_room: str, way: str, size: dict[str, int]
) -> None:
    ana.page.set_viewport_size(size)
    ana.away()  # the same page anew would be a reload, which keeps the place
    page = ana.open(f"/rooms/{long_room}")
    scroll = page.locator("[data-scroll]")
    scroll.focus()
    scroll.hover()
    page.evaluate(WATCH)
    for shown in range(100, 301, 50):
        if way == "Home":
            page.keyboard.press("Home")
        elif way == "wheel":
            walk(page, -150, lambda: messages(page).count() >= shown)  # noqa: B023
        elif way == "bar":
            scroll.evaluate("scroll => (scroll.scrollTop = 0)")
        else:
            page.locator("[data-act=older]").evaluate("button => button.click()")
        expect(messages(page)).to_have_count(shown)
        page.wait_for_function(STILL)
        assert messages(page).count() == shown, "nobody asked for more"
    moves = page.evaluate("window.moves")
    assert len(moves) == 5
    assert max(map(abs, moves)) < 1
    expect(page.locator("[data-history=older]")).to_be_hidden()
    expect(messages(page).first).to_contain_text("message 1")


def test_back_forward_and_a_reload_lead_to_where_one_was(
    school: School, ana: Someone, long_room: str
) -> None:
    ana.page.set_viewport_size(DESK)
    ana.away()
    page = ana.open(f"/rooms/{long_room}")
    walk(page, -400, lambda: messages(page).filter(has_text="message 120").count())
    page.wait_for_function(STILL)
    place = page.evaluate(TOP_LEFT)
    page.get_by_role("link", name="Biochemistry").first.click()
    live(page)
    page.go_back()
    page.wait_for_function(AT_TOP_OF, arg=place)
    live(page)
    page.reload()
    page.wait_for_function(AT_TOP_OF, arg=place)

    # From a second room back to this one, and forward again.
    live(page)
    ana.open(f"/rooms/{school.course}")
    page.go_back()
    page.wait_for_function(AT_TOP_OF, arg=place)
    page.go_back()
    live(page)
    page.go_forward()
    page.wait_for_function(AT_TOP_OF, arg=place)


WINDOW_TOP = """() => {
  const top = document.querySelector(".bar").getBoundingClientRect().bottom;
  const row = [...document.querySelectorAll("li.message[data-seq]")].find(
    (one) => one.getBoundingClientRect().bottom > top + 1);
  return [Number(row.dataset.seq), row.getBoundingClientRect().top];
}"""
WINDOW_AT = """([seq, top]) => {
  const row = document.querySelector(`li.message[data-seq="${seq}"]`);
  return row && Math.abs(row.getBoundingClientRect().top - top) < 1;
}"""


def test_a_thread_under_an_update_is_read_and_gone_back_to_like_a_room(
    school: School, ana: Someone
) -> None:
    made = school.teacher.do(
        "update.publish",
        keyed=True,
        course=school.course,
        kind="announcement",
        title="The exam",
        body="On Monday.",
    )
    thread = made["update"]["room"]
    school.teacher.say(thread, *numbered(1, 120))
    ana.page.set_viewport_size(DESK)
    page = ana.open(f"/updates/{thread}")
    expect(page.get_by_role("heading", name="The exam")).to_be_in_viewport()
    last = messages(page).filter(has_text="message 120")
    walk(page, 300, lambda: last.count() and page.evaluate(AT_THE_END))
    page.mouse.wheel(0, -900)
    page.wait_for_function(STILL)
    place = page.evaluate(WINDOW_TOP)
    assert 1 < place[0] < 120
    page.get_by_role("link", name="Discover").first.click()
    live(page)
    page.go_back()
    page.wait_for_function(WINDOW_AT, arg=place)
    live(page)
    page.wait_for_function(WINDOW_AT, arg=place)
