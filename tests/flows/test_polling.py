"""Long polls, where the network lets no WebSocket through: the same events, the same rights."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from elearn.services import Services
from elearn.ws.commands.connection import missed
from elearn.ws.limits import Limits
from tests.live import CommandRefused, Json, Live, Person, until
from tests.polls import Line, waiting

LIMITS = Limits(poll_linger_s=0.0)
Start = Callable[..., Live]


@pytest.fixture
def live(start: Start) -> Live:
    return start(LIMITS)


@pytest.fixture
def narrow(start: Start) -> Live:
    """One connection a person."""
    return start(LIMITS, sockets_per_user=1)


async def scene(live: Live) -> tuple[Person, Person, str]:
    teacher, ana = await live.teacher("Marta"), await live.student("Ana")
    course = await teacher.make_course()
    await ana.enroll(course)
    await live.settled()
    return teacher, ana, course["id"]


def test_a_poll_lasts_25_seconds_at_most() -> None:
    assert Limits().poll_s == 25


async def test_without_cursors_it_tells_ones_own_topics_and_how_far_they_are(live: Live) -> None:
    _, ana, course = await scene(live)
    hello = (await ana.connect()).hello
    found = await ana.api("GET", "/api/poll")
    assert found["cursors"] == hello["topics"]
    assert f"course:{course}" in found["cursors"]
    assert (found["epoch"], found["user"]) == (hello["epoch"], hello["user"])
    assert found["events"] == []


async def test_a_waiting_poll_is_answered_as_soon_as_something_happens(live: Live) -> None:
    teacher, ana, room = await scene(live)
    topic = f"room:{room}"
    line = await Line(ana).begin()
    await line.listen(topic)
    socket = await ana.connect()
    await socket.join(topic)
    poll = asyncio.ensure_future(line.poll())
    await waiting(live, topic, 2)
    assert not poll.done()
    said = await teacher.command("chat.post", room=room, body="hello")
    answer = await poll
    posted = next(push for push in answer["events"] if push["push"] == "chat.posted")
    assert posted == await socket.expect("chat.posted")
    assert answer["cursors"][topic] == said["message"]["seq"] == posted["seq"]
    assert answer["topics"] == {}
    await waiting(live, topic, 1)


async def test_what_was_missed_between_two_polls_is_answered_at_once_and_once(live: Live) -> None:
    teacher, ana, room = await scene(live)
    line = await Line(ana).begin()
    await line.listen(f"room:{room}")
    for number in range(5):
        await teacher.command("chat.post", room=room, body=f"line {number}")
    await live.settled()
    await line.poll()
    bodies = [p["data"]["message"]["body"] for p in line.events if p["push"] == "chat.posted"]
    assert bodies == [f"line {number}" for number in range(5)]
    socket = await ana.connect()
    await socket.join(f"room:{room}")
    assert (await line.poll("&wait=0"))["events"] == []


async def test_nothing_new_is_an_empty_answer_with_the_same_cursors(live: Live) -> None:
    _, ana, room = await scene(live)
    line = await Line(ana).begin()
    await line.listen(f"room:{room}")
    before = dict(line.cursors)
    answer = await line.poll("&wait=0")
    assert (answer["events"], answer["cursors"]) == ([], before)


async def test_typing_and_presence_come_over_a_poll_too(live: Live) -> None:
    live.services.presence.interval_s = 0.01
    teacher, ana, room = await scene(live)
    topic = f"room:{room}"
    line = await Line(ana).begin()
    await line.listen(topic)
    came = asyncio.ensure_future(line.poll_until("presence.changed", count=2))
    await waiting(live, topic)
    desk = await teacher.connect()
    await desk.join(topic)
    assert "Marta" in {user["name"] for user in (await came)["data"]["joined"]}
    typing = asyncio.ensure_future(line.poll_until("chat.typing", on=True))
    await waiting(live, topic, 2)
    await desk.do("chat.typing", room=room, on=True)
    assert (await typing)["data"]["user"]["id"] == teacher.id


async def test_whoever_polls_is_here_and_gone_when_the_polls_end(live: Live) -> None:
    teacher, ana, room = await scene(live)
    topic = f"room:{room}"
    desk = await teacher.connect()

    async def names() -> set[str]:
        users = (await desk.do("presence.list", topic=topic))["users"]
        return {user["name"] for user in users}

    line = await Line(ana).begin()
    await line.listen(topic)
    poll = asyncio.ensure_future(line.poll("&wait=20"))
    await waiting(live, topic)
    assert await names() == {"Ana"}
    await teacher.command("chat.post", room=room, body="hello")
    await poll

    async def nobody() -> bool:
        return await names() == set()

    await until(nobody)


async def test_a_topic_one_may_not_have_is_an_error_in_its_place(live: Live) -> None:
    teacher, ana, room = await scene(live)
    eve = await live.student("Eve")
    line = await Line(eve).begin()
    line.cursors |= {f"room:{room}": 0, f"user:{ana.id}": 0, "room:none": 0, "catalog": 0}
    await teacher.command("chat.post", room=room, body="not for Eve")
    answer = await line.poll("&wait=0")
    codes = {topic: said["error"]["code"] for topic, said in answer["topics"].items()}
    assert codes == {
        f"room:{room}": "not_a_member",
        f"user:{ana.id}": "forbidden",
        "room:none": "invalid_field",
    }
    assert set(answer["cursors"]) == {f"user:{eve.id}", "catalog"}
    assert {event["topic"] for event in answer["events"]} <= {"catalog"}
    assert "not for Eve" not in json.dumps(answer)


async def test_losing_the_course_ends_the_poll_and_nothing_of_it_comes_after(live: Live) -> None:
    teacher, ana, room = await scene(live)
    topic = f"room:{room}"
    line = await Line(ana).begin()
    await line.listen(topic)
    poll = asyncio.ensure_future(line.poll())
    await waiting(live, topic)
    await ana.command("enrollment.leave", course=room)
    answer = await poll
    while topic in line.cursors:  # that somebody left may be heard before one's own loss
        answer = await line.poll()
    assert answer["topics"][topic]["error"]["code"] == "not_a_member"
    assert set(answer["cursors"]) == {f"user:{ana.id}"}
    await teacher.command("chat.post", room=room, body="after Ana had left")
    line.cursors[topic] = 0
    assert "after Ana" not in json.dumps(await line.poll())


async def test_a_course_that_one_gains_is_added_with_its_position(live: Live) -> None:
    _, _, course = await scene(live)
    eve = await live.student("Eve")
    line = await Line(eve).begin()
    poll = asyncio.ensure_future(line.poll())
    await waiting(live, f"user:{eve.id}")
    await eve.enroll(course)
    answer = await poll
    assert f"course:{course}" in answer["cursors"]


async def test_an_ended_session_ends_its_polls(live: Live) -> None:
    _, ana, _ = await scene(live)
    line = await Line(ana).begin()
    poll = asyncio.ensure_future(line.poll())
    await waiting(live, f"user:{ana.id}")
    await ana.api("DELETE", "/api/sessions/current")
    with pytest.raises(CommandRefused) as refused:
        await poll
    assert refused.value.status == 401


async def test_a_cursor_of_another_life_of_the_store_is_not_recovered(live: Live) -> None:
    _, ana, room = await scene(live)
    line = await Line(ana).begin()
    topic = f"room:{room}"
    await line.listen(topic)
    newest = line.cursors[topic]
    for epoch, cursor in (("another", newest), (line.epoch, newest + 7)):
        line.epoch, line.cursors = epoch, {topic: cursor}
        answer = await line.poll()
        assert answer["topics"] == {topic: {"recovered": False}}
        assert answer["cursors"] == {topic: newest}
        line.epoch = answer["epoch"]


async def test_an_answer_is_bounded_and_the_next_one_goes_on(live: Live) -> None:
    teacher, ana, room = await scene(live)
    topic = f"room:{room}"
    line = await Line(ana).begin()
    await line.listen(topic)
    body = "ä" * 4_000
    sent = [await teacher.command("chat.post", room=room, body=body) for _ in range(40)]
    sizes = []
    while line.cursors[topic] < sent[-1]["message"]["seq"]:
        answer = await line.poll("&wait=0")
        sizes.append(len(json.dumps(answer["events"], ensure_ascii=False).encode()))
    assert len(sizes) > 1
    assert max(sizes) <= 256 * 1024
    assert len([push for push in line.events if push["push"] == "chat.posted"]) == 40


@pytest.mark.parametrize(
    "query",
    ["cursors=[1]", "cursors={", "cursors={}x", 'cursors={"a":-1}', 'cursors={"a":"1"}', "wait=x"],
)
async def test_cursors_that_are_none_are_refused(live: Live, query: str) -> None:
    ana = await live.student()
    given = query if query.startswith("cursors") else f'cursors={{"user:{ana.id}":0}}&{query}'
    name, _, value = given.partition("=")
    path = f"/api/poll?epoch=e&{name}={quote(value, safe='&=')}"
    answer = await live.request("GET", path, token=ana.token)
    assert answer.code == 422, answer.body
    assert json.loads(answer.body)["error"]["field"] in ("cursors", "cursors[...]", "wait")


async def test_cursors_need_their_epoch(live: Live) -> None:
    ana = await live.student()
    cursors = quote(json.dumps({f"user:{ana.id}": 0}))
    answer = await live.request("GET", f"/api/poll?cursors={cursors}", token=ana.token)
    assert json.loads(answer.body)["error"]["field"] == "epoch"


async def test_polls_end_when_the_server_does_and_when_there_are_too_many(narrow: Live) -> None:
    _, ana, _ = await scene(narrow)
    line = await Line(ana).begin()
    polls = [asyncio.ensure_future(line.poll())]
    await waiting(narrow, f"user:{ana.id}")
    polls.append(asyncio.ensure_future(line.poll()))
    with pytest.raises(CommandRefused) as refused:
        await polls[0]
    assert refused.value.code == "limit_exceeded"
    await waiting(narrow, f"user:{ana.id}")
    await narrow.node.connections.drain()
    with pytest.raises(CommandRefused) as refused:
        await polls[1]
    assert refused.value.code == "shutting_down"
    assert len(narrow.node.connections) == 0


async def test_a_client_that_goes_away_leaves_nothing_behind(live: Live) -> None:
    _, ana, _ = await scene(live)
    line = await Line(ana).begin()
    host, port = live.base.split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    path = f"/api/poll?epoch={line.epoch}&cursors={quote(json.dumps(line.cursors))}"
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ana.token}\r\n\r\n".encode()
    )
    await waiting(live, f"user:{ana.id}")
    writer.close()
    await until(lambda: len(live.node.connections) == 0)
    assert not live.services.hub.listens(f"user:{ana.id}")


async def test_what_comes_while_the_backlog_is_read_is_told_once(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher, ana, room = await scene(live)
    line = await Line(ana).begin()
    await line.listen(f"room:{room}")
    await teacher.command("chat.post", room=room, body="one")

    async def read_late(services: Services, topic: str, *how: Any) -> Json:
        if topic == f"room:{room}":
            await teacher.command("chat.post", room=room, body="two")
        return await missed(services, topic, *how)

    monkeypatch.setattr("elearn.ws.poll.missed", read_late)
    await line.poll("&wait=0")
    monkeypatch.undo()
    await line.poll("&wait=0")
    bodies = [p["data"]["message"]["body"] for p in line.events if p["push"] == "chat.posted"]
    assert bodies == ["one", "two"]


async def test_a_visitor_polls_the_catalogue_and_nothing_else(live: Live) -> None:
    teacher, _, course = await scene(live)
    hello = await live.api("GET", "/api/poll")
    assert (hello["user"], hello["cursors"]) == (None, {})
    asked = {"catalog": 0, f"course:{course}": 0, f"user:{teacher.id}": 0, f"room:{course}": 0}
    path = f"/api/poll?epoch={hello['epoch']}&cursors="
    answer = await live.api("GET", path + quote(json.dumps(asked)))
    assert list(answer["cursors"]) == ["catalog"]
    assert {event["topic"] for event in answer["events"]} == {"catalog"}
    refused = {topic: said["error"]["code"] for topic, said in answer["topics"].items()}
    assert refused == dict.fromkeys(asked.keys() - {"catalog"}, "unauthenticated")

    held = asyncio.ensure_future(live.api("GET", path + quote(json.dumps(answer["cursors"]))))
    await waiting(live, "catalog")
    await teacher.make_course("Biology")
    told = (await held)["events"]
    assert [event["push"] for event in told] == ["course.created"]
    await waiting(live, "catalog", 0)
