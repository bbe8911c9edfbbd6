"""Who is here, over real sockets: in rooms and courses, for those alone who may listen there."""

from collections.abc import Callable

import pytest

from elearn.ws.limits import Limits
from tests.browsing import signed_in
from tests.live import CommandRefused, Json, Live, LiveClient, Person, until
from tests.wire import RawSocket


@pytest.fixture
def live(live: Live) -> Live:
    live.services.presence.interval_s = 0.01
    return live


@pytest.fixture
def watchful(start: Callable[..., Live]) -> Live:
    """Asks its connections very often whether they live."""
    live = start(Limits(ping_s=0.05, pong_s=0.2))
    live.services.presence.interval_s = 0.01
    return live


async def scene(live: Live) -> tuple[Person, Person, str]:
    """A teacher and an enrolled student, and the topic of the course's own room."""
    teacher, ana = await live.teacher("Marta"), await live.student("Ana")
    course = await teacher.make_course()
    await ana.enroll(course)
    return teacher, ana, f"room:{course['id']}"


async def here(client: LiveClient, topic: str) -> list[str]:
    users = (await client.do("presence.list", topic=topic))["users"]
    return sorted(user["name"] for user in users)


async def change(client: LiveClient, topic: str) -> Json:
    data: Json = (await client.expect("presence.changed", topic=topic))["data"]
    return data


async def test_whoever_opens_a_room_is_shown_there_and_gone_when_the_line_ends(live: Live) -> None:
    teacher, ana, room = await scene(live)
    desk, phone = await teacher.connect(), await ana.connect()
    await desk.join(room)
    assert (await change(desk, room))["count"] == 1
    await phone.join(room)
    brief = {"id": ana.id, "name": "Ana", "role": "student"}
    assert await change(desk, room) == {"count": 2, "joined": [brief], "left": []}
    assert await here(phone, room) == ["Ana", "Marta"]
    phone.cut()
    assert await change(desk, room) == {"count": 1, "joined": [], "left": [ana.id]}
    assert await here(desk, room) == ["Marta"]


async def test_a_line_that_died_unnoticed_ends_ones_presence_with_the_heartbeat(
    watchful: Live,
) -> None:
    teacher, ana, room = await scene(watchful)
    course = room.replace("room:", "course:")
    desk = await teacher.connect()
    async with RawSocket(ana) as silent:
        await silent.expect_push("server.hello")
        await until_here(desk, course, ["Ana", "Marta"])
        await until_here(desk, course, ["Marta"])
    assert Limits().ping_s + Limits().pong_s < 40


async def test_everyone_with_a_page_open_is_in_their_courses(live: Live) -> None:
    teacher, ana, room = await scene(live)
    course = room.replace("room:", "course:")
    desk, _ = await teacher.connect(), await ana.connect()
    await until_here(desk, course, ["Ana", "Marta"])
    assert await here(desk, room) == []


async def until_here(client: LiveClient, topic: str, names: list[str]) -> None:
    async def so() -> bool:
        return await here(client, topic) == names

    await until(so)


async def test_leaving_the_page_or_the_room_ends_ones_presence(live: Live) -> None:
    teacher, ana, _ = await scene(live)
    course = (await teacher.command("room.list"))["rooms"][0]["course"]["id"]
    made = await teacher.command("room.create", course=course, name="set 4", kind="open")
    topic = f"room:{made['room']['id']}"
    await ana.command("room.join", room=made["room"]["id"])
    desk, phone = await teacher.connect(), await ana.connect()
    await desk.join(topic)
    await phone.join(topic)
    assert await here(desk, topic) == ["Ana", "Marta"]
    await phone.do("unsubscribe", topic=topic)
    assert await here(desk, topic) == ["Marta"]
    await phone.join(topic)
    await ana.command("room.leave", room=made["room"]["id"])
    await phone.expect("server.unsubscribed")
    assert await here(desk, topic) == ["Marta"]


async def test_two_tabs_of_one_person_count_once(live: Live) -> None:
    teacher, ana, room = await scene(live)
    desk, one, two = await teacher.connect(), await ana.connect(), await ana.connect()
    for client in (desk, one, two):
        await client.join(room)
    await until_here(desk, room, ["Ana", "Marta"])
    one.cut()
    await until(lambda: len(live.node.connections) == 2)
    assert await here(desk, room) == ["Ana", "Marta"]
    two.cut()
    await until_here(desk, room, ["Marta"])


