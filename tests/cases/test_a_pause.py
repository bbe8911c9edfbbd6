"""A7: something happens while a page is made, or before its script listens. What the page showed,
plus what came after it, equals what a fresh page shows: on each of the seven channels."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from elearn.handlers.pagemaker import PageMaker
from tests.live import Json, Live, LiveClient, Person

STATE = re.compile(r'<script[^>]*id="state"[^>]*>(.*?)</script>', re.S)


@dataclass
class Scene:
    """A course with a teacher in it, and a reader whose page is watched."""

    live: Live
    teacher: Person
    reader: Person
    course: str

    async def page(self, path: str) -> Json:
        """The state that a page's script starts from."""
        answer = await self.live.request(
            "GET", path, token=self.reader.token, headers={"Accept": "text/html"}
        )
        assert answer.code == 200, path
        found = STATE.search(answer.body.decode())
        assert found, path
        state: Json = json.loads(found[1])
        return state


@dataclass(frozen=True)
class Channel:
    """`shown` picks of a page's state what the channel moves; `heard` makes the same of a push."""

    path: str
    act: Callable[[Scene], Awaitable[Any]]
    shown: Callable[[Json], dict[str, Any]]
    heard: Callable[[Json], dict[str, Any]]


def rows_of(name: str, *fields: str) -> Callable[[Json], dict[str, Any]]:
    return lambda state: {row["id"]: [row[field] for field in fields] for row in state[name]}


def row_in(event: str, noun: str, *fields: str) -> Callable[[Json], dict[str, Any]]:
    def heard(push: Json) -> dict[str, Any]:
        if push["push"] != event:
            return {}
        row = push["data"][noun]
        return {row["id"]: [row[field] for field in fields]}

    return heard


def seats(push: Json) -> dict[str, Any]:
    data = push["data"]
    if push["push"] not in ("enrollment.enrolled", "enrollment.left"):
        return {}
    return {"enrolled": data["enrolled"], "seats_left": data["seats_left"]}


async def write_to_the_reader(scene: Scene) -> None:
    room = await scene.teacher.command("chat.direct", user=scene.reader.id)
    await scene.teacher.command("chat.post", room=room["room"]["id"], body="A word?")
    await scene.live.settled()


async def make_a_course(scene: Scene) -> None:
    await scene.teacher.make_course("Topology")
    await scene.live.search_follows()


async def enrol_another(scene: Scene) -> None:
    await (await scene.live.student()).enroll(scene.course)


def by_teacher(cmd: str, **args: Any) -> Callable[[Scene], Awaitable[Any]]:
    async def act(scene: Scene) -> None:
        place = {"room" if cmd == "chat.post" else "course": scene.course}
        await scene.teacher.command(cmd, **place, **args)
        await scene.live.settled()

    return act


MESSAGE = ("seq", "author", "body", "html", "created_at", "deleted_at")
UPDATE = ("title", "html", "kind", "author", "published_at", "url")
ITEM = ("kind", "title", "html", "actor", "at", "url")
NOTICE = ("topic", "seq", "kind", "title", "body", "url", "at")
CHANNELS = {
    "chat": Channel(
        "/rooms/{course}",
        by_teacher("chat.post", body="Is it **on**?"),
        rows_of("messages", *MESSAGE),
        row_in("chat.posted", "message", *MESSAGE),
    ),
    "notifications": Channel(
        "/notifications",
        write_to_the_reader,
        rows_of("notices", *NOTICE),
        row_in("notification.created", "notice", *NOTICE),
    ),
    "updates": Channel(
        "/courses/{course}/updates",
        by_teacher("update.publish", kind="change", title="Room", body="B12"),
        rows_of("updates", *UPDATE),
        row_in("update.published", "update", *UPDATE),
    ),
    "feed": Channel(
        "/courses/{course}/feed",
        by_teacher("feed.post", body="Well *done*"),
        rows_of("items", *ITEM),
        row_in("feed.posted", "item", *ITEM),
    ),
    "enrolment": Channel(
        "/courses/{course}",
        enrol_another,
        lambda state: {name: state["course"][name] for name in ("enrolled", "seats_left")},
        seats,
    ),
    "search": Channel(
        "/courses",
        make_a_course,
        rows_of("courses", "title", "seats_left"),
        row_in("course.created", "course", "title", "seats_left"),
    ),
    "rooms": Channel(
        "/courses/{course}/rooms",
        by_teacher("room.create", name="problem set 4"),
        rows_of("rooms", "name", "kind", "archived", "url"),
        row_in("room.created", "room", "name", "kind", "archived", "url"),
    ),
}


