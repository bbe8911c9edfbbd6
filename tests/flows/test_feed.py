"""The activity feed over real sockets: what happened, for those who may see it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from elearn.errors import Unavailable
from elearn.models import feed
from elearn.nouns import people as nouns
from elearn.nouns.courses import CourseBrief
from elearn.nouns.feed import Item
from tests.browsing import follow, page_state, told
from tests.live import CommandRefused, Json, Live, LiveClient, Person, until


async def scene(live: Live) -> tuple[str, Person, LiveClient, LiveClient, LiveClient]:
    teacher, ana, eve = await live.teacher(), await live.student("Ana"), await live.student("Eve")
    course = await teacher.make_course("Algebra")
    await ana.enroll(course)
    await live.settled()
    return course["id"], ana, await teacher.connect(), await ana.connect(), await eve.connect()


async def items(client: LiveClient, scope: str = "me", **args: Any) -> list[Json]:
    found: list[Json] = (await client.do("feed.list", scope=scope, **args))["items"]
    return found


def applied(shown: list[Json], pushes: list[Json]) -> list[Json]:
    """A feed by its order after what was told."""
    known = {item["id"]: item for item in shown}
    for push in pushes:
        if push["push"] == "feed.posted":
            known[push["data"]["item"]["id"]] = push["data"]["item"]
        elif push["push"] == "feed.deleted":
            known.pop(push["data"]["id"], None)
    return sorted(known.values(), key=lambda item: item["order"], reverse=True)


async def test_a_status_in_a_course_is_live_for_those_inside_alone(live: Live) -> None:
    course, _, desk, phone, outsider = await scene(live)
    topic = f"course:{course}"
    assert await outsider.refused("subscribe", topic=topic) == "not_a_member"
    assert await outsider.refused("feed.post", body="let me in", course=course) == "not_a_member"
    posted = (await phone.do("feed.post", body="**Done** with sheet 3", course=course))["item"]
    push = await desk.expect("feed.posted", topic=topic)
    while push["data"]["item"]["kind"] != "status":
        push = await desk.expect("feed.posted", topic=topic)
    assert push["data"]["item"] == posted
    assert posted["html"] == "<p><strong>Done</strong> with sheet 3</p>"
    assert posted["id"] in [item["id"] for item in await items(desk, "course", id=course)]
    assert posted["id"] in [item["id"] for item in await items(desk)]
    await outsider.expect_nothing("feed.posted")
    assert await items(outsider) == []
    assert await outsider.refused("feed.list", scope="course", id=course) == "not_a_member"


async def test_the_feed_shows_enrolments_updates_chat_rooms_and_feedback(live: Live) -> None:
    course, _, desk, phone, _ = await scene(live)
    given = {"kind": "announcement", "title": "Exam moved", "body": "B12"}
    update = (await desk.do("update.publish", course=course, **given))["update"]
    await desk.do("room.create", course=course, name="lab")
    await desk.say(course, "hello all")
    await phone.do("feed.feedback", course=course, stars=5, comment="clear")
    await phone.do("feed.post", body="a status", course=course)
    await live.settled()
    for client in (desk, phone):
        found = await items(client)
        wanted = {"enrollment", "update", "chat", "room", "feedback", "status"}
        assert {item["kind"] for item in found} == wanted
        orders = [item["order"] for item in found]
        assert orders == sorted(orders, reverse=True)
        assert len(set(orders)) == len(orders)
    told = next(item for item in await items(phone) if item["kind"] == "update")
    assert told["url"] == update["url"]
    assert told["course"]["title"] == "Algebra"
    assert [i["kind"] for i in await items(phone, kind="feedback")] == ["feedback"]


async def test_a_day_of_chat_is_one_item(live: Live) -> None:
    course, _, desk, phone, _ = await scene(live)
    for number in range(5):
        await desk.say(course, f"point {number}")
        await phone.say(course, f"answer {number}")
    await live.settled()
    assert [i["body"] for i in await items(phone, kind="chat")] == ["point 0"]


async def test_a_message_that_was_not_stored_does_not_begin_the_days_conversation(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, _, desk, phone, _ = await scene(live)
    with monkeypatch.context() as broken:
        broken.setattr(live.services.log, "put", _away)
        assert await desk.refused("chat.post", room=course, body="lost") == "unavailable"
    await desk.say(course, "stored")
    await live.settled()
    assert [i["body"] for i in await items(phone, kind="chat")] == ["stored"]


async def test_a_days_conversation_stands_in_the_feed_when_its_reaction_had_to_wait(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, _, desk, phone, _ = await scene(live)
    with monkeypatch.context() as broken:
        broken.setattr(live.services.log, "append_all", _away)
        await desk.say(course, "stored")
        await live.settled()
    live.services.log.reaction_queue.mend_soon()

    async def in_the_feed() -> bool:
        return [i["body"] for i in await items(phone, kind="chat")] == ["stored"]

    await until(in_the_feed)


async def _away(*_: Any) -> None:
    raise Unavailable("The store is away.")


async def test_the_feed_of_a_person_shows_what_the_viewer_may_see(live: Live) -> None:
    course, ana, desk, phone, outsider = await scene(live)
    await phone.do("feed.post", body="inside", course=course)
    await phone.do("feed.post", body="for everyone in elearn", course=course, visibility="public")
    await phone.do("feed.post", body="on my profile")
    await live.settled()
    seen = {item["body"] for item in await items(desk, "user", id=ana.id)}
    assert {"inside", "for everyone in elearn", "on my profile"} <= seen
    outside = await items(outsider, "user", id=ana.id)
    assert [item["body"] for item in outside] == ["on my profile", "for everyone in elearn"]
    page = await page_state(ana, f"/users/{ana.id}")
    assert {item["kind"] for item in page["items"]} == {"status", "enrollment"}


async def test_an_anonymous_feedback_tells_nobody_who_gave_it(live: Live) -> None:
    course, ana, desk, phone, _ = await scene(live)
    await phone.do("feed.feedback", course=course, stars=2, comment="too fast", anonymous=True)
    push = await desk.expect("feed.posted")
    while push["data"]["item"]["kind"] != "feedback":
        push = await desk.expect("feed.posted")
    assert push["data"]["item"]["stars"] == 2
    assert push["data"]["item"]["actor"] is None
    assert ana.id not in repr(push)
    listed = await items(desk, "course", id=course, kind="feedback")
    assert len(listed) == 1
    assert ana.id not in repr(listed)
    assert "too fast" not in repr(await items(desk, "user", id=ana.id))
    assert await desk.refused("feed.feedback", course=course, stars=5) == "forbidden"

    await phone.do("feed.delete", item=listed[0]["id"])
    assert ana.id not in repr(await desk.expect("feed.deleted"))


async def test_what_peers_see_never_links_a_name_with_feedback_given_without_it(
    live: Live,
) -> None:
    course, ana, _, phone, peer = await scene(live)
    await peer.do("enrollment.enroll", course=course)
    begun = (await live.services.log.head(f"course:{course}")).visible
    feedback = {"course": course, "comment": "too fast"}
    await peer.do("feed.feedback", **feedback, stars=3)
    await phone.do("feed.feedback", **feedback, stars=2, anonymous=True)
    # Neither may become the other: the old one goes where the new one comes.
    for client, anonymous in ((peer, True), (phone, False)):
        changed = {**feedback, "stars": 1, "anonymous": anonymous}
        assert await client.refused("feed.feedback", **changed) == "invalid_field"
    await phone.do("feed.feedback", **feedback, stars=1, anonymous=True)
    gone = (await items(phone, "course", id=course, kind="feedback"))[0]["id"]
    await phone.do("feed.delete", item=gone)
    assert await phone.refused("feed.feedback", **feedback, stars=5) == "invalid_field"
    await live.settled()

    cursors = {f"course:{course}": begun}
    missed = await peer.do("sync", epoch=peer.hello["epoch"], cursors=cursors)
    stream = missed["topics"][f"course:{course}"]["events"]
    assert [event["push"] for event in stream].count("feed.posted") == 3
    heard = [push for push in peer.seen if push.get("topic") == f"course:{course}"]
    live_stream = [push for push in heard if push.get("seq", 0) > begun]
    page = await page_state(peer.person, f"/courses/{course}/feed")  # type: ignore[arg-type]
    profile = await page_state(peer.person, f"/users/{ana.id}")  # type: ignore[arg-type]
    shown = [one for one in (*page["items"], *profile["items"]) if one["kind"] == "feedback"]
    assert [one["actor"]["id"] for one in shown] == [peer.person.id]  # type: ignore[union-attr]
    for seen in (stream, live_stream):
        assert seen
        assert ana.id not in repr(seen)
        assert "Ana" not in repr(seen)


async def test_the_average_follows_a_changed_mind(live: Live) -> None:
    course, ana, _, phone, outsider = await scene(live)
    await outsider.do("enrollment.enroll", course=course)
    await phone.do("feed.feedback", course=course, stars=1)
    await outsider.do("feed.feedback", course=course, stars=5)
    assert (await page_state(ana, f"/courses/{course}"))["feedback"]["average"] == 3
    await phone.do("feed.feedback", course=course, stars=4)
    feedback = (await page_state(ana, f"/courses/{course}"))["feedback"]
    assert (feedback["average"], feedback["count"]) == (4.5, 2)
    assert feedback["mine"]["stars"] == 4
    assert await phone.refused("feed.feedback", course=course, stars=6) == "invalid_field"


async def test_the_average_that_is_told_is_the_one_of_a_fresh_page(live: Live) -> None:
    course, ana, desk, phone, other = await scene(live)
    await other.do("enrollment.enroll", course=course)
    before = await page_state(ana, f"/courses/{course}")
    await phone.do("feed.feedback", course=course, stars=4, anonymous=True)
    await other.do("feed.feedback", course=course, stars=5)
    await phone.do("feed.feedback", course=course, stars=2, anonymous=True)
    given = await items(other, "course", id=course, kind="feedback")
    await other.do("feed.delete", item=next(item["id"] for item in given if item["actor"]))
    pushes = await told(desk, live, f"course:{course}")
    ratings = [push["data"]["rating"] for push in pushes if "rating" in push["data"]]
    assert [before["feedback"]["average"]] == [None]
    assert [(one["average"], one["count"]) for one in ratings] == [
        (4, 1),
        (4.5, 2),
        (3.5, 2),
        (2, 1),
    ]
    fresh = (await page_state(ana, f"/courses/{course}"))["feedback"]
    assert {name: fresh[name] for name in ("average", "count")} == ratings[-1]


async def test_feedback_that_is_taken_back_leaves_the_average(live: Live) -> None:
    course, ana, desk, phone, other = await scene(live)
    await other.do("enrollment.enroll", course=course)
    await other.do("feed.feedback", course=course, stars=5)

    async def shown() -> tuple[float, int]:
        feedback = (await page_state(ana, f"/courses/{course}"))["feedback"]
        return feedback["average"], feedback["count"]

    for stars in (1, 2):  # given anew, it counts again
        await phone.do("feed.feedback", course=course, stars=stars, anonymous=True)
        assert await shown() == ((5 + stars) / 2, 2)
        given = (await items(phone, "course", id=course, kind="feedback"))[0]["id"]
        await phone.do("feed.delete", item=given)
        assert await shown() == (5, 1)
        told = await desk.expect("feed.deleted")
        assert told["data"] == {"id": given, "rating": {"average": 5, "count": 1}}
        assert ana.id not in repr(told)


async def test_pages_of_the_feed_neither_repeat_nor_skip_while_it_grows(live: Live) -> None:
    course, _, desk, phone, _ = await scene(live)
    for number in range(9):
        await phone.do("feed.post", body=f"post {number}", course=course)
    first = await desk.do("feed.list", scope="course", id=course, limit=4)
    await phone.do("feed.post", body="meanwhile", course=course)
    rest = await desk.do("feed.list", scope="course", id=course, limit=100, before=first["next"])
    bodies = [i["body"] for i in first["items"] + rest["items"] if i["kind"] == "status"]
    assert bodies == [f"post {number}" for number in range(8, -1, -1)]


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_pages_neither_repeat_nor_skip_items_of_the_same_moment(
    live: Live, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    course, _, _, phone, _ = await scene(live)
    orders = iter([5, 5, 4, 4, 4, 4, 3, 2, 2, 1])
    monkeypatch.setattr("elearn.models.feed.order", lambda at, seq: next(orders))
    # In two topics that one list puts together.
    wanted = [
        (await phone.do("feed.post", body="again", course=course if number % 2 else None))["item"]
        for number in range(10)
    ]
    seen: list[str] = []
    page: Json = {"next": 6}
    while page["next"] is not None:
        page = await phone.do("feed.list", scope="me", limit=limit, before=page["next"])
        assert len(page["items"]) >= min(limit, len(wanted) - len(seen))
        seen += [item["id"] for item in page["items"]]
    assert sorted(seen) == sorted(item["id"] for item in wanted)


async def test_ones_own_item_can_be_deleted_and_disappears_in_open_pages(live: Live) -> None:
    course, _, desk, phone, _ = await scene(live)
    item = (await phone.do("feed.post", body="oops", course=course))["item"]["id"]
    others = (await desk.do("feed.post", body="from the teacher", course=course))["item"]["id"]
    assert await phone.refused("feed.delete", item=others) == "forbidden"
    await phone.do("feed.delete", item=item)
    assert (await desk.expect("feed.deleted"))["data"] == {"id": item}
    assert item not in [one["id"] for one in await items(desk)]
    assert await phone.refused("feed.delete", item=item) == "not_found"


async def test_the_feed_of_a_page_and_what_is_told_equal_a_fresh_page(live: Live) -> None:
    course, ana, desk, phone, outsider = await scene(live)
    await phone.do("feed.post", body="before", course=course)
    page = await page_state(ana, f"/courses/{course}/feed")
    between = (await desk.do("feed.post", body="between", course=course))["item"]["id"]
    missed = await follow(phone, page)
    await outsider.do("enrollment.enroll", course=course)
    await desk.do("feed.post", body="after", course=course)
    await desk.do("feed.delete", item=between)
    since = page["cursors"][f"course:{course}"]
    pushes = [p for p in await told(phone, live, f"course:{course}") if p["seq"] > since]
    fresh = await page_state(ana, f"/courses/{course}/feed")
    assert applied(page["items"], missed + pushes) == fresh["items"]


async def test_nothing_of_a_hidden_course_shows_to_others_whenever_it_was_said(live: Live) -> None:
    teacher, ana, eve = await live.teacher(), await live.student("Ana"), await live.student("Eve")
    course = (await teacher.make_course("Secret Plans"))["id"]
    await ana.enroll(course)
    for person in (teacher, ana):
        await person.command("feed.post", body="said to all", course=course, visibility="public")
    await live.settled()
    shown = await page_state(eve, f"/users/{ana.id}")
    assert [item["body"] for item in shown["items"]] == ["said to all"]
    client = await eve.connect()
    assert "said to all" in json.dumps(await client.do("feed.list", scope="user", id=teacher.id))

    await teacher.api("PATCH", f"/api/courses/{course}", {"published": False})
    await live.settled()
    for person in (teacher, ana):
        page = await page_state(eve, f"/users/{person.id}")
        listed = await client.do("feed.list", scope="user", id=person.id)
        assert "said to all" not in json.dumps([page, listed])
        assert "Secret Plans" not in json.dumps([page, listed])
        assert listed == {"items": [], "next": None}
    assert "Secret Plans" not in json.dumps(await page_state(eve, "/"))
    own = await ana.command("feed.list", scope="user", id=ana.id)
    assert "said to all" in json.dumps(own), "those in it see it as before"
    with pytest.raises(CommandRefused) as refused:
        await ana.command("feed.post", body="more", course=course, visibility="public")
    assert (refused.value.code, refused.value.error["field"]) == ("invalid_field", "visibility")
    await ana.command("feed.post", body="among us", course=course)

    await ana.command("enrollment.leave", course=course)
    own = await ana.command("feed.list", scope="user", id=ana.id)
    assert "Secret Plans" not in json.dumps(own), "nor to who was in it"
    await teacher.api("PATCH", f"/api/courses/{course}", {"published": True})
    listed = await client.do("feed.list", scope="user", id=ana.id)
    assert [item["body"] for item in listed["items"]] == ["said to all"]


async def test_a_deleted_item_is_told_again_without_its_words(live: Live) -> None:
    teacher, ana = await live.teacher(), await live.student("Ana")
    course = (await teacher.make_course())["id"]
    await ana.enroll(course)
    item = (await ana.command("feed.post", body="regretted words", course=course))["item"]
    profile = (await ana.command("feed.post", body="regretted too"))["item"]
    for one in (item, profile):
        await ana.command("feed.delete", item=one["id"])
    client = await ana.connect()
    since = (await client.do("enrollment.list"))["enrollments"][0]["since"]
    cursors = {f"course:{course}": since, f"user:{ana.id}": 0}
    told = await client.do("sync", epoch=client.hello["epoch"], cursors=cursors)
    assert "regretted" not in json.dumps(told)
    again = [
        event["data"]["item"]
        for part in told["topics"].values()
        for event in part["events"]
        if event["push"] == "feed.posted" and event["data"]["item"]["kind"] == "status"
    ]
    assert [bool(one["deleted_at"]) for one in again] == [True, True]


async def test_a_page_reads_so_much_and_says_where_it_goes_on(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of somebody who did much that the reader may not see."""
    course, ana, _, phone, outsider = await scene(live)
    await phone.do("feed.post", body="for everyone")
    newest = (await items(phone))[0]
    hidden = [
        Item(
            id=f"course:{course}.{seq}",
            topic=f"course:{course}",
            author=ana.id,
            at=datetime.now(UTC),
            seq=seq,
            kind="status",
            actor=nouns.Person(ana.id, "Ana", "student"),
            course=CourseBrief(course, "Algebra"),
            title="",
            body="inside",
            order=newest["order"] + seq,
        )
        for seq in range(1_000, 1_600)
    ]
    for begin in range(0, len(hidden), 100):
        await feed.insert_many(live.services.db, hidden[begin : begin + 100])
    reads: list[int] = []
    page_of = feed.page

    async def counted(*args: Any, limit: int, **more: Any) -> list[Item]:
        reads.append(limit)
        return await page_of(*args, limit=limit, **more)

    monkeypatch.setattr(feed, "page", counted)
    found: list[str] = []
    before: Json = {}
    while True:
        reads.clear()
        page = await outsider.do("feed.list", scope="user", id=ana.id, **before)
        assert sum(reads) <= 300, "a page reads a bounded number of rows"
        found += [item["body"] for item in page["items"]]
        if page["next"] is None:
            break
        before = {"before": page["next"]}
    assert found == ["for everyone"]
    state = await page_state(await live.student(), f"/users/{ana.id}")
    assert state["items"] == []
    assert state["next"] is not None
