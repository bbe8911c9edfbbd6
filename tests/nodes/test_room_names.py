"""A course has one room of a name, whoever makes or renames rooms at the same time."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from elearn.errors import Unavailable
from elearn.models import rooms
from tests.live import CommandRefused, Live
from tests.nodes.conftest import Nodes, seen_from


async def names(node: Live, course: str) -> list[str]:
    found = await rooms.find_of_course(node.services.db, course)
    return sorted(room.name for room in found if room.kind != "course")


async def test_of_those_who_take_a_name_at_once_on_two_nodes_one_gets_it(nodes: Nodes) -> None:
    here, there = await nodes(2)
    teacher = await here.teacher()
    course = (await teacher.make_course())["id"]
    other = (await teacher.command("room.create", course=course, name="other"))["room"]["id"]
    at = [seen_from(node, teacher) for node in (here, there)]
    answers = await asyncio.gather(
        *(
            one.command("room.create", course=course, name=name)
            for one in at
            for name in 3 * ["Lab"]
        ),
        *(one.command("room.update", room=other, name="lab") for one in at),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert {getattr(error, "code", error) for error in refused} == {"name_taken"}
    found = await names(here, course)
    assert [name.casefold() for name in found].count("lab") == 1


async def test_a_name_that_was_given_up_is_free_at_once(nodes: Nodes) -> None:
    (here,) = await nodes(1)
    teacher = await here.teacher()
    course = (await teacher.make_course())["id"]
    room = (await teacher.command("room.create", course=course, name="lab"))["room"]["id"]
    with pytest.raises(CommandRefused, match="name_taken"):
        await teacher.command("room.create", course=course, name="LAB")
    await teacher.command("room.update", room=room, name="hall")
    await teacher.command("room.update", room=room, description="the same name", name="hall")
    await teacher.command("room.create", course=course, name="lab")
    assert await names(here, course) == ["hall", "lab"]


async def test_a_name_that_a_crash_left_claimed_is_free_after_a_minute(nodes: Nodes) -> None:
    (here,) = await nodes(1)
    teacher = await here.teacher()
    course = (await teacher.make_course())["id"]
    db, now = here.services.db, here.services.clock()
    await rooms.claim_name(db, course, "lab", "somebody", now)
    with pytest.raises(CommandRefused, match="name_taken"):
        await teacher.command("room.create", course=course, name="lab")
    await rooms.release_name(db, course, "lab", "somebody")
    await rooms.claim_name(db, course, "lab", "somebody", now - timedelta(seconds=61))
    await teacher.command("room.create", course=course, name="lab")
    assert await names(here, course) == ["lab"]


async def test_one_whose_room_could_not_be_stored_may_try_again(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here,) = await nodes(1)
    teacher = await here.teacher()
    course = (await teacher.make_course())["id"]

    async def away(*_: Any) -> None:
        raise Unavailable("The store is away.")

    with monkeypatch.context() as broken:
        broken.setattr(here.services.log, "append", away)
        with pytest.raises(CommandRefused, match="unavailable"):
            await teacher.command("room.create", course=course, name="lab", key="once")
    await teacher.command("room.create", course=course, name="lab", key="once")
    assert await names(here, course) == ["lab"]
