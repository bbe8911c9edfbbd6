"""Enrolment over real sockets: safe, live, and what it opens and closes on open sockets."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from elearn.config import Config
from elearn.services import utc_now
from tests.browsing import follow, page_state, told
from tests.conftest import Start
from tests.live import Json, Live, LiveClient, Person, new_key

UNDO = timedelta(seconds=Config.undo_s)


class Clock:
    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self) -> datetime:
        return self.now


async def course_of(live: Live, **fields: Any) -> tuple[str, Person, LiveClient]:
    teacher = await live.teacher("Marta Olsen")
    course = await teacher.make_course("Algebra", **fields)
    return course["id"], teacher, await teacher.connect()


def counted(course: Json, people: set[str], pushes: list[Json]) -> tuple[int, Any, set[str]]:
    """A course's counts and its people after what was told."""
    enrolled, left, inside = course["enrolled"], course["seats_left"], set(people)
    for push in pushes:
        if push["push"] in ("enrollment.enrolled", "enrollment.left"):
            enrolled, left = push["data"]["enrolled"], push["data"]["seats_left"]
            change = inside.add if push["push"] == "enrollment.enrolled" else inside.discard
            change(push["data"]["user"]["id"])
    return enrolled, left, inside


async def test_every_teacher_sees_an_enrolment_at_once_and_outsiders_do_not(live: Live) -> None:
    course, _, desk = await course_of(live, capacity=3)
    ana, outsider = await live.student("Ana"), await (await live.student()).connect()
    assert await outsider.refused("subscribe", topic=f"course:{course}") == "not_a_member"
    phone = await ana.connect()
    result = await phone.do("enrollment.enroll", course=course)
    assert result["enrollment"]["user"]["name"] == "Ana"
    push = await desk.expect("enrollment.enrolled", topic=f"course:{course}")
    assert push["data"]["user"] == {"id": ana.id, "name": "Ana", "role": "student"}
    assert (push["data"]["enrolled"], push["data"]["seats_left"]) == (1, 2)
    assert (await phone.expect("enrollment.enrolled", topic=f"user:{ana.id}"))["data"]
    await live.settled()
    await outsider.expect_nothing("enrollment.enrolled")
    await outsider.expect_nothing("notification.created")
    assert await outsider.refused("enrollment.list", course=course) == "not_a_member"


async def test_a_double_click_enrols_once(live: Live) -> None:
    course, _, desk = await course_of(live)
    phone = await (await live.student()).connect()
    key = new_key()
    refs = [await phone.send("enrollment.enroll", course=course, key=key) for _ in range(2)]
    replies = [await phone.reply(ref) for ref in refs]
    assert [reply["ok"] for reply in replies] == [True, True]
    assert [reply.get("duplicate") for reply in replies].count(True) == 1
    assert replies[0]["result"]["enrollment"] == replies[1]["result"]["enrollment"]
    assert await phone.refused("enrollment.enroll", course=course) == "already_enrolled"
    pushes = await told(desk, live, f"course:{course}")
    assert Counter(push["push"] for push in pushes)["enrollment.enrolled"] == 1
    assert (await desk.do("enrollment.list", course=course))["total"] == 1


async def test_the_last_seat_has_one_winner_and_can_be_taken_again(
    timed: Live, clock: Clock
) -> None:
    live = timed
    course, _, desk = await course_of(live, capacity=1)
    people = [await live.student() for _ in range(12)]
    sockets = [await person.connect() for person in people]
    replies = await asyncio.gather(
        *(socket.ask("enrollment.enroll", course=course) for socket in sockets)
    )
    won = [n for n, reply in enumerate(replies) if reply["ok"]]
    codes = Counter(reply["error"]["code"] for reply in replies if not reply["ok"])
    assert len(won) == 1
    assert codes == {"course_full": 11}
    await sockets[won[0]].do("enrollment.leave", course=course)
    loser = sockets[(won[0] + 1) % 12]
    assert await loser.refused("enrollment.enroll", course=course) == "course_full"
    clock.now += UNDO
    assert (await loser.do("enrollment.enroll", course=course))["course"]["seats_left"] == 0
    pushes = await told(desk, live, f"course:{course}")
    assert Counter(push["push"] for push in pushes)["enrollment.enrolled"] == 2


