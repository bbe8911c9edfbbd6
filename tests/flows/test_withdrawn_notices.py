"""A notice goes with what it is about: in lists, counts, replay and on open sockets."""

import asyncio
import json
from typing import Any

import pytest

from elearn.reactions import reactor
from elearn.reactions.following import react
from tests.browsing import page_state
from tests.live import CommandRefused, Json, Live, LiveClient, Person


async def scene(live: Live) -> tuple[str, Person, Person]:
    teacher, ana = await live.teacher("Marta Olsen"), await live.student("Ana")
    course = await teacher.make_course()
    await ana.enroll(course)
    return course["id"], teacher, ana


async def private_room(teacher: Person, course: str, *people: Person, name: str = "inner") -> str:
    made = await teacher.command("room.create", course=course, name=name, kind="private")
    for person in people:
        await teacher.command("room.invite", room=made["room"]["id"], user=person.id)
    room: str = made["room"]["id"]
    return room


async def everything_told(live: Live, person: Person) -> str:
    """All that a person is shown or told again: lists, pages, and each topic from its beginning."""
    await live.settled()
    client = await person.connect()
    cursors = dict.fromkeys(client.hello["topics"], 0)
    for one in (await client.do("enrollment.list"))["enrollments"]:
        cursors[f"course:{one['course']['id']}"] = one["since"]
    synced = await client.do("sync", epoch=client.hello["epoch"], cursors=cursors)
    assert all(part["recovered"] for part in synced["topics"].values())
    query = f"/api/poll?wait=0&epoch={client.hello['epoch']}&cursors={json.dumps(cursors)}"
    polled = await person.api("GET", query.replace('"', "%22").replace(" ", ""))
    listed = await client.do("notification.list", limit=100)
    pages = [
        await page_state(person, path) for path in ("/", "/notifications", f"/users/{person.id}")
    ]
    client.close()
    return json.dumps([synced, polled, listed, pages])


async def counts(client: LiveClient) -> tuple[int, int]:
    page = await client.do("notification.list")
    return page["unseen"], page["unread"]


def counts_in(push: Json) -> tuple[int, int]:
    return push["data"]["unseen"], push["data"]["unread"]


async def test_who_is_removed_from_a_private_room_keeps_no_words_of_it(live: Live) -> None:
    course, teacher, ana = await scene(live)
    room = await private_room(teacher, course, ana, name="Graders of spring")
    phone = await ana.connect()
    await teacher.command("chat.post", room=room, body="a secret for @Ana")
    await live.settled()
    told = await everything_told(live, ana)
    assert "a secret" in told
    assert "Graders of spring" in told

    before = (await phone.do("notification.list"))["notices"]
    about = {one["id"] for one in before if room in one["url"]}
    await teacher.command("room.remove", room=room, user=ana.id)
    push = await phone.expect("notification.withdrawn", topic=f"user:{ana.id}")
    assert set(push["data"]["ids"]) == about
    assert counts_in(push) == await counts(phone) == (1, 1)
    told = await everything_told(live, ana)
    assert "a secret" not in told
    assert "Graders of spring" not in told


async def test_who_leaves_an_open_room_or_the_course_keeps_no_words_of_it(live: Live) -> None:
    course, teacher, ana = await scene(live)
    open_room = (await teacher.command("room.create", course=course, name="Lab"))["room"]["id"]
    await ana.command("room.join", room=open_room)
    await teacher.command("chat.post", room=open_room, body="first words for @Ana")
    await teacher.command("chat.post", room=course, body="other words for @Ana")
    update = await teacher.command(
        "update.publish", course=course, kind="announcement", title="Exam moved", body="To B12."
    )
    await teacher.command("chat.post", room=update["update"]["id"], body="more words for @Ana")
    told = await everything_told(live, ana)
    for words in ("first words", "other words", "more words", "Exam moved"):
        assert words in told

    phone = await ana.connect()
    await ana.command("room.leave", room=open_room)
    push = await phone.expect("notification.withdrawn")
    assert (len(push["data"]["ids"]), counts_in(push)) == (1, await counts(phone))
    assert "first words for" not in json.dumps(await phone.do("notification.list"))
    page = await phone.do("notification.list")
    own = {one["id"] for one in page["notices"] if one["topic"].startswith("user:")}
    assert len(own) == 3, "two messages and that she is enrolled"
    await ana.command("enrollment.leave", course=course)
    push = await phone.expect("notification.withdrawn")
    assert own <= set(push["data"]["ids"])
    assert counts_in(push) == await counts(phone) == (0, 0)
    told = await everything_told(live, ana)
    for words in ("first words", "other words", "more words", "Exam moved"):
        assert words not in told


async def test_who_comes_back_finds_what_may_be_seen_again(live: Live) -> None:
    course, teacher, ana = await scene(live)
    room = await private_room(teacher, course, ana)
    await teacher.command("chat.post", room=room, body="words for @Ana")
    await teacher.command("room.remove", room=room, user=ana.id)
    await live.settled()
    assert "words for" not in await everything_told(live, ana)
    await teacher.command("room.invite", room=room, user=ana.id)
    assert "words for" in await everything_told(live, ana)


async def test_a_direct_conversation_and_an_old_notice_stay(live: Live) -> None:
    course, teacher, ana = await scene(live)
    direct = (await teacher.command("chat.direct", user=ana.id))["room"]["id"]
    await teacher.command("chat.post", room=direct, body="a word with you")
    await live.settled()
    await ana.command("enrollment.leave", course=course)
    assert "a word with you" in await everything_told(live, ana)


