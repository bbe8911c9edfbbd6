"""The line from a student to the teachers of a course: its other side is whoever teaches now."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from elearn.actions.direct import line_id
from elearn.config import Config
from elearn.events.rooms import RoomCreated
from elearn.log.new_events import NewEvent
from elearn.nouns.rooms import Room
from elearn.ops.importing import import_file
from elearn.ops.repairing import in_step, repair
from tests.browsing import page_state, signed_in
from tests.conftest import serving
from tests.live import CommandRefused, Json, Live, LiveClient, Person


class Course:
    """A course whose teachers an import names."""

    def __init__(self, live: Live, folder: Path) -> None:
        self.live = live
        self.file = folder / "courses.jsonl"
        self.id = ""

    async def taught_by(self, *teachers: Person) -> "Course":
        line = {"id": "B1", "title": "Biochemistry", "teachers": [one.email for one in teachers]}
        self.file.write_text(json.dumps(line))
        report = await import_file(
            self.live.services,
            self.file,
            teacher=None,
            published=True,
            dry_run=False,
            console=Console(quiet=True),
        )
        assert not report.bad
        await self.live.settled()
        known = await self.live.services.db.imported.find_one({"_id": "B1"})
        self.id = known["course"]
        return self


@pytest.fixture
def course(live: Live, tmp_path: Path) -> Course:
    return Course(live, tmp_path)


async def line_of(client: LiveClient, room: str) -> Json | None:
    rooms = (await client.do("room.list"))["rooms"]
    return next((one for one in rooms if one["id"] == room), None)


def names(people: list[Json]) -> list[str]:
    return [one["name"] for one in people]


async def told(client: LiveClient) -> Json:
    """The next notice of a message."""
    while True:
        notice: Json = (await client.expect("notification.created"))["data"]["notice"]
        if notice["kind"] == "message.direct":
            return notice


async def test_each_side_sees_the_other_in_lists_pages_notices_and_excerpts(
    live: Live, course: Course
) -> None:
    ada, bob, ana = await live.teacher("Ada"), await live.teacher("Bob"), await live.student("Ana")
    await course.taught_by(ada, bob)
    desk, phone = await ada.connect(), await ana.connect()
    room = (await phone.do("chat.direct", course=course.id))["room"]
    assert (room["name"], room["kind"]) == ("Teachers of Biochemistry", "direct")
    assert room["staff_of"] == {"id": course.id, "title": "Biochemistry"}
    assert names(room["people"]) == ["Ada", "Bob"]
    assert room["with"] is None
    heard = (await phone.expect("room.created"))["data"]["room"]
    assert heard["name"] == "Teachers of Biochemistry"
    heard = (await desk.expect("room.created", topic=f"staff:{course.id}"))["data"]["room"]
    assert heard["name"] == "Ana, to the teachers of Biochemistry"

    await phone.say(room["id"], "May I hand in later?")
    notice = await told(desk)
    assert notice["title"] == "Ana wrote to the teachers of Biochemistry"
    assert notice["body"] == "May I hand in later?"
    assert notice["course"]["title"] == "Biochemistry"
    line = await line_of(desk, room["id"])
    assert line is not None
    assert line["name"] == "Ana, to the teachers of Biochemistry"
    assert (line["unread"], line["last_message"]["excerpt"]) == (1, "May I hand in later?")
    assert (line["with"]["name"], names(line["people"])) == ("Ana", ["Ana"])

    await desk.say(room["id"], "Of course.")
    assert (await told(phone))["title"] == "Ada wrote to you for the teachers of Biochemistry"
    assert await told_titles(bob) == [
        "Ada wrote to Ana for the teachers of Biochemistry",
        "Ana wrote to the teachers of Biochemistry",
    ]
    assert await told_titles(ada) == ["Ana wrote to the teachers of Biochemistry"]
    for person, heading in ((ana, "Teachers of Biochemistry"), (bob, line["name"])):
        state = await page_state(person, f"/rooms/{room['id']}")
        assert state["room"]["name"] == heading
        page = (await (await signed_in(live, person)).get(f"/rooms/{room['id']}")).body.decode()
        assert f"<title>{heading} · elearn</title>" in page
        listed = (await (await signed_in(live, person)).get("/messages")).body.decode()
        assert heading in listed
    members = (await phone.do("room.members", room=room["id"]))["members"]
    assert [(one["user"]["name"], one["role"]) for one in members] == [
        ("Ada", "staff"),
        ("Bob", "staff"),
        ("Ana", "member"),
    ]


async def told_titles(person: Person) -> list[str]:
    notices = (await person.command("notification.list", limit=50))["notices"]
    return [one["title"] for one in notices if one["kind"] == "message.direct"]


async def test_who_joins_the_staff_reads_the_line_and_who_leaves_it_loses_it_at_once(
    live: Live, course: Course
) -> None:
    ada, bob, cy = [await live.teacher(name) for name in ("Ada", "Bob", "Cy")]
    ana = await live.student("Ana")
    await course.taught_by(ada, bob)
    phone, old, new = await ana.connect(), await bob.connect(), await cy.connect()
    room = (await phone.do("chat.direct", course=course.id))["room"]["id"]
    topic = f"room:{room}"
    await phone.say(room, "May I hand in later?")
    assert (await told(old))["body"] == "May I hand in later?"
    await old.join(topic)
    assert await new.refused("subscribe", topic=topic) == "not_found"
    assert await line_of(new, room) is None

    await course.taught_by(ada, cy)
    lost = {(await old.expect("server.unsubscribed"))["data"]["topic"] for _ in range(3)}
    assert topic in lost
    gained = {(await new.expect("server.subscribed"))["data"]["topic"] for _ in range(2)}
    assert f"staff:{course.id}" in gained
    await new.join(topic)
    line = await line_of(new, room)
    assert line is not None
    assert line["unread"] == 0, "what was said before is there, and is not news"
    history = await new.do("chat.history", room=room)
    assert [one["body"] for one in history["messages"]] == ["May I hand in later?"]
    people = (await line_of(phone, room) or {})["people"]
    assert names(people) == ["Ada", "Cy"]

    await phone.say(room, "And the report?")
    assert (await told(new))["body"] == "And the report?"
    assert (await new.expect("chat.posted", topic=topic))["data"]["message"]["author"][
        "id"
    ] == ana.id
    assert (await line_of(new, room) or {})["unread"] == 1
    for event in ("chat.posted", "notification.created"):
        await old.expect_nothing(event)
    for cmd, args in (
        ("chat.history", {}),
        ("chat.post", {"body": "still here"}),
        ("room.members", {}),
    ):
        assert await old.refused(cmd, room=room, **args) == "not_found"
    assert await line_of(old, room) is None
    assert (await live.request("GET", f"/rooms/{room}", token=bob.token)).code == 404
    assert await told_titles(bob) == []
    listed = (await phone.do("room.members", room=room))["members"]
    assert {one["user"]["name"] for one in listed} == {"Ada", "Cy", "Ana"}


async def test_a_teacher_who_becomes_a_student_loses_the_line_and_gets_it_back_with_the_role(
    live: Live, course: Course
) -> None:
    admin, ada, bob = [await live.teacher(name) for name in ("Root", "Ada", "Bob")]
    await live.services.db.users.update_one({"_id": admin.id}, {"$set": {"role": "admin"}})
    live.services.sessions.forget()
    ana = await live.student("Ana")
    await course.taught_by(ada, bob)
    phone, desk = await ana.connect(), await bob.connect()
    room = (await phone.do("chat.direct", course=course.id))["room"]["id"]
    topic = f"room:{room}"
    await desk.join(topic)
    await admin.api("PATCH", f"/api/users/{bob.id}", {"role": "student"})
    lost = {(await desk.expect("server.unsubscribed"))["data"]["topic"] for _ in range(3)}
    assert topic in lost
    await phone.say(room, "between us")
    await desk.expect_nothing("chat.posted")
    assert names((await line_of(phone, room) or {})["people"]) == ["Ada"]

    await admin.api("PATCH", f"/api/users/{bob.id}", {"role": "teacher"})
    await live.settled()
    assert (await line_of(desk, room) or {})["unread"] == 0
    await phone.say(room, "welcome back")
    assert (await told(desk))["body"] == "welcome back"


async def test_a_course_without_teachers_offers_no_line_and_says_why(
    live: Live, course: Course
) -> None:
    admin, ada, ana, ben = (
        await live.teacher("Root"),
        await live.teacher("Ada"),
        await live.student("Ana"),
        await live.student("Ben"),
    )
    await live.services.db.users.update_one({"_id": admin.id}, {"$set": {"role": "admin"}})
    live.services.sessions.forget()
    await course.taught_by(ada)
    browser, phone = await signed_in(live, ana), await ana.connect()
    page = (await browser.get(f"/courses/{course.id}")).body.decode()
    assert "Message the teachers" in page
    room = (await phone.do("chat.direct", course=course.id))["room"]["id"]
    await phone.say(room, "Is there a script?")

    for change in ({"role": "student"}, {"role": "teacher", "disabled": True}):
        await admin.api("PATCH", f"/api/users/{ada.id}", change)
        await live.settled()
        page = (await browser.get(f"/courses/{course.id}")).body.decode()
        assert "no teachers at present" in page
        assert 'data-act="message"' not in page
        with pytest.raises(CommandRefused, match="no teachers at present"):
            await ben.command("chat.direct", course=course.id)
        with pytest.raises(CommandRefused, match="no teachers at present"):
            await ana.command("chat.post", room=room, body="Anybody?")
        assert len((await phone.do("chat.history", room=room))["messages"]) == 1
    await admin.api("PATCH", f"/api/users/{ada.id}", {"disabled": False})
    await phone.say(room, "Welcome back")


async def test_a_teacher_has_no_line_to_themselves_and_a_stranger_none_to_anybodys(
    live: Live, course: Course
) -> None:
    ada, ana, eve = await live.teacher("Ada"), await live.student("Ana"), await live.student("Eve")
    await course.taught_by(ada)
    with pytest.raises(CommandRefused, match="You teach this course"):
        await ada.command("chat.direct", course=course.id)
    room = (await ana.command("chat.direct", course=course.id))["room"]["id"]
    spy = await eve.connect()
    for cmd, args in (
        ("subscribe", {"topic": f"room:{room}"}),
        ("chat.history", {"room": room}),
        ("chat.post", {"room": room, "body": "me too"}),
        ("room.members", {"room": room}),
        ("room.join", {"room": room}),
        ("room.leave", {"room": room}),
        ("room.update", {"room": room, "name": "mine"}),
    ):
        assert await spy.refused(cmd, **args) == "not_found", cmd
    await ana.command("chat.post", room=room, body="between us")
    for event in ("chat.posted", "room.created", "notification.created"):
        await spy.expect_nothing(event)
    assert (await spy.do("chat.direct", course=course.id))["room"]["id"] != room


async def test_a_line_of_the_version_before_opens_for_those_who_teach_now(
    config: Config, tmp_path: Path
) -> None:
    async with serving(config) as live:
        ada, bob, cy = [await live.teacher(name) for name in ("Ada", "Bob", "Cy")]
        ana = await live.student("Ana")
        course = await Course(live, tmp_path).taught_by(ada, bob)
        ident = line_id(course.id, ana.id)
        old = Room(
            id=ident,
            name="Biochemistry",
            kind="direct",
            users=sorted([ana.id, ada.id, bob.id]),
            members=3,
            created_at=live.services.clock(),
        )
        log = live.services.log
        await log.append(NewEvent(f"room:{ident}", RoomCreated(document=old), ana.id, ident))
        await ana.command("chat.post", room=ident, body="May I hand in later?")
        await course.taught_by(bob, cy)
        await live.close()
    for _ in range(2):  # what is done at a start is done once
        async with serving(config) as live:
            head = await live.services.log.head(f"room:{ident}")
            assert head.seq == 3
            for person in (ada, bob, cy, ana):
                person.live = live
            rooms = {p.name: await line_of(await p.connect(), ident) for p in (ada, bob, cy, ana)}
            assert rooms["Ada"] is None
            assert {name: one and one["name"] for name, one in rooms.items() if name != "Ada"} == {
                "Bob": "Ana, to the teachers of Biochemistry",
                "Cy": "Ana, to the teachers of Biochemistry",
                "Ana": "Teachers of Biochemistry",
            }
            with pytest.raises(CommandRefused):
                await ada.command("chat.history", room=ident)
            history = await cy.command("chat.history", room=ident)
            assert [one["body"] for one in history["messages"]] == ["May I hand in later?"]
            opened = (await ana.command("chat.direct", course=course.id))["room"]
            assert opened["id"] == ident
            before = await live.services.db.rooms.find_one({"_id": ident})
            assert before["course_title"] == "Biochemistry"
            assert await in_step(live.services.db, f"room:{ident}")
            await repair(live.services.db, f"room:{ident}")
            assert await live.services.db.rooms.find_one({"_id": ident}) == before
            await live.close()
