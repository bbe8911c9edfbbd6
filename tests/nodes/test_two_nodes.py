"""Two nodes on one store: what is done on one shows on the other, at once and in order."""

from tests.live import Live
from tests.nodes.conftest import Nodes, seen_from


async def _a_room(here: Live, there: Live):
    teacher = await here.teacher("Marta")
    student = seen_from(there, await here.student("Jun"))
    course = await teacher.make_course()
    await student.enroll(course)
    return teacher, student, course["id"]


async def test_a_message_reaches_the_other_node(nodes: Nodes) -> None:
    here, there = await nodes(2)
    teacher, student, room = await _a_room(here, there)
    at_desk, at_home = await teacher.connect(), await student.connect()
    await at_desk.join(f"room:{room}")
    await at_home.join(f"room:{room}")
    sent = await at_desk.say(room, "Hello over there")
    heard = await at_home.expect("chat.posted", topic=f"room:{room}")
    assert heard["data"]["message"] == sent
    answered = await at_home.say(room, "Hello back")
    assert answered["seq"] == sent["seq"] + 1
    assert (await at_desk.expect("chat.posted"))["seq"] == sent["seq"]
    assert (await at_desk.expect("chat.posted"))["data"]["message"] == answered