async def test_an_outsider_neither_reads_the_list_nor_hears_of_it(live: Live) -> None:
    teacher, ana, room = await scene(live)
    course = room.replace("room:", "course:")
    eve = await live.student("Eve")
    outside, desk = await eve.connect(), await teacher.connect()
    for topic in (room, course):
        assert await outside.refused("subscribe", topic=topic) == "not_a_member"
        assert await outside.refused("presence.list", topic=topic) == "not_a_member"
    await desk.join(room)
    phone = await ana.connect()
    await phone.join(room)
    await change(desk, room)
    await outside.expect_nothing("presence.changed")
    assert await here(desk, course) == ["Ana", "Marta"]


async def test_there_is_no_presence_of_people_or_of_the_catalogue(live: Live) -> None:
    _, ana, _ = await scene(live)
    phone = await ana.connect()
    assert await phone.refused("presence.list", topic="catalog") == "invalid_field"
    assert await phone.refused("presence.list", topic=f"user:{ana.id}") == "invalid_field"
    assert await phone.refused("presence.list", topic="nothing") == "invalid_field"
    stranger = await live.connect()
    assert await stranger.refused("presence.list", topic="catalog") == "unauthenticated"


async def test_the_invisible_see_and_are_not_seen(live: Live) -> None:
    teacher, ana, room = await scene(live)
    course = room.replace("room:", "course:")
    desk, phone = await teacher.connect(), await ana.connect()
    await desk.join(room)
    await phone.join(room)
    await until_here(desk, room, ["Ana", "Marta"])
    me = (await ana.api("PATCH", "/api/me", {"invisible": True}))["user"]
    assert me["invisible"] is True
    await until_here(desk, room, ["Marta"])
    assert await here(phone, room) == ["Marta"]
    left = lambda: {p["topic"] for p in desk.seen if ana.id in p["data"].get("left", ())}  # noqa: E731
    await until(lambda: left() == {room, course})
    desk.pushes.clear()
    for _ in range(2):  # a new line, and one more tab, are no news either
        phone.cut()
        phone = await ana.connect()
        await phone.join(room)
        await phone.say(room.partition(":")[2], "I read along")
        await desk.expect("chat.posted")
    await desk.expect_nothing("presence.changed")
    await desk.expect_nothing("user.updated")
    assert await here(desk, room) == await here(desk, course) == ["Marta"]
    await ana.api("PATCH", "/api/me", {"invisible": False})
    assert (await change(desk, room))["joined"][0]["id"] == ana.id


async def test_a_wish_that_is_not_yes_or_no_is_refused(live: Live) -> None:
    _, ana, _ = await scene(live)
    with pytest.raises(CommandRefused) as refused:
        await ana.api("PATCH", "/api/me", {"invisible": "yes"})
    assert refused.value.error["field"] == "invisible"


async def test_the_switch_in_the_settings_works_without_a_script(live: Live) -> None:
    teacher, ana, room = await scene(live)
    desk, phone, browser = await teacher.connect(), await ana.connect(), await signed_in(live, ana)
    for client in (desk, phone):
        await client.join(room)
    token = await browser.token("/settings/profile")
    form = {"name": "Ana", "about": "", "timezone": "UTC"}
    for fields, names in (({"invisible": "on"}, ["Marta"]), ({}, ["Ana", "Marta"])):
        saved = await browser.submit("/settings/profile", {**form, **fields}, xsrf=token)
        assert saved.code == 303
        page = (await browser.get("/settings/profile")).body.decode()
        assert ('name="invisible" checked' in page) is bool(fields)
        await until_here(desk, room, names)
    await live.settled()
    await desk.expect_nothing("user.updated")


async def test_a_new_name_tells_nobody_that_its_owner_became_invisible(live: Live) -> None:
    teacher, ana, room = await scene(live)
    course = room.replace("room:", "course:")
    desk, browser = await teacher.connect(), await signed_in(live, ana)
    form = {"name": "Ana Maria", "about": "", "timezone": "UTC", "invisible": "on"}
    token = await browser.token("/settings/profile")
    assert (await browser.submit("/settings/profile", form, xsrf=token)).code == 303
    brief = {"id": ana.id, "name": "Ana Maria", "role": "student"}
    assert (await desk.expect("user.updated", topic=course))["data"] == {"user": brief}
