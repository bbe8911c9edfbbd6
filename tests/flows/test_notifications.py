"""Notices over real sockets: who is told of what, the bell in every tab, seen apart from read."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorCollection

from elearn.events.base import Row
from elearn.events.notices import NoticeCreated
from elearn.log.new_events import NewEvent
from elearn.models import enrollments
from elearn.models.ids import new_id
from elearn.nouns.notices import NoticeContent
from elearn.reactions import reactor
from elearn.reactions.following import react
from elearn.services import Services
from tests.browsing import follow, page_state
from tests.live import Json, Live, LiveClient, Person


async def scene(live: Live) -> tuple[str, Person, Person, LiveClient, LiveClient]:
    teacher, ana = await live.teacher("Marta Olsen"), await live.student("Ana")
    course = await teacher.make_course("Algebra")
    await ana.enroll(course)
    await live.settled()
    return course["id"], teacher, ana, await teacher.connect(), await ana.connect()


async def announce(client: LiveClient, course: str, title: str = "Exam moved") -> Json:
    update: Json = (
        await client.do(
            "update.publish", course=course, kind="announcement", title=title, body="Room B12."
        )
    )["update"]
    return update


async def listed(client: LiveClient, **args: Any) -> Json:
    return await client.do("notification.list", **args)


async def kinds(client: LiveClient) -> list[str]:
    return [notice["kind"] for notice in (await listed(client))["notices"]]


async def told_of(client: LiveClient, kind: str) -> Json:
    """The next push of a notice of this kind."""
    while True:
        push = await client.expect("notification.created")
        if push["data"]["notice"]["kind"] == kind:
            return push


def applied(page: Json, viewer: str, pushes: list[Json]) -> Json:
    """The bell and its list after what was told: what one did oneself on a shared topic is not
    told, and a state of reading comes whole."""
    notices = {notice["id"]: dict(notice) for notice in page["notices"]}
    state: Json = {}
    unseen, unread = page["unseen"], page["unread"]
    for push in pushes:
        if push["push"] == "notification.created":
            if push["topic"].startswith("user:") or push["actor"] != viewer:
                notices[push["data"]["notice"]["id"]] = dict(push["data"]["notice"])
                unseen, unread = unseen + 1, unread + 1
        elif push["push"] == "notification.read":
            state = push["data"]["topics"]
            unseen, unread = push["data"]["unseen"], push["data"]["unread"]
            for notice in notices.values():
                own = state.get(notice["topic"], {"seen": 0, "read": 0, "unread": [], "extra": []})
                below = notice["seq"] <= own["read"]
                notice["seen"] = notice["seq"] <= own["seen"]
                listed = own["unread"] if below else own["extra"]
                notice["read"] = below != (notice["seq"] in listed)
    return {"notices": notices, "unseen": unseen, "unread": unread}


async def test_an_enrolment_is_told_to_the_teachers_and_to_the_one_who_enrolled(
    live: Live,
) -> None:
    course, teacher, _ana, desk, phone = await scene(live)
    eve = await live.student("Eve")
    other_teacher, her = await (await live.teacher()).connect(), await eve.connect()
    assert await other_teacher.refused("subscribe", topic=f"staff:{course}") == "forbidden"
    assert await phone.refused("subscribe", topic=f"staff:{course}") == "forbidden"
    assert await other_teacher.refused("subscribe", topic=f"user:{teacher.id}") == "forbidden"

    await her.do("enrollment.enroll", course=course)
    new = (await told_of(desk, "enrollment.new"))["data"]["notice"]
    assert new["topic"] == f"staff:{course}"
    assert new["actor"]["name"] == "Eve"
    own = (await told_of(her, "enrollment.own"))["data"]["notice"]
    assert own["topic"] == f"user:{eve.id}"
    assert own["course"]["title"] == "Algebra"
    await phone.expect_nothing("notification.created")
    await other_teacher.expect_nothing("notification.created")
    assert await kinds(desk) == ["enrollment.new", "enrollment.new"]
    assert await kinds(phone) == ["enrollment.own"]


async def test_an_update_and_a_room_are_told_to_the_course_but_not_to_their_maker(
    live: Live,
) -> None:
    course, _, _, desk, phone = await scene(live)
    outsider = await (await live.student()).connect()
    assert await outsider.refused("subscribe", topic=f"course:{course}") == "not_a_member"
    update = await announce(desk, course)
    room = (await desk.do("room.create", course=course, name="lab"))["room"]
    notice = (await told_of(phone, "update.published"))["data"]["notice"]
    assert (notice["title"], notice["category"]) == ("Exam moved", "courses")
    assert notice["url"] == update["url"]
    assert (await told_of(phone, "room.created"))["data"]["notice"]["url"] == room["url"]
    assert "update.published" not in await kinds(desk)
    await outsider.expect_nothing("notification.created")
    assert (await listed(outsider))["notices"] == []


async def test_a_message_to_me_a_mention_and_a_reply_are_told_and_lead_to_the_message(
    live: Live,
) -> None:
    course, _teacher, ana, desk, phone = await scene(live)
    direct = (await desk.do("chat.direct", user=ana.id))["room"]["id"]
    private = await desk.say(direct, "a word with you")
    told = (await told_of(phone, "message.direct"))["data"]["notice"]
    assert told["url"] == f"/rooms/{direct}/{private['seq']}"
    assert told["topic"] == f"user:{ana.id}"
    assert told["body"] == "a word with you"

    asked = await phone.say(course, "Which room, @Marta Olsen?")
    mention = (await told_of(desk, "message.mention"))["data"]["notice"]
    assert mention["url"] == f"/rooms/{course}/{asked['seq']}"
    answer = await desk.say(course, "B12", reply_to=asked["id"])
    reply = (await told_of(phone, "message.reply"))["data"]["notice"]
    assert reply["url"] == f"/rooms/{course}/{answer['seq']}"

    page = await page_state(ana, reply["url"])
    assert page["highlight"] == answer["seq"]
    assert answer["id"] in [message["id"] for message in page["messages"]]
    await phone.say(course, "nothing for anyone", reply_to=asked["id"])
    await live.settled()
    assert (await kinds(phone))[0] == "message.reply", "nobody is told of their own reply"


async def test_who_left_a_room_is_not_told_of_a_reply_in_it(live: Live) -> None:
    course, _, _, desk, phone = await scene(live)
    room = (await desk.do("room.create", course=course, name="lab"))["room"]["id"]
    await phone.do("room.join", room=room)
    asked = await phone.say(room, "a question")
    await phone.do("room.leave", room=room)
    await desk.say(room, "an answer for those who are here", reply_to=asked["id"])
    await live.settled()
    assert "message.reply" not in await kinds(phone)


async def test_seen_clears_the_badge_and_leaves_the_dots_in_every_tab(live: Live) -> None:
    course, _, ana, desk, phone = await scene(live)
    laptop = await ana.connect()
    update = await announce(desk, course)
    await told_of(laptop, "update.published")
    page = await listed(phone)
    assert (page["unseen"], page["unread"]) == (2, 2)
    assert await phone.do("notification.seen") == {"unseen": 0, "unread": 2}
    push = await laptop.expect("notification.read", topic=f"user:{ana.id}")
    assert (push["data"]["unseen"], push["data"]["unread"]) == (0, 2)

    notice = next(one for one in page["notices"] if one["url"] == update["url"])
    read = await laptop.do("notification.read", ids=[notice["id"]])
    assert (read["unseen"], read["unread"]) == (0, 1)
    await phone.expect("notification.read")
    assert (await phone.expect("notification.read"))["data"]["unread"] == 1
    read = await phone.do("notification.unread", ids=[notice["id"]])
    assert (read["unseen"], read["unread"]) == (0, 2)
    read = await phone.do("notification.read", all=True)
    assert (read["unseen"], read["unread"]) == (0, 0)
    assert all(one["read"] for one in (await listed(laptop))["notices"])
    await desk.expect_nothing("notification.read")
    await announce(desk, course, "Another")
    await live.settled()
    assert (await listed(laptop))["unread"] == 1


async def test_seen_goes_only_through_what_was_shown(live: Live) -> None:
    course, _, _, desk, phone = await scene(live)
    await announce(desk, course, "one")
    await live.settled()
    shown = {notice["topic"]: notice["seq"] for notice in (await listed(phone))["notices"]}
    await announce(desk, course, "two")
    await live.settled()
    assert (await phone.do("notification.seen", through=shown))["unseen"] == 1
    assert (await phone.do("notification.seen", through={"course:" + "0" * 24: 9}))["unseen"] == 1


async def test_the_panel_is_paged_and_filtered_by_category(live: Live) -> None:
    course, _, ana, desk, phone = await scene(live)
    for number in range(7):
        await announce(desk, course, f"news {number}")
    direct = (await desk.do("chat.direct", user=ana.id))["room"]["id"]
    await desk.say(direct, "hello")
    await live.settled()
    whole = [notice["id"] for notice in (await listed(phone, limit=100))["notices"]]
    assert len(whole) == 9
    paged, before = [], None
    while True:
        page = await listed(phone, limit=4, **({"before": before} if before else {}))
        paged += [notice["id"] for notice in page["notices"]]
        assert page["unseen"] == 9, "the badge counts all, whatever the page shows"
        if (before := page["next"]) is None:
            break
    assert paged == whole
    messages = await listed(phone, category="messages")
    assert [notice["kind"] for notice in messages["notices"]] == ["message.direct"]
    await phone.do("notification.read", all=True, category="courses")
    unread = await listed(phone, unread=True)
    assert {notice["category"] for notice in unread["notices"]} == {"messages", "enrollment"}
    assert await phone.refused("notification.list", before="nonsense") == "invalid_field"


async def many(live: Live, topic: str, count: int, kind: str = "enrollment.new") -> None:
    """So many notices on a topic, a little apart, after all others."""
    begin = live.services.clock()
    notice = NoticeContent(
        kind=kind, category="enrollment", title="t", url="/help", actor=None, course=None
    )
    drafts = [
        NewEvent(
            topic,
            NoticeCreated(notice=notice),
            "system",
            f"{topic}-many-{number}",
            reacts=False,
            at=begin + timedelta(milliseconds=10 * number),
        )
        for number in range(count)
    ]
    await live.services.log.append_all(drafts)


async def paged(client: LiveClient, **args: Any) -> tuple[list[str], int]:
    """The ids of a whole list, and how many pages it took."""
    ids: list[str] = []
    before: Json = {}
    for pages in range(1, 100):
        page = await listed(client, **before, **args)
        ids += [notice["id"] for notice in page["notices"]]
        if page["next"] is None:
            return ids, pages
        before = {"before": page["next"]}
    raise AssertionError("the list never ends")


async def test_what_is_rare_is_found_behind_much_else(live: Live) -> None:
    course, _, ana, desk, _ = await scene(live)
    await ana.command("feed.feedback", course=course, stars=4, comment="old and unread")
    await live.settled()
    await many(live, f"staff:{course}", 101)
    page = await listed(desk, category="courses")
    assert [notice["body"] for notice in page["notices"]] == ["old and unread"]
    assert page["next"] is None
    whole = await listed(desk, limit=100)
    assert (len(whole["notices"]), whole["next"] is None) == (100, False)
    ids, pages = await paged(desk, limit=100)
    assert (len(ids), len(set(ids)), pages) == (103, 103, 2)
    exact, _ = await paged(desk, limit=7)
    assert exact == ids


async def test_a_filter_ends_after_bounded_steps_and_goes_on_from_there(live: Live) -> None:
    course, _, ana, desk, _ = await scene(live)
    await ana.command("feed.feedback", course=course, stars=4, comment="far below")
    await live.settled()
    await many(live, f"staff:{course}", 2_600)
    await many(live, f"course:{course}", 300)
    first = await listed(desk, category="courses")
    assert (first["notices"], first["next"] is None) == ([], False)
    ids, pages = await paged(desk, category="courses")
    assert (len(ids), pages) == (1, 2)
    await desk.do("notification.read", ids=ids)
    assert (await paged(desk, category="courses", unread=True))[0] == []
    whole, _ = await paged(desk, limit=100)
    assert len(whole) == len(set(whole)) == 2_902


async def state_of(client: LiveClient) -> tuple[dict[str, Json], int, int]:
    found: dict[str, Json] = {}
    before: Json = {}
    while True:
        page = await listed(client, limit=100, **before)
        found |= {one["id"]: one for one in page["notices"]}
        if page["next"] is None:
            return found, page["unseen"], page["unread"]
        before = {"before": page["next"]}


async def test_undo_of_reading_all_makes_everything_as_it_was(live: Live) -> None:
    course, _, ana, desk, phone = await scene(live)
    laptop = await ana.connect()
    for number in range(48):
        await announce(desk, course, f"news {number}")
    await live.settled()
    ids = [notice["id"] for notice in (await listed(phone, limit=100))["notices"]]
    await phone.do("notification.seen", through={f"course:{course}": 30})
    await phone.do("notification.read", ids=[*ids[3:9], ids[40]])
    await phone.do("notification.unread", ids=[ids[4]])
    before = await state_of(phone)
    assert 0 < before[2] < len(before[0])

    undo = (await phone.do("notification.read", all=True))["undo"]
    assert (await state_of(phone))[1:] == (0, 0)
    answer = await phone.do("notification.unread", undo=undo)
    assert (answer["unseen"], answer["unread"]) == before[1:]
    assert await state_of(phone) == before
    told = [push for push in laptop.seen if push["push"] == "notification.read"][-1]["data"]
    assert (told["unseen"], told["unread"]) == before[1:]
    again = await phone.do("notification.unread", undo=undo)
    assert again["undo"] is None, "it is so already"

    undo = (await phone.do("notification.read", all=True, category="courses"))["undo"]
    await phone.do("notification.unread", undo=undo)
    assert await state_of(phone) == before


async def test_undo_keeps_what_was_done_since(live: Live) -> None:
    course, _, _, desk, phone = await scene(live)
    for number in range(4):
        await announce(desk, course, f"news {number}")
    await live.settled()
    old = [notice["id"] for notice in (await listed(phone, category="courses"))["notices"]]
    undo = (await phone.do("notification.read", all=True))["undo"]
    await announce(desk, course, "later")
    await announce(desk, course, "latest")
    await live.settled()
    new = [notice["id"] for notice in (await listed(phone, category="courses"))["notices"]][:2]
    await phone.do("notification.read", ids=[new[0]])
    await phone.do("notification.unread", undo=undo)
    shown = {one["id"]: one["read"] for one in (await listed(phone))["notices"]}
    assert [shown[one] for one in old] == [False] * 4
    assert [shown[one] for one in new] == [True, False]


async def test_nobody_takes_back_what_another_did_or_what_never_was(live: Live) -> None:
    _, _, ana, desk, phone = await scene(live)
    undo = (await phone.do("notification.read", all=True))["undo"]
    assert await desk.refused("notification.unread", undo=undo) == "invalid_field"
    for wrong in (f"user:{ana.id}.1", f"user:{ana.id}.999", "x", ""):
        assert await phone.refused("notification.unread", undo=wrong) == "invalid_field"
    assert await phone.refused("notification.unread") == "invalid_field"


async def test_more_notices_than_are_kept_are_paged_whole_over_several_topics(live: Live) -> None:
    course, _, _, desk, _ = await scene(live)
    notice = NoticeContent(
        kind="x", category="courses", title="t", url="/", actor=None, course=None
    )
    # Chattier on one topic; and clocks of two nodes that differ by more than the pace of notices.
    begin = live.services.clock() - timedelta(hours=1)
    drafts = [
        NewEvent(
            f"{'staff' if number % 7 == 0 else 'course'}:{course}",
            NoticeCreated(notice=notice),
            "system",
            f"many-{number}",
            reacts=False,
            at=begin + timedelta(seconds=number + 5 * (number % 2)),
        )
        for number in range(400)
    ]
    rows = await live.services.log.append_all(drafts)
    expected = [row.id for row in sorted(rows, key=lambda row: (row.at, row.id), reverse=True)]
    paged, before = [], None
    while True:
        page = await listed(desk, limit=30, **({"before": before} if before else {}))
        paged += [one["id"] for one in page["notices"] if one["kind"] == "x"]
        if (before := page["next"]) is None:
            break
    assert paged == expected


async def test_the_bell_of_a_page_and_what_is_told_equal_a_fresh_page(live: Live) -> None:
    course, _, ana, desk, phone = await scene(live)
    page = await page_state(ana, "/notifications")
    await announce(desk, course)
    missed = await follow(phone, page)
    direct = (await desk.do("chat.direct", user=ana.id))["room"]["id"]
    await desk.say(direct, "hello")
    await live.settled()
    first = (await listed(phone))["notices"][1]["id"]
    await phone.do("notification.seen")
    await phone.do("notification.read", ids=[first])
    await phone.do("room.list")
    await live.settled()
    ids = {(event["topic"], event["seq"]) for event in missed}
    pushes = [p for p in phone.seen if "seq" in p and (p["topic"], p["seq"]) not in ids]
    fresh = await page_state(ana, "/notifications")
    assert applied(page, ana.id, missed + pushes) == applied(fresh, ana.id, [])
    assert page["shell"]["unseen"] == page["unseen"] == 1


TIMED = ("jobs", "leases", "sessions", "desks", "marks")
"""Written when their time comes, whatever was told."""


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Every document that is written from here on, by its collection."""
    written: Counter[str] = Counter()

    def wrap(name: str, size: Callable[[Any], int]) -> None:
        original = getattr(AsyncIOMotorCollection, name)

        def counted(self: Any, first: Any, *args: Any, **kwargs: Any) -> Any:
            written[self.name] += size(first)
            return original(self, first, *args, **kwargs)

        monkeypatch.setattr(AsyncIOMotorCollection, name, counted)

    for name in ("insert_one", "update_one", "update_many", "find_one_and_update"):
        wrap(name, lambda first: 1)
    wrap("insert_many", len)
    wrap("bulk_write", len)
    return written


