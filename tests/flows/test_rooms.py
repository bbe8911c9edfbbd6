"""Rooms over real sockets: made, changed, joined, private, and what the lists of others show."""

from typing import Any

from tests.browsing import follow, page_state, told
from tests.live import Json, Live, LiveClient, Person


async def scene(live: Live) -> tuple[str, LiveClient, LiveClient, LiveClient]:
    """A course's id; sockets of its teacher, of Ana who is in it and of Eve who is not."""
    teacher, ana, eve = await live.teacher(), await live.student("Ana"), await live.student("Eve")
    course = await teacher.make_course("Algebra")
    await ana.enroll(course)
    return course["id"], await teacher.connect(), await ana.connect(), await eve.connect()


async def names(client: LiveClient, course: str) -> list[str]:
    return sorted(room["name"] for room in (await client.do("room.list", course=course))["rooms"])


async def make(client: LiveClient, course: str, name: str = "lab", **fields: Any) -> Json:
    room: Json = (await client.do("room.create", course=course, name=name, **fields))["room"]
    return room


def applied(rooms: list[Json], pushes: list[Json]) -> dict[str, tuple[Any, ...]]:
    """A course's rooms by id after what was told of them; archived ones leave the list."""
    known = {room["id"]: dict(room) for room in rooms}
    for push in pushes:
        if push["push"] in ("room.created", "room.updated", "room.archived"):
            told = push["data"]["room"]
            known[told["id"]] = {**known.get(told["id"], {}), **told}
        elif push["push"] in ("room.joined", "room.left"):
            known[push["data"]["room"]]["members"] = push["data"]["members"]
    shown = ("name", "description", "kind", "archived", "members")
    return {ident: tuple(room.get(one) for one in shown) for ident, room in known.items()}


async def test_a_course_has_its_room_from_the_start_and_members_follow_enrolment(
    live: Live,
) -> None:
    course, desk, phone, outsider = await scene(live)
    rooms = (await phone.do("room.list", course=course))["rooms"]
    assert [(room["id"], room["kind"], room["joined"]) for room in rooms] == [
        (course, "course", True)
    ]
    listed = (await desk.do("room.members", room=course))["members"]
    assert [one["role"] for one in listed] == ["staff", "member"]
    assert await outsider.refused("room.members", room=course) == "not_a_member"
    await outsider.do("enrollment.enroll", course=course)
    assert (await desk.do("room.members", room=course))["total"] == 3
    await phone.do("enrollment.leave", course=course)
    assert (await desk.do("room.members", room=course))["total"] == 2
    assert await phone.refused("chat.history", room=course) == "not_a_member"


async def test_every_change_of_a_room_shows_in_the_open_lists(live: Live) -> None:
    course, desk, phone, outsider = await scene(live)
    topic = f"course:{course}"
    assert await outsider.refused("subscribe", topic=topic) == "not_a_member"

    room = await make(desk, course, description="where we try things")
    made = (await phone.expect("room.created", topic=topic))["data"]["room"]
    assert (made["id"], made["name"], made["kind"]) == (room["id"], "lab", "open")
    await desk.do("room.update", room=room["id"], name="laboratory", description="new")
    told = (await phone.expect("room.updated", topic=topic))["data"]["room"]
    assert (told["name"], told["description"]) == ("laboratory", "new")
    await desk.do("room.archive", room=room["id"], archived=True)
    assert (await phone.expect("room.archived", topic=topic))["data"]["room"]["archived"] is True

    for event in ("room.created", "room.updated", "room.archived", "notification.created"):
        await outsider.expect_nothing(event)


async def test_only_teachers_of_the_course_make_rooms_and_names_are_taken_once(live: Live) -> None:
    course, desk, phone, outsider = await scene(live)
    other_teacher = await (await live.teacher()).connect()
    for client in (phone, outsider, other_teacher):
        refused = await client.refused("room.create", course=course, name="mine")
        assert refused == "forbidden"
    await make(desk, course, "lab")
    assert await desk.refused("room.create", course=course, name="LAB") == "name_taken"
    assert await desk.refused("room.create", course=course, name="General") == "name_taken"
    assert await desk.refused("room.create", course=course, name="a\nb") == "invalid_field"
    assert await desk.refused("room.create", course=course, name="x", kind="secret")
    assert await desk.refused("room.update", room=course, name="not general") == "forbidden"
    assert await names(phone, course) == ["general", "lab"]


