"""Course updates over real sockets: published, told, discussed below."""

from typing import Any

import pytest

from tests.browsing import follow, page_state, told
from tests.live import Json, Live, LiveClient, Person


async def scene(live: Live) -> tuple[str, Person, LiveClient, LiveClient, LiveClient]:
    teacher, ana, eve = await live.teacher(), await live.student("Ana"), await live.student("Eve")
    course = await teacher.make_course("Algebra")
    await ana.enroll(course)
    return course["id"], ana, await teacher.connect(), await ana.connect(), await eve.connect()


async def publish(client: LiveClient, course: str, **fields: Any) -> Json:
    given = {"kind": "announcement", "title": "Exam moved", "body": "To **B12**.", **fields}
    update: Json = (await client.do("update.publish", course=course, **given))["update"]
    return update


async def test_what_a_teacher_publishes_is_at_once_on_the_open_course_pages(live: Live) -> None:
    course, ana, desk, phone, outsider = await scene(live)
    topic = f"course:{course}"
    assert await outsider.refused("subscribe", topic=topic) == "not_a_member"
    made = await publish(desk, course)
    push = await phone.expect("update.published", topic=topic)
    assert push["data"]["update"] == made
    assert made["html"] == "<p>To <strong>B12</strong>.</p>"
    assert made["author"]["role"] == "teacher"
    assert made["messages"] == 0
    await phone.expect("notification.created", topic=topic)
    page = await page_state(ana, f"/courses/{course}")
    assert [update["id"] for update in page["updates"]] == [made["id"]]
    await outsider.expect_nothing("update.published")
    await outsider.expect_nothing("notification.created")


async def test_a_material_carries_a_link_and_only_to_the_web(live: Live) -> None:
    course, _, desk, phone, _ = await scene(live)
    link = "https://example.org/notes.pdf?a=1&b=2"
    made = await publish(desk, course, kind="material", title="Notes", body="", link=link)
    assert (made["kind"], made["link"]) == ("material", link)
    assert (await phone.expect("update.published"))["data"]["update"]["link"] == link
    for bad in ("javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://x.example/"):
        given = {"course": course, "kind": "material", "title": "Notes", "link": bad}
        assert await desk.refused("update.publish", **given) == "invalid_field", bad


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("title", "a\nb"), ("body", ""), ("body", "x" * 20_001), ("kind", "secret")],
)
async def test_an_update_that_says_nothing_or_too_much_is_refused(
    live: Live, field: str, value: str
) -> None:
    course, _, desk, phone, _ = await scene(live)
    given = {"course": course, "kind": "announcement", "title": "t", "body": "b", field: value}
    reply = await desk.ask("update.publish", **given)
    assert (reply["error"]["status"], reply["error"]["field"]) == (422, field)
    await phone.expect_nothing("update.published")


async def test_only_teachers_of_the_course_publish_in_it(live: Live) -> None:
    course, _, desk, phone, outsider = await scene(live)
    other = await (await live.teacher()).connect()
    given = {"course": course, "kind": "announcement", "title": "t", "body": "b"}
    for client in (phone, outsider, other):
        assert await client.refused("update.publish", **given) == "forbidden"
    await desk.expect_nothing("update.published")
    assert (await desk.do("update.list", course=course))["updates"] == []


async def test_updates_are_listed_newest_first_to_those_inside(live: Live) -> None:
    course, _, desk, phone, outsider = await scene(live)
    made = [(await publish(desk, course, title=f"news {n}"))["id"] for n in range(5)]
    first = await phone.do("update.list", course=course, limit=3)
    rest = await phone.do("update.list", course=course, limit=3, before=first["next"])
    listed = [update["id"] for update in first["updates"] + rest["updates"]]
    assert listed == made[::-1]
    assert rest["next"] is None
    assert await outsider.refused("update.list", course=course) == "not_a_member"


