"""A closed account says so, takes no messages, and is in no list of people."""

import pytest

from elearn.nouns.people import User
from tests.browsing import signed_in
from tests.live import CommandRefused, Json, Live, Person


async def close(live: Live, admin: Person, person: Person, *, closed: bool = True) -> None:
    await admin.api("PATCH", f"/api/users/{person.id}", {"disabled": closed})
    await live.settled()


async def scene(live: Live) -> tuple[Person, Person, Person, Json]:
    teacher, ana, ben = (
        await live.teacher("Marta"),
        await live.student("Ana"),
        await live.student("Ben"),
    )
    await live.services.db.users.update_one({"_id": teacher.id}, {"$set": {"role": "admin"}})
    live.services.sessions.forget()
    course = await teacher.make_course()
    await ana.enroll(course)
    await ben.enroll(course)
    return teacher, ana, ben, course


async def test_the_profile_of_a_closed_account_says_so_and_offers_no_message(live: Live) -> None:
    admin, ana, ben, _ = await scene(live)
    browser = await signed_in(live, ana)
    open_page = (await browser.get(f"/users/{ben.id}")).body.decode()
    assert f'data-act="message" data-user="{ben.id}">' in open_page
    assert "data-closed hidden>" in open_page
    await close(live, admin, ben)
    page = (await browser.get(f"/users/{ben.id}")).body.decode()
    assert "data-closed>This account is closed" in page
    assert f'data-act="message" data-user="{ben.id}" hidden>' in page
    assert (await ana.api("GET", f"/api/users/{ben.id}"))["user"]["closed"] is True


async def test_a_closed_account_takes_no_messages(live: Live) -> None:
    admin, ana, ben, _ = await scene(live)
    room = (await ana.command("chat.direct", user=ben.id))["room"]["id"]
    await ana.command("chat.post", room=room, body="Hello")
    await close(live, admin, ben)
    with pytest.raises(CommandRefused) as refused:
        await ana.command("chat.post", room=room, body="Are you there?")
    assert refused.value.code == "room_closed"
    assert "account is closed" in refused.value.error["message"]
    assert len((await ana.command("chat.history", room=room))["messages"]) == 1, "it is still read"
    with pytest.raises(CommandRefused) as refused:
        await admin.command("chat.direct", user=ben.id)
    assert refused.value.code == "room_closed"
    await close(live, admin, ben, closed=False)
    await ana.command("chat.post", room=room, body="Welcome back")


async def test_a_closed_account_is_in_no_list_of_people(live: Live) -> None:
    admin, ana, ben, course = await scene(live)
    listed = await ana.command("enrollment.list", course=course["id"])
    assert {one["user"]["name"] for one in listed["enrollments"]} == {"Ana", "Ben"}
    await close(live, admin, ben)
    listed = await ana.command("enrollment.list", course=course["id"])
    assert {one["user"]["name"] for one in listed["enrollments"]} == {"Ana"}
    assert listed["total"] == 1
    members = await ana.command("room.members", room=course["id"])
    assert {one["user"]["name"] for one in members["members"]} == {"Ana", "Marta"}
    assert members["total"] == 2
    page = (await (await signed_in(live, ana)).get(f"/courses/{course['id']}/people")).body
    assert b"Ana" in page
    assert b"Ben" not in page


async def test_the_search_for_people_forgets_a_closed_account_at_once(live: Live) -> None:
    admin, ana, ben, _ = await scene(live)
    asker = User(ana.id, "Ana", "student")

    async def found() -> set[str]:
        return {
            one.name for one in (await live.services.directory.find(asker, "b", limit=5)).people
        }

    async def both_read() -> set[str]:
        """Marta is found as soon as the people of the course were read."""
        people = await live.services.directory.find(asker, "mar", limit=5)
        return {one.name for one in people.people}

    while "Marta" not in await both_read():
        pass
    assert await found() == {"Ben"}
    await close(live, admin, ben)
    while "Marta" not in await both_read():
        pass
    assert await found() == set()
