"""Reading notices and taking it back, in the panel, on their page and in another tab."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone
from tests.browser.served import Served, live
from tests.browser.test_withdrawn import do, make_course, tab


def dots(page: Page) -> list[tuple[str, bool]]:
    """Each notice that is listed, with whether it is unread."""
    rows = page.locator("[data-component=notifications] [data-list=notices] > li").all()
    return [
        (row.locator("[data-text=title]").inner_text(), "is-unread" in row.get_attribute("class"))  # type: ignore[operator]
        for row in rows
    ]


def test_undo_of_mark_all_read_is_exactly_what_was_before_in_every_tab(
    served: Served, someone: Someone
) -> None:
    teacher, student = someone("Marta Olsen", "teacher"), someone("Ana Silva", "student")
    course = make_course(teacher, served, "Linear Algebra")
    do(student, "enrollment.enroll", course=course)
    for number in range(27):
        given = {"course": course, "kind": "announcement", "title": f"News {number}"}
        do(teacher, "update.publish", body="Read me.", **given)
    ids = [one["id"] for one in do(student, "notification.list", limit=100)["notices"]]
    assert len(ids) == 28
    do(student, "notification.read", ids=[ids[1], ids[2], ids[24]])

    page = tab(student, served, "/notifications", "News 26")
    other = tab(student, served, "/notifications", "News 26")
    home = tab(student, served, "/")
    before = dots(page)
    assert [unread for _, unread in before] == [True, False, False] + [True] * 17
    expect(page.locator("[data-unread-line]")).to_have_text("25 unread")

    # From the page: every tab follows, there and back.
    page.get_by_role("button", name="Mark all read").click()
    for one in (page, other):
        expect(one.locator("[data-unread-line]")).to_have_text("All read")
        expect(one.locator("main .notice.is-unread")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    for one in (page, other):
        expect(one.locator("[data-unread-line]")).to_have_text("25 unread")
        expect(one.locator("main .notice.is-unread")).to_have_count(18)
        assert dots(one) == before

    # From the panel; what comes meanwhile is new, and nothing that was read becomes unread.
    home.locator("[data-component=bell]").click()
    panel = home.locator("#panel")
    expect(panel.locator(".notice")).to_have_count(20)
    panel.get_by_role("button", name="Mark all read").click()
    expect(panel.locator(".notice.is-unread")).to_have_count(0)
    do(teacher, "update.publish", course=course, kind="announcement", title="Late", body="Now.")
    expect(panel.get_by_text("Late")).to_be_visible()
    home.get_by_role("button", name="Undo").click()
    expect(panel.locator(".notice.is-unread")).to_have_count(19)
    expect(page.locator("[data-unread-line]")).to_have_text("26 unread")
    assert dots(page) == [("Late", True), *before]

    # One category, likewise.
    panel.get_by_role("button", name="Courses").click()
    expect(panel.locator(".notice.is-unread")).to_have_count(18)
    panel.get_by_role("button", name="Mark all read").click()
    expect(page.locator("[data-unread-line]")).to_have_text("1 unread")
    home.get_by_role("button", name="Undo").last.click()
    expect(page.locator("[data-unread-line]")).to_have_text("26 unread")

    # On one's profile the dots turn, too, and move with what is read elsewhere.
    me = student.locator(".menu-list a").first.get_attribute("href") or ""
    student.goto(served.url + me)
    live(student)
    unread = student.locator("main .notice.is-unread")
    expect(unread).to_have_count(3)
    student.locator("main .notice").first.locator("[data-act=toggle-read]").click()
    expect(unread).to_have_count(2)
    expect(page.locator("[data-unread-line]")).to_have_text("25 unread")
    page.locator("main .notice").first.locator("[data-act=toggle-read]").click()
    expect(unread).to_have_count(3)
    page.reload()
    live(page)
    assert dots(page) == [("Late", True), *before[:19]]
