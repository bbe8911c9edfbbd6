"""Typing, over real sockets: told to the room, sparingly, and never of those who hide."""

import pytest

from elearn.delivery.presence import MANY
from elearn.models import enrollments, rooms
from tests.live import Live, LiveClient, Person


async def scene(live: Live) -> tuple[Person, Person, str]:
    teacher, ana = await live.teacher("Marta"), await live.student("Ana")
    course = await teacher.make_course()
    await ana.enroll(course)
    return teacher, ana, course["id"]


async def in_room(person: Person, room: str) -> LiveClient:
    client = await person.connect()
    await client.join(f"room:{room}")
    return client


async def test_a_room_sees_who_is_typing_and_who_stopped(live: Live) -> None:
    live.services.typing.interval_s = 0.01
    teacher, ana, room = await scene(live)
    desk, phone = await in_room(teacher, room), await in_room(ana, room)
    for on in (True, False):
        assert await phone.do("chat.typing", room=room, on=on) == {}
        push = await desk.expect("chat.typing")
        assert "seq" not in push
        assert push["topic"] == f"room:{room}"
        brief = {"id": ana.id, "name": "Ana", "role": "student"}
        assert push["data"] == {"room": room, "user": brief, "on": on}


async def test_fifty_a_second_become_one(live: Live) -> None:
    teacher, ana, room = await scene(live)
    desk, phone = await in_room(teacher, room), await in_room(ana, room)
    for reply in [await phone.send("chat.typing", room=room, on=True) for _ in range(50)]:
        assert (await phone.reply(reply))["ok"]
    await desk.expect("chat.typing")
    await desk.expect_nothing("chat.typing")


async def test_typing_is_neither_stored_nor_replayed(live: Live) -> None:
    teacher, ana, room = await scene(live)
    topic = f"room:{room}"
    before = (await live.services.log.head(topic)).seq
    await ana.command("chat.typing", room=room, on=True)
    assert (await live.services.log.head(topic)).seq == before
    desk = await teacher.connect()
    missed = await desk.join(topic, cursor=0, epoch=desk.hello["epoch"])
    assert "chat.typing" not in [event["push"] for event in missed["events"]]


async def test_an_outsider_neither_types_nor_sees_typing(live: Live) -> None:
    teacher, ana, room = await scene(live)
    eve = await live.student("Eve")
    outside, desk, phone = await eve.connect(), await in_room(teacher, room), await ana.connect()
    assert await outside.refused("subscribe", topic=f"room:{room}") == "not_a_member"
    assert await outside.refused("chat.typing", room=room, on=True) == "not_a_member"
    assert await outside.refused("chat.typing", room="0" * 24, on=True) == "not_found"
    await phone.do("chat.typing", room=room, on=True)
    assert (await desk.expect("chat.typing"))["data"]["user"]["id"] == ana.id
    await desk.expect_nothing("chat.typing")
    await outside.expect_nothing("chat.typing")


async def test_who_may_not_write_may_not_type(live: Live) -> None:
    teacher, ana, course = await scene(live)
    made = await teacher.command("room.create", course=course, name="news", kind="announce")
    room = made["room"]["id"]
    await ana.command("room.join", room=room)
    phone = await in_room(ana, room)
    assert await phone.refused("chat.typing", room=room, on=True) == "forbidden"
    await teacher.command("room.archive", room=room, archived=True)
    desk = await teacher.connect()
    assert await desk.refused("chat.typing", room=room, on=True) == "room_closed"


async def test_typing_of_the_invisible_is_told_to_nobody(live: Live) -> None:
    teacher, ana, room = await scene(live)
    desk, phone = await in_room(teacher, room), await ana.connect()
    await ana.api("PATCH", "/api/me", {"invisible": True})
    for on in (True, False):
        assert await phone.do("chat.typing", room=room, on=on) == {}
    await desk.expect_nothing("chat.typing")


@pytest.mark.parametrize("members", [MANY, MANY + 1])
async def test_above_a_hundred_people_nobody_is_told(live: Live, members: int) -> None:
    teacher, ana, course = await scene(live)
    made = await teacher.command("room.create", course=course, name="hall", kind="open")
    room = made["room"]["id"]
    await ana.command("room.join", room=room)
    found = await rooms.find(live.services.db, room)
    assert found is not None
    await rooms.set_at(live.services.db, room, found.seq + 1, {"members": members})
    desk = await in_room(teacher, room)
    assert await ana.command("chat.typing", room=room, on=True) == {}
    if members > MANY:
        await desk.expect_nothing("chat.typing")
    else:
        await desk.expect("chat.typing")


async def test_a_frame_without_a_yes_or_no_is_refused(live: Live) -> None:
    _, ana, room = await scene(live)
    assert await enrollments.find(live.services.db, room, ana.id)
    phone = await ana.connect()
    assert await phone.refused("chat.typing", room=room) == "invalid_field"
    assert await phone.refused("chat.typing", room=room, on="true") == "invalid_type"
