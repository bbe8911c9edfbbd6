"""A4 over two nodes: one act, wherever and however often it is sent."""

import asyncio

from elearn.models import events
from tests.live import new_key
from tests.nodes.conftest import Nodes, seen_from


async def test_a4_a_message_sent_again_on_another_node_is_the_same_message(nodes: Nodes) -> None:
    here, there = await nodes(2)
    teacher = await here.teacher()
    room = (await teacher.make_course())["id"]
    one, other = await teacher.connect(), await seen_from(there, teacher).connect()
    key = new_key()
    await one.send("chat.post", key=key, room=room, body="once")
    one.cut()
    first = await other.ask("chat.post", key=key, room=room, body="once")
    again = await other.ask("chat.post", key=key, room=room, body="once")
    assert again["duplicate"]
    assert again["result"] == first["result"]
    conflict = await other.refused("chat.post", key=key, room=room, body="something else")
    assert conflict == "idempotency_conflict"


async def test_a4_twenty_at_once_over_two_nodes_store_one(nodes: Nodes) -> None:
    here, there = await nodes(2)
    teacher = await here.teacher()
    room = (await teacher.make_course())["id"]
    clients = [await seen_from(node, teacher).connect() for node in (here, there) * 10]
    listening = await teacher.connect()
    await listening.join(f"room:{room}")
    key = new_key()
    replies = await asyncio.gather(
        *(client.ask("chat.post", key=key, room=room, body="once") for client in clients)
    )
    assert all(reply["ok"] for reply in replies)
    assert len({reply["result"]["message"]["id"] for reply in replies}) == 1
    assert sum(not reply.get("duplicate", False) for reply in replies) <= 1
    rows = await events.since(here.services.db, f"room:{room}", 0, 100)
    assert [row.event for row in rows].count("chat.posted") == 1
    await listening.expect("chat.posted")
    await listening.expect_nothing("chat.posted")


async def test_the_last_seat_is_given_once_over_two_nodes(nodes: Nodes) -> None:
    here, there = await nodes(2)
    teacher = await here.teacher()
    course = await teacher.make_course(capacity=1)
    students = [seen_from(node, await here.student()) for node in (here, there) * 5]
    answers = await asyncio.gather(
        *(student.enroll(course) for student in students), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(refused) == len(students) - 1
    assert {getattr(error, "code", error) for error in refused} == {"course_full"}
    rows = await events.since(here.services.db, f"course:{course['id']}", 0, 100)
    assert [row.event for row in rows].count("enrollment.enrolled") == 1