@pytest.fixture
def scene(live: Live, io_loop: Any) -> Scene:
    async def make() -> Scene:
        teacher, reader = await live.teacher("Marta Olsen"), await live.student("Jun Li")
        course = await teacher.make_course("Biochemistry", capacity=9)
        await reader.enroll(course)
        await live.search_follows()
        return Scene(live, teacher, reader, course["id"])

    made: Scene = io_loop.run_sync(make)
    return made


class Pause:
    """Lets something happen once, in the middle of a call: before it or after it."""

    def __init__(self, call: Any, happens: Callable[[], Awaitable[Any]], when: str) -> None:
        self._call, self._happens, self._when = call, happens, when
        self.over = False

    async def _let_it_happen(self, when: str) -> None:
        if self._when == when and not self.over:
            self.over = True
            await self._happens()

    def method(self) -> Any:
        async def paused(*args: Any) -> Any:
            await self._let_it_happen("before")
            answer = await self._call(*args)
            await self._let_it_happen("after")
            return answer

        return paused


async def followed(client: LiveClient, state: Json) -> list[Json]:
    """What a script does with a page's state: sync, then what was pushed, each event once."""
    result = await client.do("sync", epoch=state["epoch"], cursors=state["cursors"])
    await client.do("ping")
    answers = result["topics"]
    assert all(answer.get("recovered") for answer in answers.values()), answers
    pushes = [push for answer in answers.values() for push in answer["events"]]
    pushes += [push for push in client.pushes if "seq" in push]
    places = {(push["topic"], push["seq"]): push for push in pushes}
    return [
        push
        for (topic, seq), push in sorted(places.items(), key=lambda one: one[0])
        if seq > state["cursors"].get(topic, 0)
    ]


def moved(channel: Channel, state: Json, pushes: list[Json]) -> dict[str, Any]:
    shown = channel.shown(state)
    for push in pushes:
        shown.update(channel.heard(push))
    return shown


@pytest.mark.parametrize("name", CHANNELS)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a7_what_happens_while_a_page_is_made_is_on_it_or_comes_after_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, name: str, when: str
) -> None:
    channel = CHANNELS[name]
    path = channel.path.format(course=scene.course)
    pause = Pause(PageMaker.positions, lambda: channel.act(scene), when)
    monkeypatch.setattr(PageMaker, "positions", pause.method())
    state = await scene.page(path)
    assert pause.over
    client = await scene.reader.connect()
    pushes = await followed(client, state)
    assert moved(channel, state, pushes) == channel.shown(await scene.page(path))


@pytest.mark.parametrize("name", CHANNELS)
@pytest.mark.parametrize("when", ["sooner", "before", "after"])
async def test_a7_what_happens_between_reading_and_listening_comes_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, name: str, when: str
) -> None:
    channel = CHANNELS[name]
    path = channel.path.format(course=scene.course)
    state = await scene.page(path)
    before = channel.shown(state)
    if when == "sooner":
        await channel.act(scene)
        client = await scene.reader.connect()
    else:
        client = await scene.reader.connect()
        log = scene.live.services.log
        pause = Pause(log.watch, lambda: channel.act(scene), when)
        monkeypatch.setattr(log, "watch", pause.method())
    pushes = await followed(client, state)
    after = moved(channel, state, pushes)
    assert after != before
    assert after == channel.shown(await scene.page(path))
