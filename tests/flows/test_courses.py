"""Courses over real sockets: made, edited, published, and live on open pages."""

from typing import Any

import pytest

from elearn.events.courses import CourseUnlisted
from elearn.models import events
from elearn.nouns.courses import CourseRef
from elearn.reactions.following import react
from tests.browsing import Browser, follow, page_state, signed_in, told
from tests.live import CommandRefused, Json, Live, Person


async def scene(live: Live, **fields: Any) -> tuple[Person, Person, Json]:
    teacher, ana = await live.teacher("Marta Olsen"), await live.student("Ana")
    return teacher, ana, await teacher.make_course("Algebra", **fields)


async def test_a_teacher_makes_a_course_that_everyone_sees_at_once(live: Live) -> None:
    teacher, visitor = await live.teacher("Marta Olsen"), await live.connect("/ws/search")
    await visitor.join("catalog")
    desk = await teacher.connect()
    course = await teacher.make_course("Algebra", description="**Groups**", level="2")
    assert course["description_html"] == "<p><strong>Groups</strong></p>"
    assert [one["name"] for one in course["teachers"]] == ["Marta Olsen"]
    push = await visitor.expect("course.created", topic="catalog")
    assert (push["data"]["course"]["id"], push["data"]["course"]["published"]) == (
        course["id"],
        True,
    )
    gained = {(await desk.expect("server.subscribed"))["data"]["topic"] for _ in range(2)}
    assert gained == {f"course:{course['id']}", f"staff:{course['id']}"}
    student = await live.student()
    with pytest.raises(CommandRefused) as refused:
        await student.make_course("Mine")
    assert refused.value.code == "forbidden"


async def test_an_edit_shows_on_open_pages_and_nowhere_else(live: Live) -> None:
    teacher, ana, course = await scene(live)
    outsider = await (await live.student()).connect()
    await ana.enroll(course)
    phone, topic = await ana.connect(), f"course:{course['id']}"
    assert await outsider.refused("subscribe", topic=topic) == "not_a_member"
    path = f"/api/courses/{course['id']}"
    edited = (await teacher.api("PATCH", path, {"title": "Algebra II", "capacity": 9}))["course"]
    push = await phone.expect("course.updated", topic=topic)
    assert push["data"]["course"]["title"] == "Algebra II"
    assert edited["created_at"] == course["created_at"]
    assert edited["published"] is True
    assert edited["updated_at"] >= course["updated_at"]
    await outsider.expect_nothing("course.updated")
    page = await page_state(ana, f"/courses/{course['id']}")
    assert (page["course"]["title"], page["course"]["seats_left"]) == ("Algebra II", 8)
    room = (await phone.do("room.list", course=course["id"]))["rooms"][0]
    assert room["course"]["title"] == "Algebra II"


async def test_only_its_teachers_edit_a_course(live: Live) -> None:
    teacher, ana, course = await scene(live)
    await ana.enroll(course)
    path = f"/api/courses/{course['id']}"
    for person in (ana, await live.student(), await live.teacher()):
        with pytest.raises(CommandRefused) as refused:
            await person.api("PATCH", path, {"title": "Hacked"})
        assert refused.value.code == "forbidden"
        edit = await live.request("GET", f"/courses/{course['id']}/edit", token=person.token)
        assert edit.code == 403
    assert (await live.request("PATCH", path, {"title": "Hacked"})).code == 401
    assert (await teacher.api("GET", path))["course"]["title"] == "Algebra"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "a\nb"),
        ("title", "x" * 201),
        ("capacity", 0),
        ("capacity", -1),
        ("capacity", "many"),
        ("published", "yes"),
        ("opens_at", "2026-09-01T08:00:00"),
        ("description", "x" * 20_001),
    ],
)
async def test_a_wrong_field_is_named(live: Live, field: str, value: Any) -> None:
    teacher = await live.teacher()
    with pytest.raises(CommandRefused) as refused:
        await teacher.api("POST", "/api/courses", {"title": "Algebra", field: value})
    assert refused.value.status == 422
    assert refused.value.error["field"] == field


async def test_an_unpublished_course_exists_for_its_teachers_and_its_enrolled_alone(
    live: Live,
) -> None:
    teacher, ana, course = await scene(live)
    await ana.enroll(course)
    phone, eve = await ana.connect(), await live.student()
    path = f"/api/courses/{course['id']}"
    await teacher.api("PATCH", path, {"published": False})
    withdrawn = await phone.expect("course.withdrawn", topic=f"course:{course['id']}")
    assert withdrawn["data"]["course"]["id"] == course["id"]
    assert (await ana.api("GET", path))["course"]["published"] is False
    for token in (eve.token, None):
        for address in (path, f"/courses/{course['id']}"):
            assert (await live.request("GET", address, token=token)).code == 404
    outsider = await eve.connect()
    for topic in (f"course:{course['id']}", f"room:{course['id']}"):
        assert await outsider.refused("subscribe", topic=topic) == "not_found"
    await phone.say(course["id"], "we are still here")
    await outsider.expect_nothing("room.activity")
    await teacher.api("PATCH", path, {"published": True})
    assert (await eve.api("GET", path))["course"]["title"] == "Algebra"


