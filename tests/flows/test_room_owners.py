"""A room never loses its last owner in silence: whichever way that happens, the staff of the course
are told and can take it over, and nobody else can."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.browsing import page_state, signed_in
from tests.flows.test_teachers_line import Course
from tests.live import CommandRefused, Json, Live, LiveClient


class Scene:
    """A private room of Bob's, with Ana in it; Ada and Cy are the other teachers of the course."""

    async def begin(self, live: Live, folder: Path) -> "Scene":
        self.live = live
        names = ("Root", "Ada", "Bob", "Cy")
        self.root, self.ada, self.bob, self.cy = [await live.teacher(name) for name in names]
        await live.services.db.users.update_one({"_id": self.root.id}, {"$set": {"role": "admin"}})
        live.services.sessions.forget()
        self.ana = await live.student("Ana")
        self.course = await Course(live, folder).taught_by(self.ada, self.cy)
        await self.bob.enroll(self.course.id)
        await self.ana.enroll(self.course.id)
        await self.course.taught_by(self.ada, self.bob, self.cy)
        given = {"course": self.course.id, "name": "graders", "kind": "private"}
        self.room = (await self.bob.command("room.create", **given))["room"]["id"]
        await self.bob.command("room.invite", room=self.room, user=self.ana.id)
        await self.ana.command("chat.post", room=self.room, body="Who is there?")
        await live.settled()
        return self


async def no_longer_attends(scene: Scene) -> None:
    """Who teaches the course keeps what is theirs in it."""
    await scene.bob.command("enrollment.leave", course=scene.course.id)
    await scene.live.settled()
    state = await page_state(scene.bob, f"/rooms/{scene.room}")
    assert state["rights"]["role"] == "owner"


async def stops_teaching(scene: Scene) -> None:
    await no_longer_attends(scene)
    await scene.course.taught_by(scene.ada, scene.cy)


async def becomes_a_student(scene: Scene) -> None:
    await no_longer_attends(scene)
    await scene.root.api("PATCH", f"/api/users/{scene.bob.id}", {"role": "student"})


async def is_disabled(scene: Scene) -> None:
    await scene.root.api("PATCH", f"/api/users/{scene.bob.id}", {"disabled": True})


async def leaves_the_room(scene: Scene) -> None:
    await scene.bob.command("room.leave", room=scene.room)


async def leaves_the_course(scene: Scene) -> None:
    """Who still attends the course when they do not teach it any more still owns the room."""
    await scene.course.taught_by(scene.ada, scene.cy)
    await scene.live.settled()
    assert await listed(await scene.ada.connect(), scene) is None
    await scene.bob.command("room.update", room=scene.room, description="still mine")
    await scene.bob.command("enrollment.leave", course=scene.course.id)


WAYS = [stops_teaching, becomes_a_student, is_disabled, leaves_the_room, leaves_the_course]


async def listed(client: LiveClient, scene: Scene) -> Json | None:
    rooms = (await client.do("room.list", course=scene.course.id))["rooms"]
    return next((one for one in rooms if one["id"] == scene.room), None)


@pytest.mark.parametrize("goes", WAYS)
async def test_the_staff_are_told_of_a_room_without_an_owner_and_take_it_over(
    live: Live, tmp_path: Path, goes: Callable[[Scene], Awaitable[None]]
) -> None:
    scene = await Scene().begin(live, tmp_path)
    desk, phone, room = await scene.ada.connect(), await scene.ana.connect(), scene.room
    await phone.join(f"room:{room}")
    assert await listed(desk, scene) is None
    assert await desk.refused("room.take_over", room=room) == "not_found"
    assert await desk.refused("room.members", room=room) == "not_found"

    await goes(scene)
    await live.settled()
    notices = (await desk.do("notification.list"))["notices"]
    (told,) = [one for one in notices if one["kind"] == "room.unowned"]
    assert told["title"] == "Nobody owns a private room any more"
    assert told["url"] == f"/rooms/{room}"
    seen = await listed(desk, scene)
    assert seen is not None
    assert (seen["take_over"], seen["joined"], seen["last_message"]) == (True, False, None)
    state = await page_state(scene.ada, told["url"])
    assert {one["name"] for one in state["members"]} >= {"Ana"}
    page = (await (await signed_in(live, scene.ada)).get(told["url"])).body.decode()
    assert "Take the room over" in page
    assert "Who is there?" not in page
    assert await desk.refused("chat.history", room=room) == "not_a_member"
    await phone.say(room, "Anybody?")

    eve = await live.student("Eve")
    await eve.enroll(scene.course.id)
    assert await phone.refused("room.take_over", room=room) == "forbidden"
    outsider = await eve.connect()
    assert await outsider.refused("room.take_over", room=room) == "not_found"
    assert await listed(outsider, scene) is None

    taken = await desk.do("room.take_over", room=room)
    assert taken["room"]["joined"]
    joined = (await phone.expect("room.joined", topic=f"room:{room}"))["data"]
    assert (joined["user"]["name"], joined["role"]) == ("Ada", "owner")
    history = (await desk.do("chat.history", room=room))["messages"]
    assert [one["body"] for one in history] == ["Who is there?", "Anybody?"]
    await desk.do("room.invite", room=room, user=eve.id)
    late = await scene.cy.connect()
    assert await listed(late, scene) is None
    assert await late.refused("room.take_over", room=room) == "not_found"
    assert (await live.request("GET", f"/rooms/{room}", token=scene.cy.token)).code == 404


