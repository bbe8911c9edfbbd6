"""What one may no longer see: after an import took a course away, after leaving, after a repeat."""

import asyncio
import json
from pathlib import Path

import pytest
from rich.console import Console

from elearn.ops.importing import import_file
from tests.conftest import Start
from tests.live import CommandRefused, Live, until


async def bring_in(live: Live, tmp_path: Path, *teachers: str) -> None:
    line = {"id": "A1", "title": "Algebra", "teachers": list(teachers)}
    file = tmp_path / "courses.jsonl"
    file.write_text(json.dumps(line))
    report = await import_file(
        live.services,
        file,
        teacher=None,
        published=True,
        dry_run=False,
        console=Console(quiet=True),
    )
    assert not report.bad
    await live.settled()


async def test_a_teacher_whom_an_import_took_off_a_course_hears_no_more_of_it(
    live: Live, tmp_path: Path
) -> None:
    ada, bob, eve = await live.teacher("Ada"), await live.teacher("Bob"), await live.student("Eve")
    await bring_in(live, tmp_path, ada.email, bob.email)
    desk = await bob.connect()
    (staff,) = [topic for topic in desk.hello["topics"] if topic.startswith("staff:")]
    course = staff.partition(":")[2]
    await desk.join(f"room:{course}")

    await bring_in(live, tmp_path, ada.email)
    lost = {(await desk.expect("server.unsubscribed"))["data"]["topic"] for _ in range(3)}
    assert lost == {f"course:{course}", staff, f"room:{course}"}
    await eve.enroll(course)
    await eve.command("feed.feedback", course=course, stars=1, comment="dull", anonymous=True)
    await eve.command("chat.post", room=course, body="psst")
    await live.settled()
    for event in ("notification.created", "feed.posted", "chat.posted", "enrollment.enrolled"):
        await desk.expect_nothing(event)

    again = await bob.connect()
    assert [t for t in again.hello["topics"] if not t.startswith("user:")] == []
    assert (await bob.command("notification.list"))["notices"] == []
    assert (await bob.command("room.list"))["rooms"] == []
    assert (await ada.command("notification.list"))["notices"] != []


async def test_news_of_a_private_room_does_not_follow_one_out_of_the_course(live: Live) -> None:
    teacher, ana = await live.teacher(), await live.student("Ana")
    course = await teacher.make_course()
    await ana.enroll(course)
    desk = await teacher.connect()
    room = (await desk.do("room.create", course=course["id"], name="lab", kind="private"))["room"]
    await desk.do("room.invite", room=room["id"], user=ana.id)
    phone = await ana.connect()
    await phone.do("enrollment.leave", course=course["id"])
    await live.settled()
    await desk.do("room.update", room=room["id"], name="what Ana did")
    await live.settled()
    await phone.expect_nothing("room.updated")
    sync = await phone.do("sync", epoch=phone.hello["epoch"], cursors={f"user:{ana.id}": 0})
    assert "what Ana did" not in json.dumps(sync)


async def test_a_repeat_does_not_tell_of_a_room_that_one_has_lost(live: Live) -> None:
    teacher, ana = await live.teacher(), await live.student("Ana")
    course = await teacher.make_course()
    await ana.enroll(course)
    room = (await teacher.command("room.create", course=course["id"], name="lab"))["room"]["id"]
    first = await ana.command("room.join", room=room, key="once")
    assert (await ana.command("room.join", room=room, key="once"))["room"]["id"] == room
    assert first["room"]["name"] == "lab"
    await teacher.command("room.update", room=room, kind="private", name="secret lab")
    await teacher.command("room.remove", room=room, user=ana.id)
    with pytest.raises(CommandRefused) as refused:
        await ana.command("room.join", room=room, key="once")
    assert refused.value.code == "not_found"


async def test_replacing_an_anonymous_opinion_does_not_say_whose_it_was(live: Live) -> None:
    teacher, ana, ben = await live.teacher(), await live.student("Ana"), await live.student("Ben")
    course = await teacher.make_course()
    for student in (ana, ben):
        await student.enroll(course)
    await live.settled()
    phone = await ben.connect()
    for stars in (2, 3):
        given = {"course": course["id"], "stars": stars, "comment": "hm", "anonymous": True}
        await ana.command("feed.feedback", **given)
    assert (await phone.expect("feed.deleted"))["actor"] == "anonymous"


async def test_the_seats_of_a_withdrawn_course_are_not_told_to_the_public(live: Live) -> None:
    teacher, ana = await live.teacher(), await live.student("Ana")
    course = await teacher.make_course()
    await ana.enroll(course)
    await teacher.api("PATCH", f"/api/courses/{course['id']}", {"published": False})
    await live.settled()
    visitor = await live.connect("/ws/search")
    await visitor.join("catalog")
    await ana.command("enrollment.leave", course=course["id"])
    await live.settled()
    await until(lambda: not live.services.throttled._resting)
    await visitor.expect_nothing("course.seats")


async def test_of_those_who_leave_a_course_together_each_counts_in_its_rooms(live: Live) -> None:
    teacher, students = await live.teacher(), [await live.student() for _ in range(6)]
    course = await teacher.make_course()
    room = (await teacher.command("room.create", course=course["id"], name="lab"))["room"]["id"]
    for student in students:
        await student.enroll(course)
        await student.command("room.join", room=room)
    desk = await teacher.connect()
    await desk.join(f"room:{room}")
    leaving = students[:5]
    await asyncio.gather(
        *(one.command("enrollment.leave", course=course["id"]) for one in leaving),
        students[5].command("room.leave", room=room),
    )
    told = [await desk.expect("room.left", topic=f"room:{room}") for _ in students]
    assert [push["data"]["members"] for push in told] == [6, 5, 4, 3, 2, 1]
    assert (await teacher.command("room.members", room=room))["total"] == 1


@pytest.fixture
def at_once(start: Start) -> Live:
    """Who has left cannot undo it."""
    return start(undo_s=0)


async def test_coming_back_to_a_course_does_not_open_its_private_rooms_again(
    at_once: Live,
) -> None:
    live = at_once
    teacher, student = await live.teacher(), await live.student()
    course = await teacher.make_course()
    await student.enroll(course)
    made = await teacher.command("room.create", course=course["id"], name="inner", kind="private")
    room = made["room"]["id"]
    await teacher.command("room.invite", room=room, user=student.id)
    client = await student.connect()
    await client.join(f"room:{room}")
    await student.command("enrollment.leave", course=course["id"])
    await client.expect("server.unsubscribed", topic=None)
    await live.settled()
    await teacher.command("chat.post", room=room, body="between us")
    await student.enroll(course)
    assert await client.refused("subscribe", topic=f"room:{room}") == "not_found"
    assert await client.refused("chat.history", room=room) == "not_found"
    members = (await teacher.command("room.members", room=room))["members"]
    assert [one["user"]["id"] for one in members] == [teacher.id]
