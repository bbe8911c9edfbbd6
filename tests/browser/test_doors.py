"""Coming into a room and out of a course, and back: at the door, by key, and by *Undo*."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone
from tests.browser.served import Served, live, messages, say
from tests.browser.test_keyboard import tab_to
from tests.browser.test_rooms import enrol, member, open_course, open_private_room
from tests.browser.test_teachers_line import teach


def open_room(teacher: Page, course: str, name: str) -> str:
    """An open one; its address."""
    teacher.goto(f"{course}/rooms")
    live(teacher)
    teacher.locator("[data-opens=new-room]").click()
    dialog = teacher.locator("dialog#new-room")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Make the room").click()
    teacher.locator("[data-list=rooms]").get_by_role("link", name=name).first.click()
    teacher.wait_for_url("**/rooms/*")
    live(teacher)
    return teacher.url


def change_room(teacher: Page, name: str) -> None:
    teacher.locator("[data-opens=edit-room]:visible").first.click()
    teacher.locator("#edit-room").get_by_label("Name").fill(name)
    teacher.locator("#edit-room button[type=submit]").click()
    expect(teacher.get_by_role("heading", level=1)).to_contain_text(name)


def test_the_notice_of_a_room_leads_to_its_door_and_a_key_opens_it(
    served: Served, someone: Someone
) -> None:
    teacher = someone("Marta Olsen", "teacher")
    ana, eve = someone("Ana Kos", "student"), someone("Eve Lund", "student")
    course = open_course(teacher, served, "Linear Algebra")
    for student in (ana, eve):
        enrol(student, course)
    room = open_room(teacher, course, "lab")
    say(teacher, "Bring your notes")
    for student in (ana, eve):
        student.goto(f"{served.url}/notifications")
        live(student)
        student.get_by_role("link", name="New room: lab").first.click()
        student.wait_for_url("**/rooms/*")
        live(student)
        assert student.url == room
        expect(student.get_by_role("heading", level=1)).to_contain_text("lab")
        expect(member(student, "Marta Olsen")).to_be_visible()
        expect(student.get_by_text("Bring your notes")).to_have_count(0)

    ana.set_viewport_size({"width": 360, "height": 740})
    ana.locator("main").focus()
    tab_to(ana, "Join the room")
    ana.keyboard.press("Enter")
    expect(messages(ana).first).to_contain_text("Bring your notes")
    say(ana, "Which ones?")
    expect(messages(teacher).last).to_contain_text("Which ones?")

    # Eve is still at the door: she sees who comes, and what becomes of the room.
    expect(member(eve, "Ana Kos")).to_be_visible()
    expect(eve.locator("#door-members")).to_have_text("2 members")
    change_room(teacher, "laboratory")
    expect(eve.get_by_role("heading", level=1)).to_contain_text("laboratory")
    join = eve.get_by_role("button", name="Join the room")
    teacher.locator("[data-act=archive]:visible").first.click()
    expect(join).to_be_hidden()
    expect(eve.get_by_text("This room is closed")).to_be_visible()
    teacher.locator(".toast").get_by_role("button", name="Undo").click()
    expect(join).to_be_visible()
    join.click()
    expect(messages(eve).last).to_contain_text("Which ones?")


def test_leaving_a_course_with_a_key_is_undone_and_open_rooms_come_back(
    served: Served, someone: Someone
) -> None:
    teacher, ana = someone("Marta Olsen", "teacher"), someone("Ana Kos", "student")
    teacher.goto(f"{served.url}/courses/new")
    teacher.locator("input[name=title]").fill("Linear Algebra")
    teacher.get_by_label("Enrolment key").fill("sesame")
    teacher.get_by_label("Seats").fill("1")
    teacher.locator("main button[type=submit]").last.click()
    teacher.wait_for_url(re.compile("/courses/[0-9a-f]{24}$"))
    course = teacher.url
    ana.goto(course)
    live(ana)
    ana.locator("[data-enroll-form]:visible").get_by_label("Enrolment key").fill("sesame")
    ana.locator("[data-enroll-form]:visible [type=submit]").click()
    expect(ana.get_by_text("You are enrolled").first).to_be_visible()
    room = open_private_room(teacher, course, "graders")
    teacher.locator(".people-add").click()
    teacher.locator("#invite-name").fill("Ana")
    teacher.get_by_role("option").filter(has_text="Ana").click()
    teacher.locator("#invite").get_by_role("button", name="Close").click()
    tab = ana.context.new_page()
    tab.goto(room)
    live(tab)
    say(teacher, "Between us")
    expect(messages(tab).last).to_contain_text("Between us")

    ana.locator("[data-leave-form] button:visible").click()
    expect(tab.locator("[data-closed=lost]")).to_be_visible()
    expect(messages(tab)).to_have_count(0)
    expect(ana.get_by_role("button", name="The course is full")).to_be_visible()
    ana.locator(".toast").get_by_role("button", name="Undo").click()
    expect(ana.get_by_text("You are enrolled").first).to_be_visible()
    expect(ana.locator("#side").get_by_text("graders")).to_be_visible()
    expect(messages(tab).last).to_contain_text("Between us")
    expect(tab.locator("[data-composer]")).to_be_visible()
    expect(member(teacher, "Ana Kos")).to_have_count(1)


def test_a_room_whose_owner_is_gone_is_taken_over_from_the_list_of_rooms(
    served: Served, someone: Someone, tmp_path: Path
) -> None:
    ada, bob = someone("Ada Okoye", "teacher"), someone("Bob Ruiz", "teacher")
    teach(served, tmp_path, "Ada", "Bob")
    bob.goto(f"{served.url}/courses?q=biochemistry")
    bob.get_by_role("link", name="Biochemistry").first.click()
    live(bob)
    course = bob.url
    room = open_private_room(bob, course, "graders")
    say(bob, "The marks are in the drawer")
    ada.goto(f"{course}/rooms")
    live(ada)
    expect(ada.get_by_text("graders")).to_have_count(0)

    bob.get_by_role("button", name="Leave the room").click()
    dialog = bob.get_by_role("dialog", name="Leave your room?")
    expect(dialog).to_contain_text("can take it over")
    dialog.get_by_role("button", name="Leave the room").click()
    row = ada.locator("[data-list=rooms] .room-row").filter(has_text="graders")
    expect(row).to_contain_text("no owner")
    row.get_by_role("button", name="Take over graders").focus()
    ada.keyboard.press("Enter")
    expect(row.get_by_role("link", name="Open graders")).to_be_visible()
    expect(row.get_by_role("link", name="Open graders")).to_be_focused()
    expect(row.get_by_text("no owner")).to_be_hidden()
    expect(ada.locator("#side").get_by_text("graders")).to_be_visible()
    ada.goto(room)
    expect(messages(ada).first).to_contain_text("The marks are in the drawer")
    expect(ada.locator("[data-opens=invite]:visible").first).to_be_visible()
    expect(bob.locator("main").get_by_text("graders")).to_have_count(0)