async def test_the_seats_of_the_catalogue_move_live_for_everyone(live: Live) -> None:
    course, _, _ = await course_of(live, capacity=3)
    phone, visitor = await (await live.student()).connect(), await live.connect("/ws/search")
    await visitor.join("catalog")
    await phone.do("enrollment.enroll", course=course)
    push = await visitor.expect("course.seats", topic="catalog")
    assert push["data"] == {"course": course, "enrolled": 1, "seats_left": 2}


async def test_a_course_with_a_key_takes_it_and_never_shows_it(live: Live) -> None:
    course, _, desk = await course_of(live, enrollment_key="open sesame")
    phone = await (await live.student()).connect()
    for given in ({}, {"enrollment_key": "guess"}, {"enrollment_key": ""}):
        assert await phone.refused("enrollment.enroll", course=course, **given) == "forbidden"
    result = await phone.do("enrollment.enroll", course=course, enrollment_key="open sesame")
    assert result["course"]["needs_key"] is True
    await live.search_follows()
    found = await phone.do("search.suggest", q="algebra")
    answer = await phone.person.api("GET", f"/api/courses/{course}")  # type: ignore[union-attr]
    everything = repr([phone.seen, list(desk.seen), result, found, answer])
    assert "sesame" not in everything


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(start: Start, clock: Clock) -> Live:
    return start(clock=clock)


async def test_enrolment_opens_and_closes_on_time(timed: Live, clock: Clock) -> None:
    live = timed
    opens, closes = clock.now + timedelta(days=1), clock.now + timedelta(days=8)
    course, _, _ = await course_of(live, opens_at=opens.isoformat(), closes_at=closes.isoformat())
    phone, laptop = [await (await live.student()).connect() for _ in range(2)]
    early = await phone.ask("enrollment.enroll", course=course)
    assert early["error"]["code"] == "forbidden"
    assert "opened" in early["error"]["message"]
    clock.now = opens
    await phone.do("enrollment.enroll", course=course)
    clock.now = closes
    late = await laptop.ask("enrollment.enroll", course=course)
    assert late["error"]["code"] == "forbidden"
    assert "closed" in late["error"]["message"]


async def test_teachers_do_not_enrol_in_their_own_course_nor_anyone_in_a_hidden_one(
    live: Live,
) -> None:
    course, _, desk = await course_of(live, published=False)
    phone = await (await live.student()).connect()
    assert await desk.refused("enrollment.enroll", course=course) == "forbidden"
    assert await phone.refused("enrollment.enroll", course=course) == "not_found"
    assert await phone.refused("enrollment.enroll", course="0" * 24) == "not_found"
    assert await phone.refused("enrollment.leave", course=course) == "not_found"


async def test_rooms_feed_and_rights_come_with_enrolment_and_go_with_leaving(live: Live) -> None:
    course, teacher, desk = await course_of(live)
    ana = await live.student("Ana")
    phone, laptop = await ana.connect(), await ana.connect()
    topic, room = f"course:{course}", f"room:{course}"
    lab = (await desk.do("room.create", course=course, name="lab"))["room"]["id"]
    await phone.do("enrollment.enroll", course=course)
    for tab in (phone, laptop):
        assert (await tab.expect("server.subscribed"))["data"]["topic"] == topic
        await tab.join(room)
    await phone.do("room.join", room=lab)
    await laptop.join(f"room:{lab}")
    assert {one["id"] for one in (await laptop.do("room.list"))["rooms"]} == {course, lab}

    await phone.do("enrollment.leave", course=course)
    for tab, gone in ((phone, {topic, room}), (laptop, {topic, room, f"room:{lab}"})):
        told_gone = {(await tab.expect("server.unsubscribed"))["data"]["topic"] for _ in gone}
        assert told_gone == gone
        tab.pushes.clear()
    await desk.say(course, "among those who stayed")
    await desk.say(lab, "here too")
    await desk.do("feed.post", body="a status", course=course)
    given = {"kind": "announcement", "title": "t", "body": "b"}
    await desk.do("update.publish", course=course, **given)
    await live.settled()
    for tab in (phone, laptop):
        await tab.do("ping")
        heard = [push for push in tab.pushes if not push["topic"].startswith("user:")]
        assert heard == []  # one's own topic tells that the course's rooms were left, too
        assert await tab.refused("subscribe", topic=topic) == "not_a_member"
        assert await tab.refused("chat.history", room=lab) == "not_found"
        assert (await tab.do("room.list"))["rooms"] == []
        assert (await tab.do("feed.list", scope="me"))["items"] == []
    assert (await phone.do("notification.list"))["notices"] == []
    assert teacher.id in repr(await desk.do("room.members", room=course))