async def test_telling_a_course_of_three_hundred_costs_what_telling_three_does(
    live: Live, writes: Counter[str]
) -> None:
    course, _, _, desk, phone = await scene(live)
    db = live.services.db
    costs = []
    for size in (3, 300):
        for _ in range(size):
            user = new_id()
            document = {"course": course, "user": user, "since": 0, "active": True}
            more = {"at": live.services.clock(), "by": user, "seq": 1}
            await enrollments.put(db, {"_id": f"{course}/{user}", **document, **more})
        writes.clear()
        await announce(desk, course, f"to {size}")
        await told_of(phone, "update.published")
        await live.settled()
        costs.append(sum(count for name, count in writes.items() if name not in TIMED))
        assert writes["desks"] + writes["marks"] < 10
    assert 0 < costs[0] == costs[1] < 10


async def test_the_counts_that_come_with_a_notice_are_those_of_the_bell(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, _, ana, desk, phone = await scene(live)
    await announce(desk, course)
    await phone.do("notification.seen")
    await announce(desk, course, "And again")
    await live.settled()
    page = await listed(phone)
    before = (page["unseen"], page["unread"])
    assert before[0] < before[1], "seen and read are told apart"
    friends = [await live.teacher(name) for name in ("Bo", "Cy", "Di")]
    rooms = [(await one.command("chat.direct", user=ana.id))["room"]["id"] for one in friends]
    await live.settled()
    all_wrote = asyncio.Event()

    async def later(services: Services, row: Row) -> list[NewEvent]:
        await all_wrote.wait()
        return await react(services, row)

    monkeypatch.setattr(reactor, "react", later)
    for friend, room in zip(friends, rooms, strict=True):
        await friend.command("chat.post", room=room, body="A word?")
    all_wrote.set()
    pushes = [await told_of(phone, "message.direct") for _ in range(3)]
    counts = [(push["data"]["unseen"], push["data"]["unread"]) for push in pushes]
    assert counts == [(before[0] + more, before[1] + more) for more in (1, 2, 3)]
    page = await listed(phone)
    assert (page["unseen"], page["unread"]) == counts[-1]
