"""Leaving a course, or being taken out of a room, and the way back: for a moment it is undone, and
then all is as it was."""

from datetime import timedelta
from typing import Any

import pytest

from elearn.config import Config
from tests.browsing import page_state
from tests.conftest import Start, serving
from tests.flows.test_enrollment import Clock
from tests.live import CommandRefused, Json, Live, LiveClient, Person

UNDO = timedelta(seconds=Config.undo_s)
INSTANT = timedelta(milliseconds=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(start: Start, clock: Clock) -> Live:
    return start(clock=clock)


class Scene:
    """A course with a key, one seat, an open and a private room, in all of which Ana is."""

    ana: Person
    phone: LiveClient
    desk: LiveClient
    course: str
    lab: str
    den: str

    async def begin(self, live: Live) -> "Scene":
        self.live, teacher = live, await live.teacher("Marta")
        self.course = (await teacher.make_course(capacity=1, enrollment_key="sesame"))["id"]
        self.desk, self.ana = await teacher.connect(), await live.student("Ana")
        self.phone = await self.ana.connect()
        await self.phone.do("enrollment.enroll", course=self.course, enrollment_key="sesame")
        make = {"course": self.course, "name": "lab"}
        self.lab = (await self.desk.do("room.create", **make))["room"]["id"]
        make = {"course": self.course, "name": "den", "kind": "private"}
        self.den = (await self.desk.do("room.create", **make))["room"]["id"]
        await self.phone.do("room.join", room=self.lab)
        await self.desk.do("room.invite", room=self.den, user=self.ana.id)
        for room in (self.course, self.lab, self.den):
            first = await self.desk.say(room, "read")
            await self.phone.do("chat.read", room=room, seq=first["seq"])
            await self.desk.say(room, "not read yet")
        await live.settled()
        return self

    async def as_seen(self) -> Json:
        """All that is Ana's in the course."""
        rooms = (await self.phone.do("room.list"))["rooms"]
        own = await self.phone.do("enrollment.list")
        roles = {
            room: [
                (one["user"]["name"], one["role"])
                for one in (await self.phone.do("room.members", room=room))["members"]
            ]
            for room in (self.course, self.lab, self.den)
        }
        notices = (await self.phone.do("notification.list", limit=100))["notices"]
        return {
            "rooms": sorted((one["name"], one["unread"], one["joined"]) for one in rooms),
            "enrollments": own["enrollments"],
            "roles": {room: sorted(people) for room, people in roles.items()},
            "notices": [one["title"] for one in notices],
            "feed": (await self.phone.do("feed.list", scope="me"))["items"],
        }


async def test_for_a_moment_leaving_a_course_is_undone_and_all_is_as_before(
    live: Live, clock: Clock
) -> None:
    scene = await Scene().begin(live)
    phone, course = scene.phone, scene.course
    other = await (await live.student("Ben")).connect()
    promoted = {"_id": f"{scene.den}/{scene.ana.id}"}
    await live.services.db.memberships.update_one(promoted, {"$set": {"role": "moderator"}})
    before = await scene.as_seen()
    told = len((await scene.desk.do("notification.list", limit=100))["notices"])
    await phone.join(f"room:{scene.den}")

    await phone.do("enrollment.leave", course=course)
    assert (await phone.do("room.list"))["rooms"] == []
    assert await phone.refused("chat.history", room=scene.den) == "not_found"
    full = await other.ask("enrollment.enroll", course=course, enrollment_key="sesame")
    assert full["error"]["code"] == "course_full", "the seat is kept"
    catalogue = await live.api("GET", f"/api/courses/{course}")
    assert (catalogue["course"]["enrolled"], catalogue["course"]["seats_left"]) == (0, 0)
    phone.pushes.clear()

    clock.now += UNDO - INSTANT
    answer = await phone.do("enrollment.enroll", course=course)
    assert answer["enrollment"] == before["enrollments"][0]
    assert await scene.as_seen() == before
    assert (await phone.expect("server.subscribed"))["data"]["topic"] == f"course:{course}"
    back = [(await phone.expect("room.joined", topic=f"user:{scene.ana.id}")) for _ in range(2)]
    assert {one["data"]["room"] for one in back} == {scene.lab, scene.den}
    assert all(one["data"]["undone"] for one in back)
    await phone.join(f"room:{scene.den}")
    after = await scene.desk.say(scene.den, "welcome back")
    assert (await phone.expect("chat.posted"))["data"]["message"]["id"] == after["id"]
    news = (await scene.desk.do("notification.list", limit=100))["notices"]
    assert len(news) == told, "nobody is told that she enrolled: she was never away"
    full = await other.ask("enrollment.enroll", course=course, enrollment_key="sesame")
    assert full["error"]["code"] == "course_full"


async def test_no_seat_is_taken_back_that_nobody_held(live: Live) -> None:
    teacher, ana, ben = await live.teacher(), await live.student("Ana"), await live.student("Ben")
    course = (await teacher.make_course())["id"]
    for person in (ana, ben):
        await person.enroll(course)
    await ana.command("enrollment.leave", course=course)
    await teacher.api("PATCH", f"/api/courses/{course}", {"capacity": 1})
    with pytest.raises(CommandRefused) as refused:
        await ana.enroll(course)
    assert refused.value.code == "course_full"
    now = (await live.api("GET", f"/api/courses/{course}"))["course"]
    assert (now["enrolled"], now["seats_left"]) == (1, 0)


async def test_a_line_to_the_teachers_is_no_course_in_the_side_bar(live: Live) -> None:
    teacher, ana = await live.teacher(), await live.student("Ana")
    course = (await teacher.make_course())["id"]
    await ana.enroll(course)
    room = (await ana.command("chat.direct", course=course))["room"]["id"]
    await ana.command("chat.post", room=room, body="May I leave?")
    await ana.command("enrollment.leave", course=course)
    await live.settled()
    shell = (await page_state(ana, "/messages"))["shell"]
    assert shell["courses"] == []


async def test_after_the_moment_one_comes_as_anybody_does(live: Live, clock: Clock) -> None:
    scene = await Scene().begin(live)
    phone, course = scene.phone, scene.course
    await phone.do("enrollment.leave", course=course)
    clock.now += UNDO
    refused = await phone.ask("enrollment.enroll", course=course)
    assert refused["error"]["field"] == "enrollment_key"
    other = await (await live.student("Ben")).connect()
    await other.do("enrollment.enroll", course=course, enrollment_key="sesame")
    full = await phone.ask("enrollment.enroll", course=course, enrollment_key="sesame")
    assert full["error"]["code"] == "course_full"
    await other.do("enrollment.leave", course=course)
    clock.now += UNDO
    await phone.do("enrollment.enroll", course=course, enrollment_key="sesame")
    rooms = (await phone.do("room.list"))["rooms"]
    assert [room["id"] for room in rooms] == [course], "rooms are joined anew"
    assert await phone.refused("room.join", room=scene.den) == "not_found"


@pytest.fixture
def limited(start: Start, clock: Clock) -> Live:
    return start(clock=clock, moves_per_min=2)


async def test_undoing_is_free_of_the_limit_of_moves_and_works_once_it_is_closed(
    limited: Live, clock: Clock
) -> None:
    live = limited
    teacher, ana = await live.teacher(), await live.student("Ana")
    course = await teacher.make_course()
    await ana.enroll(course)
    await ana.command("enrollment.leave", course=course["id"])
    closed = {"closes_at": (clock.now - INSTANT).isoformat(), "published": False}
    await teacher.api("PATCH", f"/api/courses/{course['id']}", closed)
    await ana.enroll(course)
    assert len((await ana.command("enrollment.list"))["enrollments"]) == 1


@pytest.fixture
def brief(start: Start) -> Live:
    return start(undo_s=1)


async def test_a_seat_that_was_held_is_free_for_all_when_its_time_is_over(brief: Live) -> None:
    live = brief
    teacher, ana = await live.teacher(), await live.student("Ana")
    course = await teacher.make_course(capacity=1)
    await ana.enroll(course)
    visitor = await live.connect("/ws/search")
    await visitor.join("catalog")
    await ana.command("enrollment.leave", course=course["id"])
    held = await visitor.expect("course.seats")
    assert (held["data"]["enrolled"], held["data"]["seats_left"]) == (0, 0)
    free = await visitor.expect("course.seats")
    assert (free["data"]["enrolled"], free["data"]["seats_left"]) == (0, 1)
    answer = await live.api("GET", f"/api/courses/{course['id']}")
    assert answer["course"]["seats_left"] == 1


async def test_a_seat_that_was_held_when_the_server_ended_is_free_after_the_next_start(
    config: Config, clock: Clock
) -> None:
    async with serving(config, clock=clock) as live:
        teacher, ana = await live.teacher(), await live.student("Ana")
        course = (await teacher.make_course(capacity=1))["id"]
        await ana.enroll(course)
        await ana.command("enrollment.leave", course=course)
        await live.close()
    clock.now += UNDO
    async with serving(config, clock=clock) as live:
        visitor = await live.connect("/ws/search")
        await visitor.join("catalog", cursor=0, epoch=visitor.hello["epoch"])
        seats: Any = None
        while seats != 1:
            answer = await live.api("GET", f"/api/courses/{course}")
            seats = answer["course"]["seats_left"]
        await live.close()


async def test_the_page_of_a_course_says_what_its_events_say_of_a_held_seat(
    live: Live, clock: Clock
) -> None:
    scene = await Scene().begin(live)
    await scene.desk.join(f"course:{scene.course}")
    await scene.phone.do("enrollment.leave", course=scene.course)
    left = (await scene.desk.expect("enrollment.left"))["data"]
    assert set(left) == {"course", "title", "user", "enrolled", "seats_left"}
    shown = (await page_state(scene.ana, f"/courses/{scene.course}"))["course"]
    assert (left["enrolled"], left["seats_left"]) == (shown["enrolled"], shown["seats_left"])


async def test_who_is_taken_out_of_a_room_and_brought_back_is_what_they_were(
    live: Live, clock: Clock
) -> None:
    scene = await Scene().begin(live)
    den, ana = scene.den, scene.ana.id
    promoted = {"_id": f"{den}/{ana}"}
    await live.services.db.memberships.update_one(promoted, {"$set": {"role": "moderator"}})
    before = await scene.as_seen()
    await scene.desk.do("room.remove", room=den, user=ana)
    assert await scene.phone.refused("chat.history", room=den) == "not_found"
    back = await scene.desk.do("room.invite", room=den, user=ana)
    assert back["membership"]["role"] == "moderator"
    await live.settled()
    assert await scene.as_seen() == before, "and she is not told that she was added"

    await scene.desk.do("room.remove", room=den, user=ana)
    clock.now += UNDO
    late = await scene.desk.do("room.invite", room=den, user=ana)
    assert late["membership"]["role"] == "member"


async def test_who_was_taken_out_does_not_come_back_with_the_role_by_themselves(
    live: Live,
) -> None:
    scene = await Scene().begin(live)
    lab, ana = scene.lab, scene.ana.id
    promoted = {"_id": f"{lab}/{ana}"}
    await live.services.db.memberships.update_one(promoted, {"$set": {"role": "moderator"}})
    await scene.desk.do("room.remove", room=lab, user=ana)
    await scene.phone.do("room.join", room=lab)
    members = (await scene.phone.do("room.members", room=lab))["members"]
    assert [one["role"] for one in members if one["user"]["id"] == ana] == ["member"]
