"""People come into a private room and leave it, as everyone concerned sees it in a browser."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Someone
from tests.browser.served import Served


def live(page: Page) -> None:
    expect(page.locator("[data-component=connection]")).to_have_attribute("data-state", "live")


def open_course(teacher: Page, served: Served, title: str) -> str:
    teacher.goto(f"{served.url}/courses/new")
    teacher.locator("input[name=title]").fill(title)
    teacher.locator("main button[type=submit]").last.click()
    teacher.wait_for_url(re.compile("/courses/[0-9a-f]{24}$"))
    return teacher.url


def open_private_room(teacher: Page, course: str, name: str) -> str:
    teacher.goto(f"{course}/rooms")
    live(teacher)
    teacher.locator("[data-opens=new-room]").click()
    dialog = teacher.locator("dialog#new-room")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Private").check(force=True)
    dialog.get_by_role("button", name="Make the room").click()
    row = teacher.locator("[data-list=rooms] .room-row").filter(has_text=name)
    row.get_by_role("link", name=name).first.click()
    teacher.wait_for_url("**/rooms/*")
    live(teacher)
    return teacher.url


def enrol(student: Page, course: str) -> None:
    student.goto(course)
    live(student)
    student.locator("[data-act=enroll]:visible").first.click()
    expect(student.get_by_text("You are enrolled").first).to_be_visible()


def member(page: Page, name: str) -> Locator:
    return page.locator("[data-list=members] .person").filter(has_text=name)


def test_an_owner_adds_and_removes_people_with_the_keyboard_and_all_sides_see_it(
    served: Served, someone: Someone
) -> None:
    teacher = someone("Marta Olsen", "teacher")
    student = someone("Jun Núñez", "student")
    course = open_course(teacher, served, "Linear Algebra")
    enrol(student, course)
    room = open_private_room(teacher, course, "graders")
    expect(teacher.locator("[data-members]")).to_have_text("1 member")
    expect(teacher.locator("details[data-folded]")).to_have_count(1)
    teacher.get_by_text("All 1 member").click()

    # Typed without the accent, chosen with the arrow, added with Enter; Escape gives focus back.
    opener = teacher.locator(".people-add")
    opener.focus()
    teacher.keyboard.press("Enter")
    dialog = teacher.get_by_role("dialog", name="Add people to # graders")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    teacher.keyboard.type("nun")
    expect(dialog.get_by_role("option")).to_have_count(1)
    teacher.keyboard.press("ArrowDown")
    teacher.keyboard.press("Enter")
    expect(dialog.get_by_role("option").filter(has_text="in the room")).to_be_visible()
    expect(student.locator("#side").get_by_text("graders")).to_be_visible()
    teacher.keyboard.press("Escape")
    expect(dialog.get_by_role("combobox")).to_have_value("")
    teacher.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    expect(member(teacher, "Jun Núñez")).to_be_visible()
    expect(teacher.locator("[data-members]")).to_have_text("2 members")

    # Taken out while reading: the conversation goes, and comes back with the undo.
    student.goto(room)
    live(student)
    member(teacher, "Jun Núñez").get_by_role("button", name="Remove Jun Núñez").click()
    expect(member(teacher, "Jun Núñez")).to_have_count(0)
    expect(teacher.locator("[data-members]")).to_have_text("1 member")
    expect(student.locator("[data-composer]")).to_be_hidden()
    expect(student.locator("#side").get_by_text("graders")).to_have_count(0)
    teacher.get_by_role("button", name="Undo").click()
    expect(member(teacher, "Jun Núñez")).to_be_visible()
    expect(student.locator("[data-composer]")).to_be_visible()

    # Closed and opened again: the member's composer follows.
    teacher.locator(".room-acts [data-act=archive]").click()
    expect(student.get_by_text("This room is closed.")).to_be_visible()
    expect(student.locator("[data-closed-tag]")).to_be_visible()
    teacher.locator(".room-acts").get_by_role("button", name="Reopen the room").click()
    expect(student.locator("[data-composer]")).to_be_visible()

    # A member leaves; only the owner could let them in again, so they are asked.
    student.locator(".room-acts").get_by_role("button", name="Leave the room").click()
    asked = student.get_by_role("dialog", name="Leave this private room?")
    asked.get_by_role("button", name="Leave the room").click()
    student.wait_for_url("**/rooms")
    expect(member(teacher, "Jun Núñez")).to_have_count(0)


def test_a_courses_tab_follows_the_enrolment_without_a_new_page_and_keeps_the_focus(
    served: Served, someone: Someone
) -> None:
    teacher = someone("Marta Olsen", "teacher")
    student = someone("Jun Li", "student")
    course = open_course(teacher, served, "Greek Art")
    student.goto(f"{course}/rooms")
    live(student)
    student.evaluate("window.same_page = true")
    expect(student.get_by_text("Enrol to talk")).to_be_visible()
    student.locator(".enroll [data-act=enroll]").focus()
    student.keyboard.press("Enter")
    expect(student.locator("[data-list=rooms] .room-row")).to_have_count(1)
    expect(student.locator("[data-enroll-state]")).to_be_focused()
    student.locator(".enroll [data-act=leave]").focus()
    student.keyboard.press("Enter")
    expect(student.get_by_text("Enrol to talk")).to_be_visible()
    expect(student.locator(".course-head h1")).to_be_focused()
    assert student.evaluate("window.same_page")
