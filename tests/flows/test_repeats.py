"""Keys and repeats: whose keys they are, and what a late repeat may not bring back."""

import pytest

from elearn.events.people import SessionEnded
from elearn.log.new_events import NewEvent
from elearn.wire.protocol import is_key
from tests.error_log import ErrorLog
from tests.live import CommandRefused, Live, new_key, until

OWN_KEYS = (
    "course:0123456789abcdef01234567.2/feed",
    "room:0123456789abcdef01234567.12/user:0123456789abcdef01234567",
    "session.ended/0123456789abcdef01234567",
)


@pytest.mark.parametrize("key", OWN_KEYS)
async def test_the_servers_own_keys_are_not_for_clients(live: Live, key: str) -> None:
    assert not is_key(key)
    ana = await live.student("Ana")
    phone = await ana.connect()
    assert await phone.refused("feed.post", body="mine first", key=key) == "bad_request"
    with pytest.raises(CommandRefused) as refused:
        await ana.command("feed.post", body="mine first", key=key)
    assert refused.value.code == "bad_request"
    sent = {"headers": {"Idempotency-Key": key}}
    with pytest.raises(CommandRefused) as refused:
        await ana.api("PATCH", "/api/me", {"about": "x"}, **sent)
    assert refused.value.code == "bad_request"


@pytest.mark.parametrize("key", ["x" * 64, "key-1", "course:7", "a room:0.1"])
def test_other_keys_are(key: str) -> None:
    assert is_key(key)


async def test_a_taken_key_does_not_keep_other_rows_from_their_reactions(
    live: Live, errors: ErrorLog
) -> None:
    """As a store may hold it from before such keys were refused."""
    errors.expect("its feed.posted is not made")
    teacher, ana = await live.teacher(), await live.student("Ana")
    course = await teacher.make_course()
    await live.settled()
    head = await live.services.log.head(f"course:{course['id']}")
    squat = f"course:{course['id']}.{head.seq + 1}/feed"
    await live.services.log.append(
        NewEvent(f"user:{ana.id}", SessionEnded(session="0"), ana.id, squat, "other", reacts=False)
    )
    await ana.enroll(course)
    await live.settled()
    page = await ana.command("notification.list")
    assert [one["kind"] for one in page["notices"]] == ["enrollment.own"]
    assert await live.services.log.reaction_queue.find_unreacted(10) == []


async def test_a_late_repeat_does_not_bring_an_old_name_back(live: Live) -> None:
    ana = await live.student("Ana")
    first, key = {"headers": {"Idempotency-Key": new_key()}}, "/api/me"
    await ana.api("PATCH", key, {"name": "Anna"}, **first)
    await ana.api("PATCH", key, {"name": "Anne"})
    assert (await ana.api("PATCH", key, {"name": "Anna"}, **first))["user"]["name"] == "Anne"
    with pytest.raises(CommandRefused) as refused:
        await ana.api("PATCH", key, {"name": "Hanna"}, **first)
    assert refused.value.code == "idempotency_conflict"
    assert (await ana.api("GET", "/api/me"))["user"]["name"] == "Anne"


async def test_half_a_character_is_refused_and_answered(live: Live) -> None:
    ana = await live.student("Ana")
    phone = await ana.connect()
    await phone.send_raw('{"ref":1,"cmd":"search.suggest","args":{"q":"\\ud800"}}')
    assert (await phone.reply(None))["error"]["code"] == "bad_request"
    await phone.send_raw('{"ref":2,"cmd":"search.suggest","args":{"q":"\\ud83d\\ude00"}}')
    assert (await phone.reply(2))["ok"]
    raw = {"raw": b'{"name":"\\uDC00"}', "headers": {"Content-Type": "application/json"}}
    assert (await live.request("PATCH", "/api/me", token=ana.token, **raw)).code == 400


async def test_a_sync_of_many_full_topics_stays_within_its_reply(live: Live) -> None:
    teacher = await live.teacher()
    desk = await teacher.connect()
    courses = [(await teacher.make_course(f"Course {n}"))["id"] for n in range(12)]
    await live.settled()
    heads = await live.services.log.heads([f"course:{course}" for course in courses])
    cursors = {topic: head.seq for topic, head in heads.items()}
    for course in courses:
        given = {"kind": "announcement", "title": "Long", "body": "word " * 3_900}
        await desk.do("update.publish", course=course, **given)
    await live.settled()
    seen: set[str] = set()
    for _ in range(20):
        answer = await desk.do("sync", epoch=desk.hello["epoch"], cursors=cursors)
        assert len(str(answer)) < 300 * 1024
        for topic, found in answer["topics"].items():
            assert found["recovered"]
            seen |= {topic for event in found["events"] if event["push"] == "update.published"}
            cursors[topic] = found["cursor"]
        cursors = {t: c for t, c in cursors.items() if answer["topics"][t].get("more")}
        if not cursors:
            break
    assert seen == {f"course:{course}" for course in courses}


async def test_a_repeat_of_what_was_done_without_a_name_has_its_answer(live: Live) -> None:
    teacher, ana = await live.teacher(), await live.student("Ana")
    course = await teacher.make_course()
    await ana.enroll(course)
    phone = await ana.connect()
    given = {"course": course["id"], "stars": 2, "comment": "hm", "anonymous": True}
    first = await phone.do("feed.feedback", key="said", **given)
    item = first["item"]["id"]
    await phone.do("feed.delete", key="gone", item=item)
    again = await phone.ask("feed.delete", key="gone", item=item)
    assert again["ok"]
    assert again["duplicate"]
    await phone.do("enrollment.leave", course=course["id"])
    again = await phone.ask("feed.feedback", key="said", **given)
    assert again["ok"]
    assert again["duplicate"]
    assert await phone.refused("feed.delete", key="other", item=item) == "not_found"


async def test_a_repeated_message_is_not_told_as_the_newest_of_its_room(live: Live) -> None:
    teacher, ana = await live.teacher(), await live.student("Ana")
    course = await teacher.make_course()
    await ana.enroll(course)
    await live.settled()
    desk, phone = await teacher.connect(), await ana.connect()
    await desk.say(course["id"], "first", key="once")
    second = await desk.say(course["id"], "second")
    await desk.say(course["id"], "first", key="once")
    await until(lambda: not live.services.throttled._resting)
    await phone.do("ping")
    told = [push["data"] for push in phone.seen if push["push"] == "room.activity"]
    assert told[-1]["last_at"] == second["created_at"]
    assert told[-1]["messages"] == 2
