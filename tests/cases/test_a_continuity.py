"""A: nothing lost, nothing twice, nothing more than the seats there are."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from elearn.config import Config
from elearn.log import replay
from elearn.models import events
from elearn.wire import budgets, protocol, topics
from tests.conftest import Start, served
from tests.live import CommandRefused, Live, LiveClient, Person
from tests.logbook import saying

MISSED = protocol.REPLAY_EVENTS


async def a_room(live: Live) -> tuple[Person, str]:
    teacher = await live.teacher()
    return teacher, (await teacher.make_course())["id"]


async def texts(person: Person, room: str) -> list[str]:
    history = await person.command("chat.history", room=room, limit=100)
    return [message["body"] for message in history["messages"]]


@pytest.mark.parametrize("how", ["subscribe", "sync"])
async def test_what_a_command_began_to_listen_to_ends_when_it_fails_as_a_whole(
    live: Live, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    teacher, room = await a_room(live)
    topic = topics.room(room)
    await teacher.command("chat.post", room=room, body="Before it went away")
    client = await teacher.connect()
    asked: dict[str, Any] = {"epoch": live.services.epoch}
    asked |= {"cursors": {topic: 0}} if how == "sync" else {"topic": topic, "cursor": 0}

    async def away(*args: Any) -> None:
        assert live.services.hub.listens(topic)
        raise AutoReconnect

    monkeypatch.setattr(replay, "as_now", away)
    assert await client.refused(how, **asked) == "unavailable"
    assert not live.services.hub.listens(topic)
    monkeypatch.undo()
    await client.do(how, **asked)
    assert live.services.hub.listens(topic)


async def test_a4_a_message_sent_again_after_the_socket_died_is_the_one_message(
    live: Live, config: Config, tmp_path: Path
) -> None:
    teacher, room = await a_room(live)
    first, listener = await teacher.connect(), await teacher.connect()
    await listener.join(topics.room(room))
    await first.send("chat.post", key="once", room=room, body="Is it on?")
    first.cut()
    again = [await teacher.connect() for _ in range(4)]
    asked = [client.ask("chat.post", key="once", room=room, body="Is it on?") for client in again]
    async with served(config, data_dir=tmp_path / "two") as second:
        elsewhere = Person.__new__(Person)
        elsewhere.__dict__ = {**teacher.__dict__, "live": second}
        others = [await elsewhere.connect() for _ in range(4)]
        asked += [
            client.ask("chat.post", key="once", room=room, body="Is it on?")
            for client in others
            for _ in range(4)
        ]
        replies = await asyncio.gather(*asked)
    messages = [reply["result"]["message"] for reply in replies]
    assert len({(message["id"], message["seq"]) for message in messages}) == 1
    assert sum("duplicate" not in reply for reply in replies) <= 1
    assert await texts(teacher, room) == ["Is it on?"]
    # Nodes without a Redis do not tell each other what they wrote.
    await live.services.log.other_nodes.look_for_others()
    await listener.expect("chat.posted")
    await listener.expect_nothing("chat.posted")


async def test_a4_a_repeat_is_flagged(live: Live) -> None:
    teacher, room = await a_room(live)
    client = await teacher.connect()
    first = await client.ask("chat.post", key="k", room=room, body="x")
    again = await client.ask("chat.post", key="k", room=room, body="x")
    assert ("duplicate" in first, again["duplicate"]) == (False, True)
    assert again["result"] == first["result"]


async def test_a5_a_key_with_another_text_is_a_conflict_and_the_first_text_stays(
    live: Live,
) -> None:
    teacher, room = await a_room(live)
    client = await teacher.connect()
    await client.do("chat.post", key="k", room=room, body="first")
    with pytest.raises(CommandRefused) as refusal:
        await client.do("chat.post", key="k", room=room, body="second")
    assert (refusal.value.code, refusal.value.status) == ("idempotency_conflict", 409)
    assert await texts(teacher, room) == ["first"]


@pytest.fixture
def resuming(live: Live, io_loop: Any) -> "Resuming":
    """A room with more than a resume may carry, and someone who comes back to it."""

    async def make() -> Resuming:
        teacher, room = await a_room(live)
        topic = topics.room(room)
        await live.services.log.append_all([saying(topic, str(i)) for i in range(MISSED + 5)])
        client = await teacher.connect()
        top = (await live.services.log.head(topic)).visible
        return Resuming(client, topic, top, client.hello["epoch"])

    made: Resuming = io_loop.run_sync(make)
    return made


class Resuming:
    def __init__(self, client: LiveClient, topic: str, top: int, epoch: str) -> None:
        self.client, self.topic, self.top, self.epoch = client, topic, top, epoch

    async def subscribe(self, cursor: Any) -> dict[str, Any]:
        return await self.client.join(self.topic, cursor=cursor, epoch=self.epoch)

    async def sync(self, cursor: Any) -> dict[str, Any]:
        cursors = {self.topic: cursor}
        result = await self.client.do("sync", epoch=self.epoch, cursors=cursors)
        answer: dict[str, Any] = result["topics"][self.topic]
        return answer


@pytest.mark.parametrize("how", ["subscribe", "sync"])
@pytest.mark.parametrize("missed", [0, 1, 150, MISSED - 1, MISSED])
async def test_a6_what_was_missed_in_the_window_comes_whole(
    resuming: Resuming, how: str, missed: int
) -> None:
    cursor = resuming.top - missed
    answer = await getattr(resuming, how)(cursor)
    got = answer["events"]
    while answer.get("more"):
        answer = await getattr(resuming, how)(answer["cursor"])
        got += answer["events"]
    assert answer["recovered"] is True
    assert answer["cursor"] == resuming.top
    assert [event["seq"] for event in got] == list(range(cursor + 1, resuming.top + 1))


@pytest.mark.parametrize("how", ["subscribe", "sync"])
@pytest.mark.parametrize("place", ["one too old", "the beginning", "ahead", "far ahead"])
async def test_a6_what_cannot_be_told_whole_is_not_told_in_part(
    resuming: Resuming, how: str, place: str
) -> None:
    cursor = {
        "one too old": resuming.top - MISSED - 1,
        "the beginning": 0,
        "ahead": resuming.top + 1,
        "far ahead": 2**53 - 1,
    }[place]
    answer = await getattr(resuming, how)(cursor)
    assert answer == {"cursor": resuming.top, "recovered": False, "events": []}
    said = await resuming.client.say(resuming.topic.removeprefix("room:"), "and on it goes")
    assert (await resuming.client.expect("chat.posted"))["seq"] == said["seq"]


async def test_a6_a_position_of_another_life_of_the_store_is_not_one(resuming: Resuming) -> None:
    resuming.epoch = "another"
    for answer in (await resuming.subscribe(resuming.top), await resuming.sync(resuming.top)):
        assert answer == {"cursor": resuming.top, "recovered": False, "events": []}


@pytest.mark.parametrize("cursor", [-1, 2**53, 10**19, 1.5, "7", "x", True, [1], {"$gt": 0}])
async def test_a6_a_position_that_is_none_is_refused(resuming: Resuming, cursor: Any) -> None:
    for ask in (resuming.subscribe, resuming.sync):
        with pytest.raises(CommandRefused) as refusal:
            await ask(cursor)
        assert refusal.value.status in (400, 422)
        assert refusal.value.code in ("invalid_field", "invalid_type", "bad_request")
    await resuming.client.expect_nothing("chat.posted")


async def test_a6_a_position_needs_its_epoch(resuming: Resuming) -> None:
    with pytest.raises(CommandRefused) as refusal:
        await resuming.client.join(resuming.topic, cursor=1)
    assert (refusal.value.status, refusal.value.error["field"]) == (422, "epoch")


async def test_a6_a_resume_elsewhere_is_answered_like_a_fresh_join(resuming: Resuming) -> None:
    assert resuming.client.person is not None
    stranger = await (await resuming.client.person.live.student()).connect()
    unknown = "f" * 24
    for topic, code in [
        (resuming.topic, "not_a_member"),
        (f"room:{unknown}", "not_found"),
        (f"course:{unknown}", "not_found"),
        (f"user:{unknown}", "forbidden"),
        ("room:x", "invalid_field"),
    ]:
        assert await stranger.refused("subscribe", topic=topic) == code
        resumed = {"topic": topic, "cursor": 1, "epoch": resuming.epoch}
        assert await stranger.refused("subscribe", **resumed) == code
        answer = await stranger.do("sync", epoch=resuming.epoch, cursors={topic: 1})
        assert answer["topics"][topic]["error"]["code"] == code
    await resuming.client.say(resuming.topic.removeprefix("room:"), "for members")
    await stranger.expect_nothing("chat.posted")


async def test_a6_nothing_from_before_one_came_is_told(live: Live) -> None:
    teacher, student = await live.teacher(), await live.student()
    course = await teacher.make_course()
    await teacher.command("feed.post", course=course["id"], body="before")
    since = (await student.enroll(course))["enrollment"]["since"]
    client, topic = await student.connect(), f"course:{course['id']}"
    epoch = client.hello["epoch"]
    early = await client.join(topic, cursor=since - 1, epoch=epoch)
    assert (early["recovered"], early["events"]) == (False, [])
    own = await client.join(topic, cursor=since, epoch=epoch)
    assert own["recovered"]
    assert own["events"][0]["push"] == "enrollment.enrolled"


async def test_a6_a_backlog_of_long_texts_comes_in_pieces_without_a_gap(live: Live) -> None:
    teacher, room = await a_room(live)
    topic = topics.room(room)
    await live.services.log.append_all([saying(topic, "x" * 4_000) for _ in range(80)])
    client = await teacher.connect()
    got, cursor, answers = [], 0, 0
    while True:
        answer = await client.join(topic, cursor=cursor, epoch=client.hello["epoch"])
        assert len(protocol.encode(answer)) <= budgets.REPLY_BYTES + 4_096
        got += [event["seq"] for event in answer["events"]]
        cursor, answers = answer["cursor"], answers + 1
        if not answer.get("more"):
            break
    assert answers > 1
    assert got == list(range(1, 81))


@pytest.fixture
def at_once(start: Start) -> Live:
    """A seat is free when it is left: else it is held as long as leaving can be undone."""
    return start(undo_s=0)


async def test_a12_the_last_seat_is_taken_once_and_once_again(at_once: Live) -> None:
    live, teacher = at_once, await at_once.teacher()
    course = await teacher.make_course(capacity=1)
    people = await asyncio.gather(*(live.student() for _ in range(50)))

    async def outcome(person: Person) -> str:
        try:
            await person.enroll(course)
        except CommandRefused as error:
            return f"{error.status} {error.code}"
        return person.id

    def winner_of(outcomes: list[str]) -> Person:
        assert outcomes.count("409 course_full") == 49, Counter(outcomes)
        return next(person for person in people if person.id in outcomes)

    first = winner_of(await asyncio.gather(*map(outcome, people)))
    await first.command("enrollment.leave", course=course["id"])
    second = winner_of(await asyncio.gather(*map(outcome, people)))
    await live.settled()
    rows = await events.since(live.services.db, f"course:{course['id']}", 0, 1_000)
    told = [
        (row.event, row.data.user.id, row.data.seats_left)
        for row in rows
        if row.event.startswith("enrollment.")
    ]
    assert told == [
        ("enrollment.enrolled", first.id, 0),
        ("enrollment.left", first.id, 1),
        ("enrollment.enrolled", second.id, 0),
    ]
    now = (await teacher.api("GET", f"/api/courses/{course['id']}"))["course"]
    assert (now["enrolled"], now["seats_left"]) == (1, 0)
    people_now = await teacher.command("enrollment.list", course=course["id"])
    assert [one["user"]["id"] for one in people_now["enrollments"]] == [second.id]
