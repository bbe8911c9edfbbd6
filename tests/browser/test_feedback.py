"""Stars move in the pages of a course that others have open, on whichever of its tabs."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone
from tests.browser.served import Served, live
from tests.browser.test_search import new_course


def enrol(page: Page, course: str) -> None:
    page.goto(course)
    live(page)
    page.locator("[data-act=enroll]:visible").first.click()
    expect(page.get_by_text("You are enrolled").first).to_be_visible()
    page.goto(course)
    live(page)


def rate(page: Page, stars: int) -> None:
    page.locator(f"label[for=stars-{stars}]").click()
    page.get_by_role("button", name="Give feedback").click()
    expect(page.get_by_text("Thank you. Your feedback is there.")).to_be_visible()


def test_the_average_moves_in_open_pages_as_feedback_comes_and_goes(
    served: Served, someone: Someone
) -> None:
    teacher = someone("Marta Olsen", "teacher")
    course = new_course(teacher, served, "Genetics")
    ana, jun = someone("Ana Kovač", "student"), someone("Jun Li", "student")
    for student in (ana, jun):
        enrol(student, course)
    teacher.goto(f"{course}/people")
    live(teacher)
    facts = teacher.locator(".facts [data-rating]")
    said = jun.locator("main .section-head [data-rating]")
    expect(facts).to_be_hidden()
    expect(jun.get_by_text("Nobody has rated the course yet.")).to_be_visible()

    rate(ana, 4)
    expect(facts).to_contain_text("4.0 of 5 stars (1)")
    expect(said).to_contain_text("4.0 of 5 stars from 1 person")
    expect(jun.get_by_text("Nobody has rated the course yet.")).to_be_hidden()
    rate(jun, 5)
    expect(facts).to_contain_text("4.5 of 5 stars (2)")
    expect(ana.locator("main .section-head [data-rating]")).to_contain_text("from 2 people")
    expect(ana.locator(".facts [data-rating]")).to_contain_text("4.5 of 5 stars (2)")

    voices = ana.locator("[data-list=feedback] > li")
    expect(voices).to_have_count(2)
    jun.get_by_role("button", name="Delete your feedback").click()
    expect(voices).to_have_count(1)
    expect(facts).to_contain_text("4.0 of 5 stars (1)")
    expect(said).to_contain_text("4.0 of 5 stars from 1 person")


def test_feedback_is_deleted_given_back_and_given_anew(served: Served, someone: Someone) -> None:
    course = new_course(someone("Marta Olsen", "teacher"), served, "Genetics")
    ana = someone("Ana Kovač", "student")
    enrol(ana, course)
    voices = ana.locator("[data-list=feedback] > li")
    delete = ana.get_by_role("button", name="Delete your feedback")
    expect(delete).to_be_hidden()
    rate(ana, 1)
    expect(ana.get_by_text("You gave 1 star.")).to_be_visible()
    expect(delete).to_be_focused()

    ana.keyboard.press("Enter")
    expect(voices).to_have_count(0)
    expect(ana.locator("[name=stars]").first).to_be_focused()
    ana.get_by_role("button", name="Undo").click()
    expect(voices).to_have_count(1)
    expect(voices).to_contain_text("1 of 5 stars")

    ana.reload()
    live(ana)
    expect(ana.locator("[data-feedback-form]")).to_be_hidden()
    delete.click()
    expect(voices).to_have_count(0)
    ana.reload()
    live(ana)
    rate(ana, 5)
    expect(ana.get_by_text("You gave 5 stars.")).to_be_visible()