async def test_who_comes_back_gets_nothing_from_before_by_replay_or_notice(
    timed: Live, clock: Clock
) -> None:
    live = timed
    course, _, desk = await course_of(live)
    ana = await live.student("Ana")
    phone = await ana.connect()
    first = (await phone.do("enrollment.enroll", course=course))["enrollment"]["since"]
    given = {"kind": "announcement", "title": "while inside", "body": "b"}
    await desk.do("update.publish", course=course, **given)
    await phone.do("enrollment.leave", course=course)
    await desk.do("update.publish", course=course, **{**given, "title": "while away"})
    clock.now += UNDO
    again = (await phone.do("enrollment.enroll", course=course))["enrollment"]["since"]
    assert again > first
    await live.settled()

    topic, epoch = f"course:{course}", phone.hello["epoch"]
    for cursor in (0, first, again - 1):
        old = await phone.do("subscribe", topic=topic, cursor=cursor, epoch=epoch)
        assert (old["recovered"], old["events"]) == (False, []), cursor
    new = await phone.do("subscribe", topic=topic, cursor=again, epoch=epoch)
    assert new["recovered"]
    assert all(event["seq"] > again for event in new["events"])
    assert new["events"][0]["push"] == "enrollment.enrolled"
    titles = [n["title"] for n in (await phone.do("notification.list"))["notices"]]
    assert "while away" not in titles
    assert "while inside" not in titles


async def test_who_is_not_enrolled_cannot_leave(live: Live) -> None:
    course, _, desk = await course_of(live)
    phone = await (await live.student()).connect()
    assert await phone.refused("enrollment.leave", course=course) == "not_a_member"
    await desk.expect_nothing("enrollment.left")


@pytest.mark.parametrize("capacity", [None, 5])
async def test_the_people_of_a_page_and_what_is_told_equal_a_fresh_page(
    live: Live, capacity: int | None
) -> None:
    course, teacher, desk = await course_of(live, capacity=capacity)
    people = [await live.student() for _ in range(4)]
    await people[0].enroll(course)
    path, topic = f"/courses/{course}/people", f"course:{course}"
    page = await page_state(teacher, path)
    await people[1].enroll(course)
    missed = await follow(desk, page)
    for person in people[2:]:
        await person.enroll(course)
    await people[0].command("enrollment.leave", course=course)
    since = page["cursors"][topic]
    pushes = [push for push in await told(desk, live, topic) if push["seq"] > since]
    fresh = await page_state(teacher, path)
    before = {one["user"]["id"] for one in page["people"]}
    after = {one["user"]["id"] for one in fresh["people"]}
    assert counted(page["course"], before, missed + pushes) == counted(fresh["course"], after, [])
    assert fresh["total_people"] == len(after) == 3


async def test_whoever_teaches_sees_the_newest_enrolments_on_every_tab_of_the_course(
    live: Live,
) -> None:
    course, teacher, _ = await course_of(live)
    people = [await live.student(f"Student {number}") for number in range(6)]
    for person in people:
        await person.enroll(course)
    for tab in ("", "/updates", "/rooms", "/feed", "/people"):
        shown = await page_state(teacher, f"/courses/{course}{tab}")
        names = [one["user"]["name"] for one in shown["recent_enrollments"]]
        assert names == [f"Student {number}" for number in (5, 4, 3, 2, 1)]
        assert "recent_enrollments" not in await page_state(people[0], f"/courses/{course}{tab}")
