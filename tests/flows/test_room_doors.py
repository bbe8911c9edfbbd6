"""The door of a room: what one who is in the course and not in the room sees of it, and who sees
nothing."""

import re

from tests.browsing import page_state, signed_in
from tests.flows.test_rooms import make, scene
from tests.live import Live, Person


def shown(page: bytes) -> str:
    """A page without what is another one each time."""
    return re.sub(r'nonce="[^"]*"|value="[^"]{20,}"|[0-9a-f]{24}', "", page.decode())


async def test_who_has_not_joined_sees_the_door_and_comes_in_by_its_form(live: Live) -> None:
    course, desk, phone, _ = await scene(live)
    ana: Person = phone.person  # type: ignore[assignment]
    room = await make(desk, course, "lab", description="where we try things")
    await phone.do("ping")
    said = await desk.say(room["id"], "among those inside")
    notices = (await phone.do("notification.list"))["notices"]
    (news,) = [one for one in notices if one["kind"] == "room.created"]
    items = (await phone.do("feed.list", scope="me"))["items"]
    (item,) = [one for one in items if one["kind"] == "room"]
    browser = await signed_in(live, ana)
    for address in (news["url"], item["url"], f"{room['url']}/{said['seq']}"):
        answer = await browser.get(address)
        assert answer.code == 200, address
        page = answer.body.decode()
        for words in ("lab", "where we try things", "Join the room", "1</span>", "Algebra"):
            assert words in page
        assert "among those inside" not in page
    state = await page_state(ana, room["url"])
    assert [one["id"] for one in state["members"]] == [desk.person.id]  # type: ignore[union-attr]
    assert (state["rights"]["door"], state["rights"]["read"]) == (True, False)
    assert f"room:{room['id']}" not in state["cursors"]

    answer = await browser.submit(f"{room['url']}/join", {})
    assert (answer.code, answer.headers["Location"]) == (303, room["url"])
    inside = (await browser.get(room["url"])).body.decode()
    assert "among those inside" in inside
    assert "Join the room</button>" not in inside.partition("composer-closed")[0]


async def test_the_members_at_the_door_are_those_that_a_fresh_page_has(live: Live) -> None:
    course, desk, phone, outsider = await scene(live)
    await outsider.do("enrollment.enroll", course=course)
    room = (await make(desk, course))["id"]
    before = await phone.do("room.members", room=room)
    await outsider.do("room.join", room=room)
    told = (await phone.expect("room.joined", topic=f"course:{course}"))["data"]
    after = await phone.do("room.members", room=room)
    names = {one["user"]["name"] for one in after["members"]}
    assert names - {one["user"]["name"] for one in before["members"]} == {told["user"]["name"]}
    assert told["members"] == after["total"] == 2
    assert await phone.refused("chat.history", room=room) == "not_a_member"
    assert await phone.refused("subscribe", topic=f"room:{room}") == "not_a_member"


async def test_a_closed_room_says_so_at_its_door(live: Live) -> None:
    course, desk, phone, _ = await scene(live)
    room = await make(desk, course)
    await desk.do("room.archive", room=room["id"])
    ana: Person = phone.person  # type: ignore[assignment]
    page = (await (await signed_in(live, ana)).get(room["url"])).body.decode()
    assert "This room is closed: nobody can join it now." in page
    assert re.search(r"<form[^>]*/join[^>]* hidden", page)
    assert await phone.refused("room.join", room=room["id"]) == "room_closed"


async def test_the_door_of_a_private_room_says_what_is_said_of_no_room(live: Live) -> None:
    course, desk, phone, outsider = await scene(live)
    private = await make(desk, course, "den", kind="private", description="hush")
    lab = await make(desk, course)
    nothing = "0" * 24
    for client, ident in ((phone, private["id"]), (outsider, private["id"]), (outsider, lab["id"])):
        person: Person = client.person  # type: ignore[assignment]
        browser = await signed_in(live, person)
        for path in ("", "/7"):
            door = await browser.get(f"/rooms/{ident}{path}")
            none = await browser.get(f"/rooms/{nothing}{path}")
            assert (door.code, shown(door.body)) == (none.code, shown(none.body))
            assert door.code == 404
        if ident == private["id"]:
            join = await browser.submit(f"/rooms/{ident}/join", {})
            none = await browser.submit(f"/rooms/{nothing}/join", {})
            assert (join.code, shown(join.body)) == (none.code, shown(none.body))
            refused = await client.ask("room.join", room=ident)
            assert refused["error"] == (await client.ask("room.join", room=nothing))["error"]
        for cmd in ("room.members", "room.leave", "chat.history"):
            refused = await client.ask(cmd, room=ident)
            assert refused["error"] == (await client.ask(cmd, room=nothing))["error"], cmd