async def test_a_form_takes_a_room_over_without_a_script(live: Live, tmp_path: Path) -> None:
    scene = await Scene().begin(live, tmp_path)
    await leaves_the_room(scene)
    browser = await signed_in(live, scene.cy)
    answer = await browser.submit(f"/rooms/{scene.room}/take-over", {})
    assert (answer.code, answer.headers["Location"]) == (303, f"/rooms/{scene.room}")
    assert "Who is there?" in (await browser.get(f"/rooms/{scene.room}")).body.decode()
    late = await (await signed_in(live, scene.ada)).submit(f"/rooms/{scene.room}/take-over", {})
    assert late.code == 404


async def test_one_who_is_in_the_room_takes_it_over_as_its_owner(
    live: Live, tmp_path: Path
) -> None:
    scene = await Scene().begin(live, tmp_path)
    await scene.bob.command("room.invite", room=scene.room, user=scene.cy.id)
    desk, phone = await scene.cy.connect(), await scene.ana.connect()
    await phone.join(f"room:{scene.room}")
    assert await desk.refused("room.remove", room=scene.room, user=scene.ana.id) == "forbidden"
    await is_disabled(scene)
    page = (await (await signed_in(live, scene.cy)).get(f"/rooms/{scene.room}")).body.decode()
    assert "Take the room over" in page
    key = "take-over-1"
    first = await desk.do("room.take_over", key=key, room=scene.room)
    assert await desk.do("room.take_over", key=key, room=scene.room) == first
    told = (await phone.expect("room.moderated", topic=f"room:{scene.room}"))["data"]["membership"]
    assert (told["user"]["name"], told["role"], told["active"]) == ("Cy", "owner", True)
    await desk.do("room.remove", room=scene.room, user=scene.ana.id)


async def test_two_who_take_over_at_once_are_one_owner(live: Live, tmp_path: Path) -> None:
    scene = await Scene().begin(live, tmp_path)
    await is_disabled(scene)
    sockets = [await person.connect() for person in (scene.ada, scene.cy)]
    refs = [await socket.send("room.take_over", room=scene.room) for socket in sockets]
    replies = [await socket.reply(ref) for socket, ref in zip(sockets, refs, strict=True)]
    assert sorted(reply["ok"] for reply in replies) == [False, True]


async def test_the_only_owner_stays_where_nobody_could_take_the_room_over(live: Live) -> None:
    ada = await live.teacher("Ada")
    course = await ada.make_course()
    given = {"course": course["id"], "name": "lab", "kind": "private"}
    room = (await ada.command("room.create", **given))["room"]["id"]
    with pytest.raises(CommandRefused, match="nobody else could take it over"):
        await ada.command("room.leave", room=room)
    state = await page_state(ada, f"/rooms/{room}")
    assert state["rights"]["leave"] is False


async def test_an_owner_who_comes_back_still_owns_the_room_beside_the_other(
    live: Live, tmp_path: Path
) -> None:
    scene = await Scene().begin(live, tmp_path)
    await is_disabled(scene)
    await scene.ada.command("room.take_over", room=scene.room)
    await scene.root.api("PATCH", f"/api/users/{scene.bob.id}", {"disabled": False})
    rights = (await page_state(scene.ada, f"/rooms/{scene.room}"))["rights"]
    assert (rights["manage"], rights["leave"]) == (True, True), "the other one still owns it"
    await scene.ada.command("room.leave", room=scene.room)
    assert await listed(await scene.cy.connect(), scene) is None