async def test_a_student_browses_the_open_rooms_and_joins_one(live: Live) -> None:
    course, desk, phone, outsider = await scene(live)
    room = (await make(desk, course))["id"]
    listed = (await phone.do("room.list", course=course))["rooms"]
    assert {one["name"]: one["joined"] for one in listed} == {"general": True, "lab": False}
    assert await phone.refused("subscribe", topic=f"room:{room}") == "not_a_member"
    assert await outsider.refused("room.join", room=room) == "not_found"

    joined = (await phone.do("room.join", room=room))["room"]
    assert (joined["joined"], joined["members"]) == (True, 2)
    push = await desk.expect("room.joined", topic=f"course:{course}")
    assert (push["data"]["user"]["name"], push["data"]["members"]) == ("Ana", 2)
    await phone.join(f"room:{room}")
    await desk.join(f"room:{room}")
    await phone.say(room, "hello")
    await desk.expect("chat.posted", topic=f"room:{room}")
    twice = await phone.ask("room.join", room=room)
    assert twice["ok"]
    assert twice["result"]["room"]["members"] == 2

    await phone.do("room.leave", room=room)
    gone = await phone.expect("server.unsubscribed")
    assert gone["data"]["topic"] == f"room:{room}"
    await desk.say(room, "after the door closed")
    await live.settled()
    heard = [p for p in phone.seen if p["push"] == "chat.posted"]
    assert [p["data"]["message"]["body"] for p in heard] == ["hello"]
    assert await desk.refused("room.leave", room=room) == "forbidden", "the owner stays"


async def test_an_announce_room_is_read_by_all_and_written_by_its_owner(live: Live) -> None:
    course, desk, phone, _ = await scene(live)
    room = (await make(desk, course, "news", kind="announce"))["id"]
    await phone.do("room.join", room=room)
    await phone.join(f"room:{room}")
    assert await phone.refused("chat.post", room=room, body="me too") == "forbidden"
    await desk.say(room, "read this")
    await phone.expect("chat.posted", topic=f"room:{room}")


async def test_an_archived_room_can_be_read_and_not_written_to(live: Live) -> None:
    course, desk, _, _ = await scene(live)
    room = (await make(desk, course))["id"]
    await desk.say(room, "before")
    await desk.do("room.archive", room=room, archived=True)
    assert await desk.refused("chat.post", room=room, body="after") == "room_closed"
    assert len((await desk.do("chat.history", room=room))["messages"]) == 1
    await desk.do("room.archive", room=room, archived=False)
    await desk.say(room, "open again")


async def test_a_private_room_leaves_no_trace_for_those_who_are_not_in_it(live: Live) -> None:
    course, desk, phone, _ = await scene(live)
    secret = (await make(desk, course, "exam board", kind="private"))["id"]
    assert await phone.refused("subscribe", topic=f"room:{secret}") == "not_found"
    await desk.do("room.update", room=secret, name="exam board II")
    await desk.say(secret, "the questions are 1, 2 and 3")
    await desk.do("room.archive", room=secret, archived=True)
    await live.settled()

    for cmd, args in (
        ("room.join", {"room": secret}),
        ("room.members", {"room": secret}),
        ("room.update", {"room": secret, "kind": "open"}),
        ("room.archive", {"room": secret, "archived": False}),
        ("chat.history", {"room": secret}),
        ("chat.post", {"room": secret, "body": "hello"}),
        ("chat.read", {"room": secret, "seq": 1}),
    ):
        assert await phone.refused(cmd, **args) == "not_found", cmd
    course_pushes = await told(phone, live, f"course:{course}")
    notices = await phone.do("notification.list")
    feed = await phone.do("feed.list", scope="me")
    own_list = await phone.do("room.list")
    page = await page_state(phone.person or await live.student(), f"/courses/{course}/rooms")
    everything = repr([course_pushes, list(phone.seen), notices, feed, own_list, page])
    assert secret not in everything
    assert "exam board" not in everything
    assert "questions" not in everything
    found = await phone.do("search.suggest", q="exam board")
    assert secret not in repr(found["hits"])


