"""Profiles: what a person says of themselves and what a viewer shares with them, live."""

import pytest

from tests.browsing import follow, page_state, signed_in, told
from tests.live import CommandRefused, Json, Live, Person


async def scene(live: Live) -> tuple[Person, Person, Person, Json]:
    teacher, ana, eve = (
        await live.teacher("Marta"),
        await live.student("Ana"),
        await live.student("Eve"),
    )
    course = await teacher.make_course("Algebra")
    await ana.enroll(course)
    return teacher, ana, eve, course


async def test_a_profile_shows_what_the_viewer_shares_with_the_person(live: Live) -> None:
    teacher, ana, eve, course = await scene(live)
    desk = await teacher.connect()
    room = (await desk.do("room.create", course=course["id"], name="lab"))["room"]["id"]
    await ana.command("room.join", room=room)
    await live.settled()
    for_teacher = await page_state(teacher, f"/users/{ana.id}")
    assert for_teacher["person"]["role"] == "student"
    assert [one["title"] for one in for_teacher["courses"]] == ["Algebra"]
    assert {one["name"] for one in for_teacher["shared_rooms"]} == {"general", "lab"}
    assert "enrollment" in [item["kind"] for item in for_teacher["items"]]
    assert for_teacher["notices"] == []
    assert "email" not in for_teacher["person"]

    for_stranger = await page_state(eve, f"/users/{ana.id}")
    for part in ("courses", "shared_rooms", "items", "notices"):
        assert for_stranger[part] == [], part
    of_teacher = await page_state(eve, f"/users/{teacher.id}")
    assert [one["title"] for one in of_teacher["courses"]] == ["Algebra"], "who teaches is public"
    own = await page_state(ana, f"/users/{ana.id}")
    assert own["is_self"]
    assert own["notices"], "one's own notices are on one's own profile"


async def test_a_shared_private_room_shows_to_its_members_alone(live: Live) -> None:
    teacher, ana, eve, course = await scene(live)
    await eve.enroll(course)
    made = await teacher.command("room.create", course=course["id"], name="board", kind="private")
    await teacher.command("room.invite", room=made["room"]["id"], user=ana.id)
    names = {
        viewer.name: {
            r["name"] for r in (await page_state(viewer, f"/users/{ana.id}"))["shared_rooms"]
        }
        for viewer in (teacher, eve)
    }
    assert names == {"Marta": {"general", "board"}, "Eve": {"general"}}


async def test_a_new_name_shows_at_once_where_the_person_is_seen(live: Live) -> None:
    teacher, ana, eve, course = await scene(live)
    desk, phone, outsider = await teacher.connect(), await ana.connect(), await eve.connect()
    assert await outsider.refused("subscribe", topic=f"course:{course['id']}") == "not_a_member"
    await ana.api("PATCH", "/api/me", {"name": "Ana Maria", "about": "I like **rings**"})
    for client, topic in ((phone, f"user:{ana.id}"), (desk, f"course:{course['id']}")):
        push = await client.expect("user.updated", topic=topic)
        assert push["data"]["user"] == {"id": ana.id, "name": "Ana Maria", "role": "student"}
    await outsider.expect_nothing("user.updated")
    message = await phone.say(course["id"], "hello")
    assert message["author"]["name"] == "Ana Maria"
    profile = (await eve.api("GET", f"/api/users/{ana.id}"))["user"]
    assert profile["about_html"] == "<p>I like <strong>rings</strong></p>"
    assert "email" not in profile
    people = await page_state(teacher, f"/courses/{course['id']}/people")
    assert people["people"][0]["user"]["name"] == "Ana Maria"


async def test_one_reads_and_changes_ones_own_account(live: Live) -> None:
    _, ana, _, _ = await scene(live)
    me = (await ana.api("PATCH", "/api/me", {"timezone": "Europe/Oslo"}))["user"]
    assert (me["timezone"], me["email"], me["name"]) == ("Europe/Oslo", ana.email, "Ana")
    for change in ({"timezone": "Mars/Base"}, {"name": ""}, {"name": "x" * 81}, {"about": 7}):
        with pytest.raises(CommandRefused) as refused:
            await ana.api("PATCH", "/api/me", change)
        assert refused.value.status == 422
        assert refused.value.error["field"] in change
    assert (await ana.api("GET", "/api/me"))["user"]["name"] == "Ana"


async def test_the_profile_form_works_without_a_script(live: Live) -> None:
    _, ana, _, _ = await scene(live)
    browser = await signed_in(live, ana)
    token = await browser.token("/settings/profile")
    form = {"name": "Ana M.", "about": "hello", "timezone": "UTC"}
    assert (await browser.submit("/settings/profile", form, xsrf=token)).code == 303
    page = (await browser.get("/settings/profile?saved=1")).body.decode()
    assert "Ana M." in page
    wrong = await browser.submit("/settings/profile", {**form, "name": " "}, xsrf=token)
    assert wrong.code == 422
    assert "empty" in wrong.body.decode()


async def test_a_profile_and_what_is_told_equal_a_fresh_profile(live: Live) -> None:
    teacher, ana, _, course = await scene(live)
    phone = await ana.connect()
    page = await page_state(ana, f"/users/{ana.id}")
    await ana.api("PATCH", "/api/me", {"name": "Ana Maria"})
    missed = await follow(phone, page)
    await phone.do("feed.post", body="on my profile")
    await teacher.command(
        "update.publish", course=course["id"], kind="change", title="Chapter 3", body="new"
    )
    pushes = missed + await told(phone, live, f"user:{ana.id}")
    person, items = dict(page["person"]), {item["id"]: item for item in page["items"]}
    for push in pushes:
        if push["push"] == "user.updated":
            person |= push["data"]["user"]
        elif push["push"] == "feed.posted":
            items[push["data"]["item"]["id"]] = push["data"]["item"]
    fresh = await page_state(ana, f"/users/{ana.id}")
    assert person == fresh["person"]
    assert sorted(items) == sorted(item["id"] for item in fresh["items"])


@pytest.mark.parametrize("ident", ["0" * 24, "nobody", "../../etc/passwd", "%00"])
async def test_a_person_who_is_not_there_is_not_found(live: Live, ident: str) -> None:
    ana = await live.student()
    for path in (f"/users/{ident}", f"/api/users/{ident}"):
        assert (await live.request("GET", path, token=ana.token)).code == 404
