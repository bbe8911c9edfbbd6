"""A notice goes with what it is about on every node, whichever heard of it."""

import json

from tests.live import until
from tests.nodes.conftest import Nodes, seen_from


async def test_words_that_were_lost_on_one_node_are_gone_on_the_other(nodes: Nodes) -> None:
    here, there = await nodes(2)
    teacher, ana = await here.teacher("Tess"), await here.student("Ana")
    course = (await teacher.make_course())["id"]
    await ana.enroll(course)
    made = await teacher.command("room.create", course=course, name="inner", kind="private")
    room = made["room"]["id"]
    await teacher.command("room.invite", room=room, user=ana.id)
    public = (await teacher.command("room.create", course=course, name="Plans"))["room"]["id"]
    await teacher.command("chat.post", room=room, body="a secret for @Ana")
    item = await ana.command("feed.feedback", course=course, stars=1, comment="bad words")

    phone, desk = await seen_from(there, ana).connect(), await seen_from(there, teacher).connect()
    for client, words in ((phone, ("a secret", "Plans")), (desk, ("bad words",))):

        async def told(client=client, words=words) -> bool:  # type: ignore[no-untyped-def]
            page = json.dumps(await client.do("notification.list", limit=100))
            return all(one in page for one in words)

        await until(told)

    await teacher.command("room.remove", room=room, user=ana.id)
    own = await phone.expect("notification.withdrawn", topic=f"user:{ana.id}")
    await teacher.command("room.update", room=public, kind="private")
    await phone.expect("notification.withdrawn", topic=f"course:{course}")
    await ana.command("feed.delete", item=item["item"]["id"])
    await desk.expect("notification.withdrawn", topic=f"staff:{course}")
    page = await phone.do("notification.list", limit=100)
    assert [notice["kind"] for notice in page["notices"]] == ["enrollment.own"]
    assert (page["unseen"], page["unread"]) == (1, 1)
    assert (own["data"]["unseen"], own["data"]["unread"]) == (2, 2), "the room was there then"
    staff = json.dumps(await desk.do("notification.list", limit=100))
    assert "bad words" not in staff
    cursors = {f"user:{ana.id}": 0}
    told_again = await phone.do("sync", epoch=phone.hello["epoch"], cursors=cursors)
    assert "a secret" not in json.dumps(told_again)