async def test_the_thread_below_an_update_is_live_for_those_inside(live: Live) -> None:
    course, ana, desk, phone, outsider = await scene(live)
    made = await publish(desk, course)
    thread, topic = made["room"], f"room:{made['room']}"
    assert await outsider.refused("subscribe", topic=topic) == "not_a_member"
    await desk.join(topic)
    await phone.join(topic)
    asked = await phone.say(thread, "Which door?")
    assert (await desk.expect("chat.posted", topic=topic))["data"]["message"]["id"] == asked["id"]
    await desk.say(thread, "The left one", reply_to=asked["id"])
    await phone.expect("chat.posted", topic=topic)
    assert (await phone.do("update.list", course=course))["updates"][0]["messages"] == 2

    page = await page_state(ana, f"/updates/{made['id']}")
    assert [message["body"] for message in page["messages"]] == ["Which door?", "The left one"]
    answer = page["messages"][1]
    landed = await page_state(ana, f"/updates/{made['id']}/{answer['seq']}")
    assert landed["highlight"] == answer["seq"]
    await outsider.expect_nothing("chat.posted")
    assert await outsider.refused("chat.post", room=thread, body="hello") == "not_a_member"
    eve: Person = outsider.person  # type: ignore[assignment]
    assert (await live.request("GET", f"/updates/{made['id']}", token=eve.token)).code == 403


async def test_threads_are_not_rooms_of_the_list_but_their_news_is_counted(live: Live) -> None:
    course, _, desk, phone, _ = await scene(live)
    made = await publish(desk, course)
    await desk.say(made["room"], "read me")
    rooms = (await phone.do("room.list", course=course))["rooms"]
    assert [room["kind"] for room in rooms] == ["course"]
    seq = (await phone.do("chat.history", room=made["room"]))["messages"][-1]["seq"]
    assert await phone.do("chat.read", room=made["room"], seq=seq) == {"unread": 0}


async def test_the_updates_of_a_page_and_what_is_told_equal_a_fresh_page(live: Live) -> None:
    course, ana, desk, phone, _ = await scene(live)
    await publish(desk, course, title="before")
    page = await page_state(ana, f"/courses/{course}/updates")
    await publish(desk, course, title="between", kind="change")
    missed = await follow(phone, page)
    await publish(desk, course, title="after", kind="material", link="https://example.org/a")
    pushes = await told(phone, live, f"course:{course}")
    updates = {update["id"]: update for update in page["updates"]}
    for push in missed + pushes:
        if push["push"] == "update.published":
            updates[push["data"]["update"]["id"]] = push["data"]["update"]
    fresh = await page_state(ana, f"/courses/{course}/updates")
    assert list(updates.values()) == fresh["updates"][::-1]
    assert [update["title"] for update in fresh["updates"]] == ["after", "between", "before"]


async def test_whoever_teaches_is_told_of_a_question_under_an_update(live: Live) -> None:
    """As the page under it says."""
    course, ana, desk, phone, _ = await scene(live)
    made = await publish(desk, course, title="Sheet {3}")
    asked = await phone.say(made["room"], "Is **B12** on it?")
    await live.settled()
    notices = (await desk.do("notification.list", limit=50))["notices"]
    [told] = [one for one in notices if one["kind"] == "question.asked"]
    assert told["topic"] == f"staff:{course}"
    await desk.expect("notification.created", topic=told["topic"])
    assert told["title"] == "Ana asked under “Sheet {3}”"
    assert told["body"] == "Is B12 on it?"
    assert told["url"] == f"{made['url']}/{asked['seq']}"
    assert told["actor"]["id"] == ana.id

    # What the staff say there, and what is said to somebody, asks nobody else.
    answer = await desk.say(made["room"], "It is.", reply_to=asked["id"])
    await desk.say(made["room"], "And B14.")
    await phone.say(made["room"], "Thanks", reply_to=answer["id"])
    await live.settled()
    notices = (await desk.do("notification.list", limit=50))["notices"]
    assert [one["kind"] for one in notices].count("question.asked") == 1
    assert "question.asked" not in repr(await phone.do("notification.list", limit=50))