async def test_a_copy_that_is_made_late_tells_nothing_of_a_course_hidden_meanwhile(
    live: Live,
) -> None:
    teacher = await live.teacher()
    course = await teacher.make_course("Algebra", published=False)
    address = f"/api/courses/{course['id']}"
    for changes in ({"published": True}, {"summary": "new"}, {"published": False, "title": "Plan"}):
        await teacher.api("PATCH", address, changes)
    rows = await events.since(live.services.db, f"course:{course['id']}", 1, 10)
    told = {}
    for row in rows:
        if row.event.startswith("course."):
            copies = await react(live.services, row)
            told[row.seq] = [copy.data for copy in copies]
    withdrawn = [CourseUnlisted(course=CourseRef(course["id"]))]
    assert list(told.values()) == [[], withdrawn, withdrawn]


async def test_the_course_page_shows_its_parts_to_those_inside(live: Live) -> None:
    teacher, ana, course = await scene(live, description="Groups and rings", summary="Hard")
    eve = await live.student("Eve")
    await ana.enroll(course)
    desk = await teacher.connect()
    given = {"kind": "announcement", "title": "Exam moved", "body": "b"}
    await desk.do("update.publish", course=course["id"], **given)
    await desk.do("room.create", course=course["id"], name="lab")
    await live.settled()
    inside = await page_state(ana, f"/courses/{course['id']}")
    assert inside["course"]["viewer"] == {"enrolled": True, "staff": False}
    assert [update["title"] for update in inside["updates"]] == ["Exam moved"]
    assert {room["name"] for room in inside["rooms"]} == {"general", "lab"}
    outside = await page_state(eve, f"/courses/{course['id']}")
    assert outside["course"]["description"] == "Groups and rings"
    assert outside["updates"] == outside["rooms"] == outside["items"] == outside["people"] == []
    assert f"course:{course['id']}" not in outside["cursors"]
    people = await page_state(ana, f"/courses/{course['id']}/people")
    assert [one["user"]["name"] for one in people["people"]] == ["Ana"]


async def test_a_course_is_made_and_edited_by_forms_without_a_script(live: Live) -> None:
    teacher = await live.teacher()
    browser = await signed_in(live, teacher)
    token = await browser.token("/courses/new")
    form = {"title": "Paper & Pen", "capacity": "12", "published": "1", "description": "old ways"}
    for seats in ("0", "1000001", "9" * 5_000):
        refused = await browser.submit("/courses/new", {**form, "capacity": seats}, xsrf=token)
        assert refused.code == 422
        page = refused.body.decode()
        assert "from 1 to 1,000,000" in page
        assert 'action="/courses/new"' in page
    made = await browser.submit("/courses/new", form, xsrf=token)
    assert made.code == 303, made.body
    where = made.headers["Location"]
    assert "Paper &amp; Pen" in (await browser.get(where)).body.decode()
    wrong = await browser.submit(f"{where}/edit", {**form, "capacity": "a few"}, xsrf=token)
    assert wrong.code == 422
    assert "whole number" in wrong.body.decode()
    edited = await browser.submit(
        f"{where}/edit", {**form, "title": "Pen", "published": ""}, xsrf=token
    )
    assert edited.code == 303
    course = (await teacher.api("GET", f"/api{where}"))["course"]
    assert (course["title"], course["published"], course["capacity"]) == ("Pen", False, 12)


async def test_enrolling_and_leaving_work_by_forms_without_a_script(live: Live) -> None:
    _, ana, course = await scene(live)
    browser: Browser = await signed_in(live, ana)
    token = await browser.token(f"/courses/{course['id']}")
    for verb, enrolled in (("enroll", True), ("enroll", True), ("leave", False)):
        answer = await browser.submit(f"/courses/{course['id']}/{verb}", {}, xsrf=token)
        assert (answer.code, answer.headers["Location"]) == (303, f"/courses/{course['id']}")
        noun = (await ana.api("GET", f"/api/courses/{course['id']}"))["course"]
        assert noun["viewer"]["enrolled"] is enrolled


async def test_a_course_page_and_what_is_told_equal_a_fresh_page(live: Live) -> None:
    teacher, ana, course = await scene(live, capacity=4)
    await ana.enroll(course)
    path, topic = f"/courses/{course['id']}", f"course:{course['id']}"
    phone = await ana.connect()
    page = await page_state(ana, path)
    await teacher.api("PATCH", f"/api{path}", {"title": "Algebra II", "subject": "Maths"})
    missed = await follow(phone, page)
    await (await live.student()).enroll(course)
    await teacher.api("PATCH", f"/api{path}", {"capacity": 6})
    shown = dict(page["course"])
    for push in missed + await told(phone, live, topic):
        if push["push"] == "course.updated":
            shown |= push["data"]["course"]
        elif push["push"] == "enrollment.enrolled":
            shown |= {name: push["data"][name] for name in ("enrolled", "seats_left")}
    assert shown == (await page_state(ana, path))["course"]
    assert (shown["title"], shown["enrolled"], shown["seats_left"]) == ("Algebra II", 2, 4)
