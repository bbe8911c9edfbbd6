"""The log: turns, projections, reactions that were cut, and other processes beside this one."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from elearn import app
from elearn.actions.act import new_act
from elearn.actions.enrollment import enroll_student
from elearn.config import Config
from elearn.errors import CourseFull, RoomClosed, Unavailable
from elearn.events.base import Row
from elearn.events.courses import CourseWithdrawn
from elearn.events.enrollments import Enrolled, SeatsFreed
from elearn.events.feed import FeedDeleted, FeedPosted
from elearn.events.people import AccountChanged
from elearn.log.new_events import NewEvent
from elearn.models import courses, events
from elearn.nouns.people import Person as Named
from elearn.nouns.people import User
from elearn.projections import applying as projections
from elearn.projections.table import PROJECTIONS
from elearn.services import Services, open_services
from elearn.wire import topics
from tests.conftest import Start, served
from tests.live import Live, Person, until
from tests.logbook import BrokenStore, a_room, row_of_another, saying, stored


@pytest.fixture
def services(beside: Callable[..., Services]) -> Services:
    return beside()


def enrolled(course: dict[str, Any], person: Person, enrolled: int) -> NewEvent:
    event = Enrolled(
        course=course["id"],
        title=course["title"],
        user=Named(person.id, person.name, "student"),
        enrolled=enrolled,
        seats_left=course["capacity"] - enrolled,
    )
    return NewEvent(topics.course(course["id"]), event, person.id, f"enrol-{person.id}")


def as_user(person: Person) -> User:
    return User(person.id, person.name, "student")


async def test_a_turn_lost_to_another_process_is_decided_again_on_the_new_state(
    live: Live,
) -> None:
    teacher, theirs, ours = await live.teacher(), await live.student(), await live.student()
    course = await teacher.make_course(capacity=5)
    await live.settled()
    topic, seen = topics.course(course["id"]), []
    log, db = live.services.log, live.services.db
    head = (await log.head(topic)).seq

    async def decide() -> NewEvent:
        document = await courses.find(db, course["id"])
        seen.append(document.enrolled)
        if len(seen) == 1:
            await events.insert(db, [row_of_another(enrolled(course, theirs, 1), head + 1, 0)])
        return enrolled(course, ours, document.enrolled + 1)

    row = await log.decide(topic, decide)
    assert seen == [0, 1]
    assert (row.seq, row.data.enrolled) == (head + 2, 2)
    await live.settled()
    assert (await courses.find(db, course["id"])).enrolled == 2


@pytest.mark.parametrize("known", [False, True], ids=["a new topic", "one that was looked at"])
async def test_what_another_process_stored_and_did_not_apply_yet_counts_in_a_decision(
    live: Live, known: bool
) -> None:
    teacher, theirs, ours = await live.teacher(), await live.student(), await live.student()
    course = await teacher.make_course(capacity=1)
    await live.settled()
    topic = topics.course(course["id"])
    head = (await live.services.log.head(topic)).seq
    live.services.log._heads.forget([topic])
    taken = row_of_another(enrolled(course, theirs, 1), head + 1, 0)
    await events.insert(live.services.db, [taken])
    if known:
        await live.services.log.head(topic)
    act = new_act(as_user(ours), "enroll", [course["id"]])
    with pytest.raises(CourseFull):
        await enroll_student(live.services, act, course["id"])


async def test_what_another_process_stored_while_the_store_was_away_counts_in_a_decision(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher, theirs, ours = await live.teacher(), await live.student(), await live.student()
    course = await teacher.make_course(capacity=1)
    await live.settled()
    topic = topics.course(course["id"])
    head = (await live.services.log.head(topic)).seq
    await events.insert(
        live.services.db, [row_of_another(enrolled(course, theirs, 1), head + 1, 0)]
    )
    act = new_act(as_user(ours), "enroll", [course["id"]])
    monkeypatch.setattr(events, "insert", BrokenStore(keeps=0))
    with pytest.raises(Unavailable):
        await enroll_student(live.services, act, course["id"])
    await until(lambda: not live.services.log.away)
    with pytest.raises(CourseFull):
        await enroll_student(live.services, act, course["id"])


async def test_a_decision_waits_for_what_was_stored_and_is_not_applied_yet(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher, first, second = await live.teacher(), await live.student(), await live.student()
    course = await teacher.make_course(capacity=1)
    await live.settled()
    apply, may_apply, applying = projections.apply, asyncio.Event(), asyncio.Event()
    applied: list[str] = []

    async def slow_apply(db: Any, rows: Sequence[Row]) -> None:
        applying.set()
        await may_apply.wait()
        applied.extend(row.event for row in rows)
        await apply(db, rows)

    monkeypatch.setattr(projections, "apply", slow_apply)
    monkeypatch.setattr(events, "insert", BrokenStore(keeps=1))
    early = new_act(as_user(first), "enroll", [course["id"]])
    with pytest.raises(Unavailable):  # told to try again; it is stored all the same
        await enroll_student(live.services, early, course["id"])
    await applying.wait()
    act = new_act(as_user(second), "enroll", [course["id"]])
    late = asyncio.ensure_future(enroll_student(live.services, act, course["id"]))
    await asyncio.sleep(0)
    may_apply.set()
    with pytest.raises(CourseFull):
        await late
    assert applied == ["enrollment.enrolled"], "it was waited for, not applied once more"
    again = await enroll_student(live.services, early, course["id"])
    assert (again.duplicate, again.data.seats_left) == (True, 0)
    assert (await courses.find(live.services.db, course["id"])).enrolled == 1


async def test_a_refused_decision_stores_nothing_and_gives_the_turn_back(
    services: Services,
) -> None:
    room = a_room()

    async def refuse() -> NewEvent:
        raise RoomClosed("archived")

    async def agree() -> NewEvent:
        return saying(room)

    with pytest.raises(RoomClosed):
        await services.log.decide(room, refuse)
    assert await stored(services, room) == []
    assert (await services.log.decide(room, agree)).seq == 1


async def test_acts_of_one_topic_take_turns_and_those_of_two_do_not_wait(
    services: Services,
) -> None:
    room, other, inside, go = a_room(), a_room(), [], asyncio.Event()

    def decision(name: str, topic: str, wait: bool) -> Callable[[], Any]:
        async def decide() -> NewEvent:
            inside.append(name)
            if wait:
                await go.wait()
            return saying(topic, name)

        return decide

    first = asyncio.ensure_future(services.log.decide(room, decision("first", room, True)))
    await until(lambda: inside == ["first"])
    second = asyncio.ensure_future(services.log.decide(room, decision("second", room, False)))
    await services.log.decide(other, decision("elsewhere", other, False))
    assert inside == ["first", "elsewhere"]
    go.set()
    await asyncio.gather(first, second)
    assert await stored(services, room) == [(1, "first"), (2, "second")]


async def busy_course(live: Live) -> None:
    """A course in which everything that is projected has happened."""
    teacher, one, two = await live.teacher(), await live.student(), await live.student()
    course = await teacher.make_course(capacity=9)
    ident = course["id"]
    for student in (one, two, one):
        await student.enroll(course)
        if student is one:
            await student.command("enrollment.leave", course=ident)
    await one.enroll(course)
    await teacher.api("PATCH", f"/api/courses/{ident}", {"title": "Algebra again"})
    update = await teacher.command(
        "update.publish", course=ident, kind="change", title="Moved", body="B12"
    )
    room = (await teacher.command("room.create", course=ident, name="maths"))["room"]["id"]
    for student in (one, two):
        await student.command("room.join", room=room)
    await two.command("room.leave", room=room)
    await teacher.command("room.update", room=room, name="mathematics")
    owned = {"room": room, "user": teacher.id}
    await live.services.db.memberships.update_one(owned, {"$set": {"role": "member"}})
    await teacher.command("room.take_over", room=room)
    await teacher.command("room.archive", room=room)
    sent = await one.command("chat.post", room=update["update"]["room"], body="Why?")
    await teacher.command("chat.read", room=update["update"]["room"], seq=sent["message"]["seq"])
    await one.command("feed.feedback", course=ident, stars=2)
    await one.command("feed.feedback", course=ident, stars=4)
    posted = await two.command("feed.post", course=ident, body="Hello")
    await two.command("feed.delete", item=posted["item"]["id"])
    await two.command("chat.direct", user=one.id)
    await one.command("notification.read", all=True)
    await two.command("enrollment.leave", course=ident)
    await until(partial(_freed, live, topics.course(ident)))
    await live.settled()
    await live.services.read_marks.behind.flush()


async def _freed(live: Live, topic: str) -> bool:
    rows = await events.since(live.services.db, topic, 0, 1_000)
    return any(isinstance(row.data, SeatsFreed) for row in rows)


@pytest.fixture
def soon_free(start: Start) -> Live:
    """A seat that is left is held for a second."""
    return start(undo_s=1)


async def documents(live: Live) -> dict[str, list[Any]]:
    found = {}
    for name in await live.services.db.list_collection_names():
        if name not in ("events", "wake", "sessions", "search_state"):
            rows = await live.services.db[name].find({}).to_list(None)
            found[name] = sorted(rows, key=lambda row: str(row["_id"]))
    return found


async def every_row(live: Live) -> list[Row]:
    rows = [events.row_of(each) for each in await live.services.db.events.find({}).to_list(None)]
    return sorted(rows, key=lambda row: (row.topic, row.seq))


async def test_a_row_applied_again_changes_no_document(soon_free: Live) -> None:
    live = soon_free
    await busy_course(live)
    rows, before = await every_row(live), await documents(live)
    not_played = {
        *(("course", CourseWithdrawn), ("accounts", AccountChanged)),
        *(("user", FeedPosted), ("user", FeedDeleted)),
    }
    assert (
        set(PROJECTIONS)
        == {place for row in rows if (place := (row.kind, type(row.data))) in PROJECTIONS}
        | not_played
    )
    await projections.apply(live.services.db, rows)
    await projections.apply(live.services.db, rows)
    for row in rows[::-1]:
        await projections.apply(live.services.db, [row])
    assert await documents(live) == before


async def test_reactions_that_were_cut_are_mended_before_the_node_serves(
    live: Live, config: Config
) -> None:
    teacher, student = await live.teacher(), await live.student()
    course = await teacher.make_course(capacity=9)
    await live.settled()
    cut = enrolled(course, student, 1)
    seq = (await live.services.log.head(cut.topic)).seq + 1
    await events.insert(live.services.db, [row_of_another(cut, seq, 0)])
    assert [row.data for row in await events.unreacted(live.services.db, 10)] == [cut.data]

    async with served(config) as second:
        assert await events.unreacted(second.services.db, 10) == []
        assert (await courses.find(second.services.db, course["id"])).enrolled == 1
        student.live = second
        told = await student.command("notification.list")
        assert [notice["kind"] for notice in told["notices"]] == ["enrollment.own"]
        shown = await student.command("feed.list", scope="course", id=course["id"])
        assert [item["kind"] for item in shown["items"]] == ["enrollment"]


async def test_a_reaction_done_twice_makes_one_notice(live: Live) -> None:
    teacher, student = await live.teacher(), await live.student()
    course = await teacher.make_course()
    await student.enroll(course)
    await live.settled()
    before = await live.services.db.events.find({}).to_list(None)
    of_course = {"topic": topics.course(course["id"])}
    await live.services.db.events.update_many(of_course, {"$set": {"reacted": False}})
    await live.node.reactor.mend()
    after = await live.services.db.events.find({}).to_list(None)
    assert len(after) == len(before)


@pytest.fixture
def quick_wake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "WAKE_S", 0.02)


async def test_what_another_process_writes_shows_live_and_is_reacted_to(
    quick_wake: None, live: Live, config: Config
) -> None:
    teacher, student = await live.teacher(), await live.student()
    course = await teacher.make_course(capacity=3)
    await live.settled()
    at_desk = await teacher.connect()
    act = new_act(as_user(student), "enroll", [course["id"]])
    async with open_services(config, serving=False) as command:
        row = await enroll_student(command, act, course["id"])
    push = await at_desk.expect("enrollment.enrolled", topic=row.topic)
    assert push["seq"] == row.seq
    notice = (await at_desk.expect("notification.created"))["data"]["notice"]
    assert notice["kind"] == "enrollment.new"
