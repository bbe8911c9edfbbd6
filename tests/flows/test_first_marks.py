"""Who joins begins at the end: nothing that was said before them is unread, and all of it can be
read."""

from typing import Any

import pytest

from tests.browsing import page_state
from tests.conftest import Start
from tests.flows.test_chat import class_of, room_of
from tests.live import Live, LiveClient


async def bodies(client: LiveClient, room: str) -> list[str]:
    history = await client.do("chat.history", room=room)
    return [message["body"] for message in history["messages"]]


@pytest.fixture
def at_once(start: Start) -> Live:
    """Who has left cannot undo it, which would give the marks back as they were."""
    return start(undo_s=0)


async def test_who_enrols_finds_nothing_unread_and_so_does_who_comes_back(at_once: Live) -> None:
    live = at_once
    teacher, course, [ana] = await class_of(live, "Ana")
    desk = await teacher.connect()
    for number in range(3):
        await desk.say(course, f"old {number}")
    jun = await live.student("Jun")
    await jun.enroll(course)
    phone = await jun.connect()
    assert (await room_of(phone, course))["unread"] == 0
    assert await bodies(phone, course) == ["old 0", "old 1", "old 2"]
    page = await page_state(jun, f"/rooms/{course}")
    assert page["shell"]["courses"][0]["unread"] == 0
    assert page["read_seq"] is None, "nothing is divided"

    await desk.say(course, "heard by Jun")
    assert (await room_of(phone, course))["unread"] == 1, "what comes after is"
    assert (await room_of(await ana.connect(), course))["unread"] == 4, "others' marks stay"
    await phone.do("enrollment.leave", course=course)
    await desk.say(course, "said while Jun was away")
    await jun.enroll(course)
    assert (await room_of(phone, course))["unread"] == 0
    assert (await bodies(phone, course))[-1] == "said while Jun was away"


async def test_threads_of_updates_begin_at_the_end_too(live: Live) -> None:
    teacher, course, [ana] = await class_of(live, "Ana")
    desk, early = await teacher.connect(), await ana.connect()
    published = await desk.do(
        "update.publish", course=course, kind="announcement", title="Exam", body="Soon."
    )
    thread = published["update"]["room"]
    await early.say(thread, "When?")
    await desk.say(thread, "In May.")
    jun = await live.student("Jun")
    await jun.enroll(course)
    assert (await thread_page(jun, thread))["read_seq"] is None
    assert (await thread_page(ana, thread))["read_seq"] == 1, "Ana has read what she wrote"


async def thread_page(person: Any, thread: str) -> dict[str, Any]:
    return await page_state(person, f"/updates/{thread}")


async def test_who_joins_a_room_or_is_added_to_it_finds_nothing_unread(live: Live) -> None:
    teacher, course, [ana, jun] = await class_of(live, "Ana", "Jun")
    desk, phone, tablet = await teacher.connect(), await ana.connect(), await jun.connect()
    for kind in ("open", "private"):
        room = (await desk.do("room.create", course=course, name=kind, kind=kind))["room"]["id"]
        await desk.say(room, "old news")
        if kind == "open":
            await phone.do("room.join", room=room)
        await desk.do("room.invite", room=room, user=jun.id)
        if kind == "private":
            await desk.do("room.invite", room=room, user=ana.id)
        for client in (phone, tablet):
            assert (await room_of(client, room))["unread"] == 0
            assert await bodies(client, room) == ["old news"]
        await desk.say(room, "news")
        for client in (phone, tablet):
            assert (await room_of(client, room))["unread"] == 1


async def test_a_page_of_a_room_holds_what_was_read_last_and_what_is_unread(live: Live) -> None:
    teacher, course, [ana] = await class_of(live, "Ana")
    desk, phone = await teacher.connect(), await ana.connect()
    said = [(await desk.say(course, f"point {number}"))["seq"] for number in range(100)]
    shown = [one["seq"] for one in (await page_state(ana, f"/rooms/{course}"))["messages"]]
    assert shown[0] == said[0], "it begins where a reader who never came begins"
    await phone.do("chat.read", room=course, seq=said[39])
    page = await page_state(ana, f"/rooms/{course}")
    shown = [one["seq"] for one in page["messages"]]
    assert page["read_seq"] == said[39]
    assert {said[39], said[40]} <= set(shown)
    assert page["more_before"]
    assert page["more_after"]
    await phone.do("chat.read", room=course, seq=said[-1])
    shown = [one["seq"] for one in (await page_state(ana, f"/rooms/{course}"))["messages"]]
    assert shown == said[-50:], "nothing is unread: the newest"