async def test_who_is_invited_to_a_private_room_is_in_it_and_told(live: Live) -> None:
    course, desk, phone, outsider = await scene(live)
    room = (await make(desk, course, "board", kind="private"))["id"]
    ana, eve = phone.hello["user"]["id"], outsider.hello["user"]["id"]
    assert await desk.refused("room.invite", room=room, user=eve) == "not_found"
    await desk.do("room.invite", room=room, user=ana)
    notice = await phone.expect("notification.created")
    while notice["data"]["notice"]["kind"] != "room.invited":
        notice = await phone.expect("notification.created")
    assert notice["topic"] == f"user:{ana}"
    await phone.join(f"room:{room}")
    await desk.say(room, "welcome")
    await phone.expect("chat.posted", topic=f"room:{room}")
    assert "board" in await names(phone, course)

    await desk.do("room.remove", room=room, user=ana)
    assert (await phone.expect("server.unsubscribed"))["data"]["topic"] == f"room:{room}"
    await desk.say(room, "without Ana")
    await phone.expect_nothing("chat.posted")
    assert await phone.refused("chat.history", room=room) == "not_found"
    assert "board" not in await names(phone, course)


async def test_a_room_that_turns_private_disappears_for_others_and_comes_back_when_opened(
    live: Live,
) -> None:
    course, desk, phone, _ = await scene(live)
    topic = f"course:{course}"
    before = phone.hello["topics"][topic]
    room = (await make(desk, course, "lab"))["id"]
    await phone.expect("room.created", topic=topic)
    await desk.do("room.update", room=room, kind="private")
    gone = await phone.expect("room.archived", topic=topic)
    assert gone["data"]["room"] == {"id": room, "archived": True}
    await desk.do("room.update", room=room, name="board", description="the questions")
    assert "board" not in await names(phone, course)
    assert await phone.refused("room.join", room=room) == "not_found"
    missed = await phone.do("subscribe", topic=topic, cursor=before, epoch=phone.hello["epoch"])
    assert missed["events"]
    assert "board" not in repr(missed), "nor does a replay say what it is called now"
    assert "questions" not in repr(missed)

    await desk.do("room.update", room=room, kind="open")
    back = (await phone.expect("room.created", topic=topic))["data"]["room"]
    assert (back["id"], back["name"], back["archived"]) == (room, "board", False)
    await phone.do("room.join", room=room)


async def test_members_of_a_room_that_turns_private_stay_in_it(live: Live) -> None:
    course, desk, phone, outsider = await scene(live)
    await outsider.do("enrollment.enroll", course=course)
    room = (await make(desk, course))["id"]
    await phone.do("room.join", room=room)
    await phone.join(f"room:{room}")
    await desk.do("room.update", room=room, kind="private")
    await desk.say(room, "among us")
    await phone.expect("chat.posted", topic=f"room:{room}")
    assert "lab" in await names(phone, course)
    assert await outsider.refused("subscribe", topic=f"room:{room}") == "not_found"
    await outsider.expect_nothing("room.activity")


async def test_the_rooms_of_a_page_and_what_is_told_equal_a_fresh_page(live: Live) -> None:
    course, desk, phone, _ = await scene(live)
    ana: Person = phone.person  # type: ignore[assignment]
    first = await make(desk, course, "first")
    page = await page_state(ana, f"/courses/{course}/rooms")
    second = await make(desk, course, "second", description="two")
    missed = await follow(phone, page)
    await phone.do("room.join", room=second["id"])
    await desk.do("room.update", room=first["id"], name="one", kind="announce")
    await desk.do("room.archive", room=second["id"], archived=True)
    await phone.do("room.leave", room=second["id"])
    since = page["cursors"][f"course:{course}"]
    pushes = [p for p in await told(phone, live, f"course:{course}") if p["seq"] > since]
    fresh = await page_state(ana, f"/courses/{course}/rooms")
    assert applied(page["rooms"], missed + pushes) == applied(fresh["rooms"], [])