async def test_feedback_that_was_taken_back_or_replaced_is_not_kept_by_the_staff(
    live: Live,
) -> None:
    course, teacher, ana = await scene(live)
    desk = await teacher.connect()
    given = {"course": course, "stars": 1, "anonymous": True}
    first = await ana.command("feed.feedback", **given, comment="bad words")
    await live.settled()
    page = await desk.do("notification.list", category="courses")
    assert [one["body"] for one in page["notices"]] == ["bad words"]
    assert "bad words" in await everything_told(live, teacher)

    item = (await ana.command("feed.feedback", **given, comment="better words"))["item"]
    assert item["id"] != first["item"]["id"]
    push = await desk.expect("notification.withdrawn", topic=f"staff:{course}")
    assert push["data"] == {"ids": [page["notices"][0]["id"]]}
    told = await everything_told(live, teacher)
    assert "bad words" not in told
    assert "better words" in told

    await ana.command("feed.delete", item=item["id"])
    await desk.expect("notification.withdrawn", topic=f"staff:{course}")
    assert "better words" not in await everything_told(live, teacher)
    assert (await desk.do("notification.list", category="courses"))["notices"] == []


async def test_feedback_deleted_before_its_notice_is_made_is_never_told(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, teacher, ana = await scene(live)
    desk = await teacher.connect()
    go_on = asyncio.Event()

    async def later(services: Any, row: Any) -> Any:
        await go_on.wait()
        return await react(services, row)

    await live.settled()
    monkeypatch.setattr(reactor, "react", later)
    item = await ana.command("feed.feedback", course=course, stars=1, comment="bad words")
    deleting = asyncio.create_task(ana.command("feed.delete", item=item["item"]["id"]))
    await asyncio.wait_for(desk.expect("feed.deleted"), 10)
    go_on.set()
    await deleting
    await live.settled()
    told = [push for push in desk.seen if push["push"] == "notification.created"]
    assert "bad words" not in json.dumps(told)
    assert (await desk.do("notification.list", category="courses"))["notices"] == []


async def test_a_room_that_becomes_private_leaves_nothing_of_itself_with_the_course(
    live: Live,
) -> None:
    course, teacher, ana = await scene(live)
    phone = await ana.connect()
    made = await teacher.command(
        "room.create", course=course, name="Strike plans", description="who and when"
    )
    room = made["room"]["id"]
    await teacher.command("chat.post", room=room, body="on Monday at nine")
    await live.settled()
    told = await everything_told(live, ana)
    for words in ("Strike plans", "who and when", "on Monday"):
        assert words in told

    await teacher.command("room.update", room=room, kind="private")
    push = await phone.expect("notification.withdrawn", topic=f"course:{course}")
    assert "unseen" not in push["data"], "each counts for itself"
    for _ in range(2):
        await phone.expect("feed.deleted", topic=f"course:{course}")
    told = await everything_told(live, ana)
    for words in ("Strike plans", "who and when", "on Monday"):
        assert words not in told
    assert (await phone.do("notification.list", category="rooms"))["notices"] == []


async def test_withdrawing_from_a_course_is_one_row_however_many_are_in_it(live: Live) -> None:
    course, teacher, ana = await scene(live)
    others = [await live.student() for _ in range(4)]
    for one in others:
        await one.enroll(course)
    room = (await teacher.command("room.create", course=course, name="Lab"))["room"]["id"]
    await live.settled()
    before = await live.services.db.events.count_documents({"event": "notification.withdrawn"})
    await teacher.command("room.update", room=room, kind="private")
    await live.settled()
    after = await live.services.db.events.count_documents({"event": "notification.withdrawn"})
    assert after == before + 1
    for one in (ana, *others):
        assert (await one.command("notification.list", category="rooms"))["notices"] == []


async def test_the_staff_of_before_keeps_nothing_of_a_course(live: Live, tmp_path: Any) -> None:
    from tests.flows.test_rights_lost import bring_in

    ada, bob, eve = await live.teacher("Ada"), await live.teacher("Bob"), await live.student("Eve")
    await bring_in(live, tmp_path, ada.email, bob.email)
    client = await bob.connect()
    (staff,) = [topic for topic in client.hello["topics"] if topic.startswith("staff:")]
    course = staff.partition(":")[2]
    await eve.enroll(course)
    await eve.command("chat.post", room=course, body="please @Bob")
    await eve.command("feed.feedback", course=course, stars=2, comment="too fast")
    told = await everything_told(live, bob)
    assert "please" in told
    assert "too fast" in told
    await bring_in(live, tmp_path, ada.email)
    told = await everything_told(live, bob)
    assert "please" not in told
    assert "too fast" not in told
    with pytest.raises(CommandRefused):
        await bob.command("feed.list", scope="course", id=course)


async def test_who_has_not_joined_an_open_room_is_told_an_excerpt_at_most(live: Live) -> None:
    course, teacher, ana = await scene(live)
    phone = await ana.connect()
    made = await teacher.command("room.create", course=course, name="Lab")
    room = made["room"]["id"]
    assert await phone.refused("chat.history", room=room) == "not_a_member"
    long = "The first lines. " + "more and more " * 40 + "and the very end"
    for _ in range(3):
        await teacher.command("chat.post", room=room, body=long)
    await phone.expect("room.activity", topic=f"course:{course}")
    listed = [
        await phone.do("room.list"),
        await phone.do("room.list", course=course),
        await phone.do("feed.list", scope="me"),
        await page_state(ana, f"/courses/{course}/rooms"),
        await page_state(ana, f"/courses/{course}/feed"),
        await phone.do("search.suggest", q="Lab"),
    ]
    shown = await everything_told(live, ana) + json.dumps([listed, phone.seen])
    assert "The first lines" in shown, "an excerpt stands in the course's feed"
    assert "the very end" not in shown
