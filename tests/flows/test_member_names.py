"""Whom a member finds by name in a room, to mention them."""

import pytest

from elearn.actions import member_names
from elearn.caches import directory
from tests.live import CommandRefused, Live, Person


async def found(person: Person, room: str, q: str, **more: int) -> list[tuple[str, str]]:
    answer = await person.command("room.members", room=room, q=q, **more)
    return [(one["user"]["name"], one["role"]) for one in answer["members"]]


async def test_who_enrolled_first_of_many_is_found_by_the_beginning_of_a_name(live: Live) -> None:
    teacher = await live.teacher("Marta Olsen")
    course = await teacher.make_course()
    students = [await live.student(name) for name in ("Quentin Li", "Li Quist", "Ana Núñez")]
    for student in students:
        await student.enroll(course)
    ana = students[2]
    assert await found(ana, course["id"], "que") == [("Quentin Li", "member")]
    assert await found(ana, course["id"], "QU") == [
        ("Quentin Li", "member"),
        ("Li Quist", "member"),
    ]
    assert await found(ana, course["id"], "qu", limit=1) == [("Quentin Li", "member")]
    assert await found(ana, course["id"], "nun") == [("Ana Núñez", "member")]
    assert await found(ana, course["id"], "ols") == [("Marta Olsen", "staff")]
    assert await found(ana, course["id"], "uentin") == []
    assert await found(ana, course["id"], "'-") == [], "nothing that could begin a name"
    assert len(await found(ana, course["id"], " ")) == 4, "without words it is the list"
    await students[0].command("enrollment.leave", course=course["id"])
    assert await found(ana, course["id"], "que") == []
    with pytest.raises(CommandRefused, match="not_a_member"):
        await found(students[0], course["id"], "ana")


async def test_beyond_the_names_that_are_kept_the_store_is_asked(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (directory, member_names):
        monkeypatch.setattr(module, "MAX_PEOPLE", 1)
    course = await (await live.teacher()).make_course()
    oldest, newest = await live.student("Quentin Li"), await live.student("Ana Silva")
    await live.student("Quentin Elsewhere")
    await oldest.enroll(course)
    await newest.enroll(course)
    assert await found(newest, course["id"], "Quentin L") == [("Quentin Li", "member")]
    assert await found(newest, course["id"], "quent") == [("Quentin Li", "member")]


async def test_a_private_room_offers_its_members_and_nobody_else_of_the_course(live: Live) -> None:
    teacher, other = await live.teacher("Marta Olsen"), await live.teacher("Marta Other")
    course = await teacher.make_course()
    inside, outside = await live.student("Marta Inside"), await live.student("Marta Outside")
    for student in (inside, outside):
        await student.enroll(course)
    made = await teacher.command("room.create", course=course["id"], name="lab", kind="private")
    room = made["room"]["id"]
    await teacher.command("room.invite", room=room, user=inside.id)
    assert await found(inside, room, "mar") == [
        ("Marta Inside", "member"),
        ("Marta Olsen", "owner"),
    ]
    with pytest.raises(CommandRefused, match="not_found"):
        await found(other, room, "mar")


async def test_staff_who_cannot_read_a_private_room_are_not_mentioned_in_it(live: Live) -> None:
    teacher, other = await live.teacher("Marta Olsen"), await live.teacher("Bo Other")
    course = await teacher.make_course()
    teach = {"$set": {"teachers": [teacher.id, other.id]}}
    await live.services.db.courses.update_one({"_id": course["id"]}, teach)
    named = []
    for kind in ("open", "private"):
        made = await teacher.command("room.create", course=course["id"], name=kind, kind=kind)
        text = {"room": made["room"]["id"], "body": "@Bo Other, look"}
        named.append((await teacher.command("chat.post", **text))["message"]["mentions"])
    assert named == [[{"id": other.id, "name": "Bo Other"}], []]


async def test_both_people_of_a_conversation_are_its_members(live: Live) -> None:
    course = await (await live.teacher()).make_course()
    ana, bo = await live.student("Ana Silva"), await live.student("Bo Li")
    for student in (ana, bo):
        await student.enroll(course)
    room = (await ana.command("chat.direct", user=bo.id))["room"]["id"]
    assert await found(ana, room, "b") == [("Bo Li", "member")]
    listed = await ana.command("room.members", room=room)
    assert {one["user"]["name"] for one in listed["members"]} == {"Ana Silva", "Bo Li"}
    assert listed["total"] == 2
