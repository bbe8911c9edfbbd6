"""Every event with every field that the description of the socket promises really comes."""

import pytest

from elearn.actions import account_rights
from elearn.actions.act import new_act
from elearn.config import Config
from elearn.delivery import presence
from elearn.handlers.asyncapi import events_by_name
from elearn.models.rooms import membership_id
from elearn.ws.limits import Limits
from tests.conftest import served
from tests.described import fields_of
from tests.live import Live, LiveClient, Person
from tests.settling import settle


async def everyone_hears(live: Live) -> tuple[Person, Person, str, list[LiveClient]]:
    """A teacher, a student who is no longer outside, their course; all that is told is heard."""
    teacher, ana = await live.teacher("Marta"), await live.student("Ana")
    desk, phone, visitor = await teacher.connect(), await ana.connect(), await live.connect()
    for client in (desk, phone, visitor):
        await client.join("catalog")
    course = (await teacher.make_course(capacity=5))["id"]
    for client, person in ((desk, teacher), (phone, ana)):
        if person is ana:
            await ana.enroll(course)
        await client.join(f"room:{course}")
    return teacher, ana, course, [desk, phone, visitor]


async def people_talk(teacher: Person, ana: Person, course: str) -> None:
    said = await teacher.command("chat.post", room=course, body="Hello")
    await ana.command("chat.read", room=course, seq=said["message"]["seq"])
    direct = (await teacher.command("chat.direct", user=ana.id))["room"]["id"]
    await teacher.command("chat.post", room=direct, body="A word?")
    notice = (await ana.command("notification.list"))["notices"][0]
    await ana.command("notification.seen")
    await ana.command("notification.read", ids=[notice["id"]])
    await ana.command("notification.read", all=True)


async def rooms_change(
    live: Live, teacher: Person, ana: Person, course: str, desk: LiveClient
) -> None:
    made = await teacher.command("room.create", course=course, name="Set 4", kind="open")
    room = made["room"]["id"]
    await ana.command("room.join", room=room)
    await desk.join(f"room:{room}")
    await teacher.command("room.update", room=room, name="Set 5")
    await teacher.command("room.update", room=room, kind="private")
    await teacher.command("room.update", room=room, kind="open")
    own = {"_id": membership_id(room, teacher.id)}
    await live.services.db.memberships.update_one(own, {"$set": {"role": "member"}})
    await teacher.command("room.take_over", room=room)
    await ana.command("room.leave", room=room)
    await teacher.command("room.archive", room=room)


async def the_course_changes(teacher: Person, ana: Person, course: str) -> None:
    await teacher.command("update.publish", course=course, kind="change", title="Room", body="B12")
    given = await ana.command("feed.feedback", course=course, stars=4)
    await ana.command("feed.delete", item=given["item"]["id"])
    await teacher.api("PATCH", f"/api/courses/{course}", {"title": "Algebra II"})
    await ana.api("PATCH", "/api/me", {"name": "Ana Maria", "invisible": False})
    await ana.command("enrollment.leave", course=course)
    for published in (False, True):
        await teacher.api("PATCH", f"/api/courses/{course}", {"published": published})


async def connections_end(live: Live, ana: Person, phone: LiveClient) -> None:
    act = new_act(account_rights.OPERATIONS, "change-user", [ana.id])
    await account_rights.change_account(live.services, act, ana.id, role="teacher")
    await settle()
    await ana.live.api("DELETE", "/api/sessions/current", token=ana.token)
    await phone.expect_close()
    for connection in tuple(live.node.connections):
        connection._lost()


async def test_every_event_comes_with_every_field_that_is_described(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "MANY", 1)
    async with served(config, Limits(expiry_notice_s=3_600), undo_s=1) as live:
        teacher, ana, course, clients = await everyone_hears(live)
        desk, phone, _ = clients
        await desk.do("chat.typing", room=course, on=True)
        await people_talk(teacher, ana, course)
        await rooms_change(live, teacher, ana, course, desk)
        await settle()
        await the_course_changes(teacher, ana, course)
        await desk.expect("enrollment.changed")
        await settle()
        await connections_end(live, ana, phone)
        await desk.expect_close()
    found: dict[str, set[str]] = {event: set() for event in events_by_name()}
    for push in (push for client in clients for push in client.seen):
        found[push["push"]] |= push["data"].keys()
    assert found == {event: fields_of(event) for event in events_by_name()}
