"""What a person opens from the results of a search is told, also when the click leaves the page."""

import json

from playwright.sync_api import Request, expect

from tests.browser.conftest import Someone
from tests.browser.served import Served
from tests.browser.test_search import found, new_course, type_in


def is_told(request: Request) -> bool:
    return request.url.endswith("/api/commands") and "search.opened" in (request.post_data or "")


def told(request: Request) -> dict[str, str]:
    args: dict[str, str] = json.loads(request.post_data or "")["args"]
    return args


def test_a_result_that_is_opened_with_keys_or_from_the_page_of_results_is_told(
    someone: Someone, served: Served
) -> None:
    teacher, student = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    url = new_course(teacher, served, "Organic Chemistry")
    course = url.rpartition("/")[2]
    type_in(student, "chemi")
    found(student, "chemi")
    with student.expect_request(is_told) as first:
        student.keyboard.press("ArrowDown")
        student.keyboard.press("Enter")
    student.wait_for_url(url)
    assert told(first.value) == {"q": "chemi", "course": course}

    student.goto(f"{served.url}/courses?q=organic")
    expect(student.locator("html[data-ready]")).to_be_attached()
    with student.expect_request(is_told) as second:
        student.get_by_role("link", name="Organic Chemistry").first.click()
    student.wait_for_url(url)
    assert told(second.value) == {"q": "organic", "course": course}

    heard: list[Request] = []
    student.on("request", lambda request: heard.append(request) if is_told(request) else None)
    student.goto(f"{served.url}/courses")
    expect(student.locator("html[data-ready]")).to_be_attached()
    student.get_by_role("link", name="Organic Chemistry").first.click()
    student.wait_for_url(url)
    assert not heard  # it was not searched for
