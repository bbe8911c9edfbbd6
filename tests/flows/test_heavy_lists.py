"""Lists of what is as heavy as the product allows: no reply closes its reader, each goes on to its
end, and what everybody hears is light."""

import json
from typing import Any

import pytest

from elearn.wire import budgets
from tests.browsing import page_state
from tests.live import Json, Live, LiveClient, Person
from tests.structure.test_commands import TABLE

WIDE = "数" * 19_600
AMPERSANDS = "&" * 2_000
LONG = ("& " * 2_000)[:3_900]
NAME = "𝔸" * 80
TITLE = "𝕋" * 200

# Each list of the product: what it answers, and how it goes on.
LISTS: dict[str, tuple[str, Json]] = {
    "update.list": ("updates", {"limit": 100}),
    "feed.list": ("items", {"scope": "course", "limit": 100}),
    "room.list": ("rooms", {}),
    "room.members": ("members", {"limit": 100}),
    "enrollment.list": ("enrollments", {"limit": 100}),
    "notification.list": ("notices", {"limit": 100}),
}
# They go on by other names, or hold a bounded number of light things.
OTHERS = {"presence.list"}


def test_every_list_command_is_walked_here() -> None:
    assert {name for name in TABLE if name.endswith((".list", ".members"))} == (
        LISTS.keys() | OTHERS
    )


async def heavy_course(live: Live) -> tuple[Person, Person, str]:
    teacher, ana = await live.teacher(NAME), await live.student(NAME)
    course = (await teacher.make_course(TITLE))["id"]
    await ana.enroll(course)
    for _ in range(24):
        await ana.command("feed.post", course=course, body=AMPERSANDS)
    for number in range(6):
        await (await live.student(NAME)).enroll(course)
        body = {"name": f"{number}" + "𝕣" * 70, "description": "𝕕" * 300, "kind": "open"}
        room = (await teacher.command("room.create", course=course, **body))["room"]["id"]
        await ana.command("room.join", room=room)
        await teacher.command("chat.post", room=room, body=LONG)
    for _ in range(6):
        given = {"kind": "announcement", "title": TITLE, "body": WIDE}
        await teacher.command("update.publish", course=course, **given)
    await live.settled()
    return teacher, ana, course


async def walked(client: LiveClient, cmd: str, course: str) -> list[list[Json]]:
    """All pages of a list; each reply fits."""
    key, args = LISTS[cmd]
    where: dict[str, Any] = {"feed.list": {"id": course}, "room.members": {"room": course}}.get(
        cmd, {} if cmd == "notification.list" else {"course": course}
    )
    pages: list[list[Json]] = []
    before: Json = {}
    while True:
        reply = await client.ask(cmd, **args, **where, **before)
        assert len(json.dumps(reply, ensure_ascii=False).encode()) <= budgets.REPLY_BYTES, cmd
        pages.append(reply["result"][key])
        if reply["result"]["next"] is None:
            return pages
        assert pages[-1], f"{cmd} does not go on"
        before = {"before": reply["result"]["next"]}


def idents(pages: list[list[Json]]) -> list[str]:
    found = [row for page in pages for row in page]
    return [row["id"] if "id" in row else row["user"]["id"] for row in found]


async def test_every_list_is_read_to_its_end_by_a_reader_that_stays(live: Live) -> None:
    teacher, ana, course = await heavy_course(live)
    phone = await ana.connect()
    most = {"update.list": 6, "feed.list": 24, "room.list": 7, "room.members": 8}
    for cmd in LISTS:
        pages = await walked(phone, cmd, course)
        assert len(set(idents(pages))) == len(idents(pages)) >= most.get(cmd, 1), cmd
    assert len(await walked(phone, "update.list", course)) > 1
    history = await phone.do("chat.history", room=course, limit=100)
    assert history["messages"] == []
    assert not phone.closed
    for path in ("", "/updates", "/rooms", "/feed", "/people"):
        state = await page_state(ana, f"/courses/{course}{path}")
        for name in ("updates", "items", "rooms", "people"):
            weight = len(json.dumps(state[name], ensure_ascii=False).encode())
            assert weight <= budgets.REPLY_BYTES, (path, name)
    assert (await page_state(teacher, "/"))["items"]


async def test_what_was_said_is_a_line_in_a_list_and_nothing_for_those_who_may_not_read(
    live: Live,
) -> None:
    teacher, ana, course = await live.teacher(), await live.student(), None
    course = (await teacher.make_course())["id"]
    await ana.enroll(course)
    phone = await ana.connect()
    said = await (await teacher.connect()).say(course, LONG)
    activity = (await phone.expect("room.activity"))["data"]
    assert activity == {
        "room": course,
        "messages": 1,
        "last_at": said["created_at"],
        "by": teacher.id,
    }
    last = (await phone.do("room.list", course=course))["rooms"][0]["last_message"]
    assert len(last["excerpt"]) <= 140
    assert last == {
        "id": said["id"],
        "seq": said["seq"],
        "author": said["author"],
        "excerpt": last["excerpt"],
        "created_at": said["created_at"],
    }


@pytest.mark.parametrize("wrong", ["x", "1", "1/2", "a/b/c", "9" * 90 + "/1/x"])
async def test_a_place_that_is_none_is_refused_in_words(live: Live, wrong: str) -> None:
    ana = await live.student()
    phone = await ana.connect()
    for cmd in ("room.list", "enrollment.list"):
        if (cmd, wrong) == ("enrollment.list", "1/2"):
            continue
        assert await phone.refused(cmd, before=wrong) == "invalid_field"


async def test_a_permalink_into_heavy_talk_shows_its_message(live: Live) -> None:
    teacher = await live.teacher()
    course = (await teacher.make_course())["id"]
    desk = await teacher.connect()
    said = [await desk.say(course, "&" * 4_000) for _ in range(40)]
    middle = said[20]["seq"]
    page = await desk.do("chat.history", room=course, around=middle, limit=40)
    seqs = [message["seq"] for message in page["messages"]]
    assert seqs == list(range(seqs[0], seqs[-1] + 1))
    assert middle in seqs
    assert len(seqs) < 40
    assert page["more_before"]
    assert page["more_after"]
