"""Chat over real sockets: delivery, resuming, unread counts, replies, direct conversations."""

from typing import Any

import pytest

from tests.browsing import follow, page_state, told
from tests.live import CommandRefused, Live, LiveClient, Person, new_key


async def class_of(live: Live, *names: str) -> tuple[Person, str, list[Person]]:
    """A teacher, the id of a course (and of its own room) and its students."""
    teacher = await live.teacher("Marta Olsen")
    course = await teacher.make_course("Algebra")
    students = [await live.student(name) for name in names]
    for student in students:
        await student.enroll(course)
    return teacher, course["id"], students


def applied(page: dict[str, Any], pushes: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """A room's messages by place: what the page showed, then what was told."""
    messages = {message["seq"]: message for message in page["messages"]}
    for push in pushes:
        if push["push"] == "chat.posted":
            messages[push["seq"]] = push["data"]["message"]
    return messages


async def room_of(client: LiveClient, room: str, **args: Any) -> dict[str, Any]:
    rooms = (await client.do("room.list", **args))["rooms"]
    return next(one for one in rooms if one["id"] == room)


async def test_a_message_reaches_everyone_in_the_room_with_its_rendering(live: Live) -> None:
    teacher, room, [ana, jun] = await class_of(live, "Ana", "Jun")
    sockets = [await person.connect() for person in (teacher, ana, jun)]
    for socket in sockets:
        await socket.join(f"room:{room}")
    sent = await sockets[1].say(room, "Is **this** right?")
    for socket in sockets:
        push = await socket.expect("chat.posted", topic=f"room:{room}")
        assert push["data"]["message"] == sent
        assert push["seq"] == sent["seq"]
        assert push["actor"] == ana.id
    assert sent["html"] == "<p>Is <strong>this</strong> right?</p>"
    assert sent["author"] == {"id": ana.id, "name": "Ana", "role": "student"}


async def test_an_outsider_cannot_listen_read_or_write_and_hears_nothing(live: Live) -> None:
    _, room, [ana] = await class_of(live, "Ana")
    outsider = await (await live.student()).connect()
    assert await outsider.refused("subscribe", topic=f"room:{room}") == "not_a_member"
    assert await outsider.refused("chat.history", room=room) == "not_a_member"
    assert await outsider.refused("chat.post", room=room, body="let me in") == "not_a_member"
    nobody = await live.connect()
    assert await nobody.refused("subscribe", topic=f"room:{room}") == "unauthenticated"

    inside = await ana.connect()
    await inside.join(f"room:{room}")
    await inside.say(room, "a word among us")
    await inside.expect("chat.posted")
    await outsider.expect_nothing("chat.posted")
    await outsider.expect_nothing("room.activity")
    await nobody.expect_nothing("chat.posted")


async def test_who_was_away_gets_every_missed_message_in_order(live: Live) -> None:
    teacher, room, [ana] = await class_of(live, "Ana")
    desk, phone = await teacher.connect(), await ana.connect()
    cursor = (await phone.join(f"room:{room}"))["cursor"]
    epoch = phone.hello["epoch"]
    phone.cut()
    said = [(await desk.say(room, f"point {number}"))["id"] for number in range(30)]
    back = await ana.connect()
    missed = await back.join(f"room:{room}", cursor=cursor, epoch=epoch)
    assert missed["recovered"] is True
    assert [event["data"]["message"]["id"] for event in missed["events"]] == said
    assert missed["cursor"] == missed["events"][-1]["seq"]


async def test_who_missed_too_much_is_told_to_reload_instead_of_a_gap(live: Live) -> None:
    teacher, room, [ana] = await class_of(live, "Ana")
    desk = await teacher.connect()
    for _ in range(7):
        refs = [await desk.send("chat.post", room=room, body=str(n)) for n in range(43)]
        for ref in refs:
            assert (await desk.reply(ref))["ok"]
    phone = await ana.connect()
    epoch = phone.hello["epoch"]
    late = await phone.join(f"room:{room}", cursor=0, epoch=epoch)
    assert late["recovered"] is False
    assert late["events"] == []
    other_life = await phone.join(f"room:{room}", cursor=late["cursor"], epoch="another")
    assert other_life["recovered"] is False
    just = await phone.join(f"room:{room}", cursor=late["cursor"] - 300, epoch=epoch)
    assert just["recovered"] is True
    assert just["events"]


async def test_a_retry_with_the_same_key_is_one_message(live: Live) -> None:
    _, room, [ana] = await class_of(live, "Ana")
    first, second = await ana.connect(), await ana.connect()
    await second.join(f"room:{room}")
    key = new_key()
    sent = await first.ask("chat.post", room=room, body="once", key=key)
    again = await second.ask("chat.post", room=room, body="once", key=key)
    assert again["duplicate"] is True
    assert "duplicate" not in sent
    assert again["result"]["message"] == sent["result"]["message"]
    other = await second.ask("chat.post", room=room, body="another text", key=key)
    assert other["error"]["code"] == "idempotency_conflict"
    history = (await first.do("chat.history", room=room))["messages"]
    assert [message["body"] for message in history] == ["once"]


async def test_unread_is_exact_in_every_tab_and_not_moved_by_own_posts(live: Live) -> None:
    teacher, room, [ana] = await class_of(live, "Ana")
    desk, phone, laptop = await teacher.connect(), await ana.connect(), await ana.connect()
    said = [await desk.say(room, f"point {number}") for number in range(4)]
    assert (await room_of(phone, room))["unread"] == 4
    assert (await room_of(desk, room))["unread"] == 0, "one has read what one wrote"

    assert await phone.do("chat.read", room=room, seq=said[1]["seq"]) == {"unread": 2}
    for tab in (phone, laptop):
        push = await tab.expect("chat.read", topic=f"user:{ana.id}")
        assert (push["data"]["room"], push["data"]["unread"]) == (room, 2)
        assert (await room_of(tab, room))["unread"] == 2
    backwards = await laptop.do("chat.read", room=room, seq=said[0]["seq"])
    assert backwards == {"unread": 2}, "a mark never moves back"
    await desk.expect_nothing("chat.read")

    await phone.say(room, "thanks")
    assert (await room_of(laptop, room))["unread"] == 0
    assert (await room_of(desk, room))["unread"] == 1
    beyond = await phone.do("chat.read", room=room, seq=2**40)
    assert beyond == {"unread": 0}, "a mark beyond the end stands at the end"
    await desk.say(room, "one more")
    assert (await room_of(phone, room))["unread"] == 1


async def test_rooms_with_news_come_first(live: Live) -> None:
    teacher, course, [ana] = await class_of(live, "Ana")
    desk, phone = await teacher.connect(), await ana.connect()
    lab = (await desk.do("room.create", course=course, name="lab"))["room"]["id"]
    await phone.do("room.join", room=lab)
    seq = (await desk.say(course, "old news"))["seq"]
    await phone.do("chat.read", room=course, seq=seq)
    await desk.say(lab, "news")
    rooms = (await phone.do("room.list"))["rooms"]
    assert [(room["id"], room["unread"]) for room in rooms] == [(lab, 1), (course, 0)]


async def test_history_reads_backwards_and_around_a_message(live: Live) -> None:
    teacher, room, _ = await class_of(live)
    desk = await teacher.connect()
    said = [(await desk.say(room, f"point {number}"))["seq"] for number in range(12)]
    newest = await desk.do("chat.history", room=room, limit=5)
    assert [m["seq"] for m in newest["messages"]] == said[-5:]
    assert (newest["more_before"], newest["more_after"]) == (True, False)
    older = await desk.do("chat.history", room=room, before=said[-5], limit=100)
    assert [m["seq"] for m in older["messages"]] == said[:-5]
    assert (older["more_before"], older["more_after"]) == (False, True)
    around = await desk.do("chat.history", room=room, around=said[6], limit=4)
    assert said[6] in [m["seq"] for m in around["messages"]]
    assert around["more_before"]
    assert around["more_after"]


async def test_a_page_and_what_is_told_after_it_equal_a_fresh_page(live: Live) -> None:
    teacher, room, [ana] = await class_of(live, "Ana")
    desk, phone = await teacher.connect(), await ana.connect()
    await desk.say(room, "before the page")
    page = await page_state(ana, f"/rooms/{room}")
    await desk.say(room, "between the page and its script")
    missed = await follow(phone, page)
    first = await phone.say(room, "from the page itself")
    await desk.say(room, "an answer", reply_to=first["id"])
    pushes = await told(phone, live, f"room:{room}")
    fresh = await page_state(ana, f"/rooms/{room}")
    assert applied(page, missed + pushes) == applied(fresh, [])
    assert len(fresh["messages"]) == 4


async def test_the_chat_button_opens_one_conversation_from_both_sides(live: Live) -> None:
    teacher, course, [ana] = await class_of(live, "Ana")
    desk, phone = await teacher.connect(), await ana.connect()
    mine = (await phone.do("chat.direct", user=teacher.id))["room"]
    theirs = (await desk.do("chat.direct", user=ana.id))["room"]
    of_course = (await phone.do("chat.direct", course=course))["room"]
    assert mine["id"] == theirs["id"]
    assert of_course["id"] != mine["id"], "the course's teachers may be others tomorrow"
    assert mine["kind"] == "direct"
    assert mine["with"]["id"] == teacher.id
    assert theirs["with"]["id"] == ana.id

    topic = f"room:{mine['id']}"
    await phone.join(topic)
    await desk.join(topic)
    await phone.say(mine["id"], "may I ask something?")
    assert (await desk.expect("chat.posted"))["data"]["message"]["body"].startswith("may I")
    await desk.say(mine["id"], "of course")
    await phone.expect("chat.posted")
    assert (await phone.expect("chat.posted"))["data"]["message"]["body"] == "of course"
    assert (await page_state(teacher, "/messages"))["rooms"][0]["id"] == mine["id"]


async def test_a_third_one_does_not_learn_of_a_conversation(live: Live) -> None:
    teacher, _, [ana, eve] = await class_of(live, "Ana", "Eve")
    phone, spy = await ana.connect(), await eve.connect()
    room = (await phone.do("chat.direct", user=teacher.id))["room"]["id"]
    for cmd, args in (
        ("subscribe", {"topic": f"room:{room}"}),
        ("chat.history", {"room": room}),
        ("chat.post", {"room": room, "body": "me too"}),
        ("chat.read", {"room": room, "seq": 1}),
        ("room.members", {"room": room}),
        ("room.join", {"room": room}),
        ("room.update", {"room": room, "name": "mine"}),
    ):
        assert await spy.refused(cmd, **args) == "not_found", cmd
    assert (await live.request("GET", f"/rooms/{room}", token=eve.token)).code == 404
    await phone.say(room, "between us")
    await live.settled()
    assert [one["push"] for one in spy.pushes if "enrollment" not in one["push"]] == []
    assert room not in [one["id"] for one in (await spy.do("room.list"))["rooms"]]


async def test_a_conversation_needs_another_person_who_exists(live: Live) -> None:
    _, _, [ana] = await class_of(live, "Ana")
    phone = await ana.connect()
    with pytest.raises(CommandRefused, match="oneself"):
        await phone.do("chat.direct", user=ana.id)
    assert await phone.refused("chat.direct", user="0" * 24) == "not_found"
    assert await phone.refused("chat.direct") == "invalid_field"
