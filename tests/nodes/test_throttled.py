"""What waits to be told on one node is judged by what another node decided meanwhile."""

from tests.live import until
from tests.nodes.conftest import Nodes, seen_from


async def test_what_was_said_before_a_room_turned_private_elsewhere_is_not_told_after(
    nodes: Nodes,
) -> None:
    here, there = await nodes(2)
    teacher, ana = await here.teacher(), await here.student()
    course = await teacher.make_course()
    await ana.enroll(course)
    room = (await teacher.command("room.create", course=course["id"], name="lab"))["room"]["id"]
    phone = await ana.connect()
    tellings, name = here.services.throttled, f"activity/{room}"
    tellings._interval_s = 3600.0
    said = await teacher.command("chat.post", room=room, body="for all")
    told = await phone.expect("room.activity")
    await teacher.command("chat.post", room=room, body="between us")
    assert tellings._resting[name] is not None
    await seen_from(there, teacher).command("room.update", room=room, kind="private")
    tellings._wake(name)
    await until(lambda: "telling" not in here.services.tasks.names())
    await phone.expect_nothing("room.activity")
    assert told["data"]["last_at"] == said["message"]["created_at"]


async def test_the_seats_of_a_course_that_was_withdrawn_elsewhere_are_not_told(
    nodes: Nodes,
) -> None:
    here, there = await nodes(2)
    teacher, ana, ben = await here.teacher(), await here.student(), await here.student()
    course = await teacher.make_course()
    visitor = await here.connect("/ws/search")
    await visitor.join("catalog")
    tellings, name = here.services.throttled, f"seats/{course['id']}"
    tellings._interval_s = 3600.0
    await ana.enroll(course)
    await visitor.expect("course.seats")
    await ben.enroll(course)
    await until(lambda: tellings._resting[name] is not None)
    address = f"/api/courses/{course['id']}"
    await seen_from(there, teacher).api("PATCH", address, {"published": False})
    tellings._wake(name)
    await until(lambda: "telling" not in here.services.tasks.names())
    await visitor.expect_nothing("course.seats")
