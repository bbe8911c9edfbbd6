"""The product's first story, with two people in two browsers side by side."""

import json
import re
from pathlib import Path

from playwright.sync_api import Route, expect

from tests.browser.conftest import Someone
from tests.browser.served import Served, live, messages, say

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT.parent / "shared" / "data" / "courses_stolaf.jsonl"


def catalogue(folder: Path) -> Path:
    """The real catalogue where it is at hand, else a small one of the same form."""
    if CATALOGUE.exists():
        return CATALOGUE
    path = folder / "courses.jsonl"
    titles = ["Biochemistry I", "Biochemistry II", "Linear Algebra", "Greek Art"]
    path.write_text(
        "".join(json.dumps({"id": title, "title": title, "level": 300}) + "\n" for title in titles)
    )
    return path


def test_two_people_live_through_the_first_hour_of_a_course(
    served: Served, someone: Someone, tmp_path: Path
) -> None:
    teacher, student = someone("Marta Olsen", "teacher"), someone("Jun Li", "student")
    assert "created" in served.run(
        "import-courses", str(catalogue(tmp_path)), "--teacher", "marta@example.org"
    )

    # The student finds the course by a misspelling, as they type, and enrols with one click.
    student.keyboard.press("/")
    box = student.get_by_role("combobox").first
    box.press_sequentially("biochemestry", delay=20)
    option = student.get_by_role("option").filter(has_text="Biochemistry").first
    expect(option).to_be_visible()
    title = option.locator("mark").first.inner_text()
    assert title.startswith("Biochem")
    option.click()
    course_url = student.url
    if "/courses/" not in course_url:
        student.wait_for_url("**/courses/*")
        course_url = student.url
    teacher.goto(course_url + "/people")
    live(teacher)
    student.locator("[data-act=enroll]:visible").first.click()
    expect(student.get_by_text("You are enrolled").first).to_be_visible()
    expect(teacher.locator("[data-list=people]").get_by_text("Jun Li")).to_be_visible()

    # They chat both ways in the course's room.
    room_url = served.url + "/rooms/" + course_url.rsplit("/", 1)[1]
    for page in (teacher, student):
        page.goto(room_url)
        live(page)
    say(student, "Is the <b>plot</b> needed?")
    expect(messages(teacher).filter(has_text="Is the <b>plot</b> needed?")).to_be_visible()
    say(teacher, "Yes, a **hand-drawn** one.")
    answer = messages(student).filter(has_text="hand-drawn")
    expect(answer.locator("strong", has_text="hand-drawn")).to_be_visible()
    expect(messages(student)).to_have_count(2)

    # An announcement moves the student's bell without a reload; the click lands on it.
    teacher.goto(course_url + "/updates")
    teacher.get_by_text("New update").click()
    form = teacher.locator("[data-component=publish]")
    form.get_by_label("Title").fill("Exam moved to room B12")
    form.locator("textarea[name=body]").fill("Friday at ten. Bring a calculator.")
    form.locator("button[type=submit]").click()
    bell = student.locator("[data-component=bell]")
    expect(bell.locator("[data-count=unseen]")).to_be_visible()
    bell.click()
    student.locator("#panel").get_by_text("Exam moved to room B12").click()
    student.wait_for_url("**/updates/*")
    expect(student.get_by_role("heading", name="Exam moved to room B12")).to_be_visible()
    live(student)
    say(student, "Which door?")
    expect(messages(student).filter(has_text="Which door?")).to_be_visible()

    # A second room appears in the student's list, and the student joins.
    student.goto(course_url + "/rooms")
    live(student)
    teacher.goto(course_url + "/rooms")
    live(teacher)
    teacher.locator("[data-opens=new-room]").first.click()
    dialog = teacher.locator("dialog#new-room")
    dialog.get_by_label("Name").fill("problem set 4")
    dialog.locator("button[type=submit]:not([value=close])").last.click()
    row = student.locator("[data-list=rooms] li").filter(has_text="problem set 4").last
    expect(row).to_be_visible()
    row.locator("[data-act=join]").click()
    expect(student.locator("#side").get_by_text("problem set 4")).to_be_visible()

    # The feed of both shows what happened, and all of it is there after a kill and a new start.
    served.kill()
    served.start()
    for page in (teacher, student):
        page.goto(course_url + "/feed")
        items = page.locator("[data-list=items]")
        for text in ("joined the course", "Exam moved to room B12", "problem set 4"):
            expect(items.get_by_text(text).first).to_be_visible()
    student.goto(room_url)
    expect(messages(student)).to_have_count(2)


def test_hostile_text_is_shown_and_never_run(served: Served, someone: Someone) -> None:
    """As chat, name, title and room name: nothing executes, with the page's CSP taken away too."""
    hostile = [
        "<img src=x onerror=window.hit=1>",
        "<svg/onload=window.hit=1>",
        "[x](javascript:window.hit=1)",
        '<a href="javascript:window.hit=1">x</a>',
        "![x](http://127.0.0.1:9/x.png)",
        "<script>window.hit=1</script>",
        '"><script>window.hit=1</script>',
        "[a](data:text/html;base64,PHNjcmlwdD53aW5kb3cuaGl0PTE8L3NjcmlwdD4=)",
        "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
        "{{7+7}} ${7+7}",
    ]
    page = someone("<svg onload=window.hit=1> T", "teacher")
    context = page.context

    def without_policy(route: Route) -> None:
        if route.request.resource_type != "document":
            route.continue_()
            return
        response = route.fetch(max_redirects=0)
        headers = {k: v for k, v in response.headers.items() if k != "content-security-policy"}
        route.fulfill(response=response, headers=headers)

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for policy in (True, False):
        if not policy:
            context.route("**/*", without_policy)
        page.goto(f"{served.url}/courses/new")
        page.locator("input[name=title]").fill(hostile[0] + str(policy))
        page.locator("textarea[name=description]").fill("\n\n".join(hostile))
        page.locator("main button[type=submit]").last.click()
        page.wait_for_url(re.compile(r"/courses/[0-9a-f]{24}$"))
        expect(page.get_by_role("heading", name=hostile[0]).first).to_be_visible()
        page.goto(page.url.replace("/courses/", "/rooms/"))
        live(page)
        for count, text in enumerate(hostile, 1):
            say(page, text)
            expect(messages(page)).to_have_count(count)
        page.reload()
        expect(messages(page)).to_have_count(len(hostile))
        expect(messages(page).filter(has_text="{{7+7}} ${7+7}")).to_be_visible()
        assert page.evaluate("window.hit") is None
        scripts = page.evaluate(
            "[...document.querySelectorAll('main script, main img, main iframe, main [onerror]')]"
            ".filter(e => e.type !== 'application/json').length"
        )
        assert scripts == 0
        for link in page.locator("[data-list=messages] a[href]:visible").all():
            assert str(link.get_attribute("href")).startswith(("http", "mailto:", "/"))
    assert not [url for url in asked if ":9/" in url]
    context.unroute_all(behavior="ignoreErrors")
