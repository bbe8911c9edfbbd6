"""Accounts that admins disable or give another role, while their sockets are open."""

import asyncio
from collections.abc import Callable

import pytest

from elearn.actions import account_rights, accounts
from elearn.actions.act import new_act
from elearn.errors import ClientError
from elearn.services import Services
from tests.browsing import page_state, signed_in
from tests.live import PASSWORD, CommandRefused, Json, Live, LiveClient, Person, until


async def admin(live: Live, name: str = "Root") -> Person:
    """Admins are made on the command line, by this function."""
    email = f"{name.lower()}@example.org"
    await accounts.create_user(
        live.services, email=email, name=name, role="admin", password=PASSWORD
    )
    return await sign_in(live, email)


async def sign_in(live: Live, email: str) -> Person:
    answer = await live.api("POST", "/api/sessions", {"email": email, "password": PASSWORD})
    return Person(live, answer, email)


async def change(admin: Person, person: Person, **what: object) -> Json:
    user: Json = (await admin.api("PATCH", f"/api/users/{person.id}", what))["user"]
    return user


async def refusal(admin: Person, person: Person, **what: object) -> str:
    with pytest.raises(CommandRefused) as refused:
        await change(admin, person, **what)
    return refused.value.code


async def resumed(client: LiveClient, topic: str, cursor: int) -> str:
    return await client.refused(
        "subscribe", topic=topic, cursor=cursor, epoch=client.hello["epoch"]
    )


async def test_a_disabled_account_is_out_everywhere_at_once(live: Live) -> None:
    root, teacher, ana = await admin(live), await live.teacher(), await live.student("Ana")
    course = (await teacher.make_course())["id"]
    await ana.enroll(course)
    desk, phone = await ana.connect(), await (await sign_in(live, ana.email)).connect()
    answer = await change(root, ana, disabled=True)
    assert (answer["disabled"], answer["role"]) == (True, "student")
    for client in (desk, phone):
        said = await client.last_words()
        assert (said["code"], said["reconnect"]) == (4410, "after_login")
    assert (await live.request("GET", "/api/me", token=ana.token)).code == 401
    assert (await live.request("GET", "/api/poll", token=ana.token)).code == 401
    spent = {"refresh_token": ana.refresh_token}
    assert (await live.request("POST", "/api/sessions/refresh", spent)).code == 401
    late = await live.connect(token=ana.token, hello=False)
    assert (await late.last_words())["code"] == 4401
    assert [push["push"] for push in late.seen] == ["server.closing"]


async def test_the_sign_in_of_a_disabled_account_is_refused_like_a_wrong_password(
    live: Live,
) -> None:
    root, ana, ben = await admin(live), await live.student(), await live.student()
    await change(root, ana, disabled=True)
    right = {"email": ana.email, "password": PASSWORD}
    wrong = {"email": ben.email, "password": "not it at all"}
    answers = [await live.request("POST", "/api/sessions", body) for body in (right, wrong)]
    assert [answer.code for answer in answers] == [401, 401]
    assert answers[0].body == answers[1].body


async def test_a_sign_in_that_was_under_way_while_the_account_was_disabled_fails(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, ana = await admin(live), await live.student()
    verify = live.services.passwords.verify

    async def slowly(password: str, record: str | None) -> bool:
        right = await verify(password, record)
        monkeypatch.undo()
        await change(root, ana, disabled=True)
        return right

    monkeypatch.setattr(live.services.passwords, "verify", slowly)
    with pytest.raises(CommandRefused, match="password is wrong"):
        await sign_in(live, ana.email)
    await change(root, ana, disabled=False)
    assert (
        len((await (await sign_in(live, ana.email)).api("GET", "/api/sessions"))["sessions"]) == 1
    )


async def test_an_account_that_is_enabled_again_signs_in_anew(live: Live) -> None:
    root, ana = await admin(live), await live.student()
    await change(root, ana, disabled=True)
    assert not (await change(root, ana, disabled=False))["disabled"]
    assert (await live.request("GET", "/api/me", token=ana.token)).code == 401
    again = await sign_in(live, ana.email)
    assert (await again.api("GET", "/api/me"))["user"]["id"] == ana.id


async def test_a_teacher_who_becomes_a_student_teaches_no_more_at_once(live: Live) -> None:
    root, ada, eve = await admin(live), await live.teacher("Ada"), await live.student("Eve")
    course = (await ada.make_course())["id"]
    mine = {f"course:{course}", f"staff:{course}", f"room:{course}"}
    desk = await ada.connect()
    await desk.join(f"room:{course}")
    cursor = (await desk.say(course, "as a teacher"))["seq"]
    await live.settled()

    async def found() -> bool:
        return bool((await ada.command("search.suggest", q="general"))["rooms"])

    await until(found)
    await change(root, ada, role="student")
    lost = [(await desk.expect("server.unsubscribed"))["data"] for _ in mine]
    assert {one["topic"] for one in lost} == mine
    codes = {one["topic"]: one["error"]["code"] for one in lost}
    assert codes[f"staff:{course}"] == "forbidden"
    update = {"course": course, "kind": "announcement", "title": "Still here", "body": "me"}
    assert await desk.refused("update.publish", **update) == "forbidden"
    assert await desk.refused("chat.post", room=course, body="hello?") == "not_a_member"
    with pytest.raises(CommandRefused, match="Only teachers"):
        await ada.make_course()

    desk.pushes.clear()
    await eve.enroll(course)
    await eve.command("chat.post", room=course, body=f"who wrote that, @{ada.name}?")
    await eve.command("feed.feedback", course=course, stars=1, comment="dull", anonymous=True)
    await live.settled()
    for event in ("notification.created", "feed.posted", "chat.posted", "enrollment.enrolled"):
        await desk.expect_nothing(event)
    for topic in mine:
        code = await resumed(desk, topic, cursor if topic.startswith("room:") else 0)
        assert code in ("forbidden", "not_a_member")
    assert (await ada.command("room.list"))["rooms"] == []
    assert not await found()
    state = await page_state(ada, f"/courses/{course}")
    assert state["course"]["viewer"] == {"enrolled": False, "staff": False}
    people = (await eve.command("room.members", room=course))["members"]
    assert [one["user"]["id"] for one in people] == [eve.id]
    home = (await (await signed_in(live, ada)).get("/")).body.decode()
    assert "New course" not in home


async def test_one_who_teaches_again_hears_their_courses_at_once(live: Live) -> None:
    root, ada = await admin(live), await live.teacher("Ada")
    course = (await ada.make_course())["id"]
    await change(root, ada, role="student")
    desk = await ada.connect()
    assert list(desk.hello["topics"]) == [f"user:{ada.id}"]
    await change(root, ada, role="teacher")
    gained = {(await desk.expect("server.subscribed"))["data"]["topic"] for _ in range(2)}
    assert gained == {f"course:{course}", f"staff:{course}"}
    await desk.say(course, "back again")


async def test_an_admin_who_is_one_no_more_loses_what_others_teach(live: Live) -> None:
    root, second, ada = await admin(live), await admin(live, "Second"), await live.teacher()
    course = (await ada.make_course())["id"]
    desk = await second.connect()
    topics = (f"course:{course}", f"staff:{course}", f"room:{course}")
    for topic in topics:
        await desk.join(topic)
    await change(root, second, role="teacher")
    lost = {(await desk.expect("server.unsubscribed"))["data"]["topic"] for _ in topics}
    assert lost == set(topics)
    assert await refusal(second, ada, disabled=True) == "forbidden"
    await ada.command("chat.post", room=course, body="among us again")
    await desk.expect_nothing("chat.posted")


async def test_peers_see_the_new_role(live: Live) -> None:
    root, ada, eve = await admin(live), await live.teacher("Ada"), await live.student("Eve")
    course = (await ada.make_course())["id"]
    await eve.enroll(course)
    phone = await eve.connect()
    await change(root, eve, role="teacher")
    told = await phone.expect("user.updated", topic=f"course:{course}")
    assert told["data"] == {"user": {"id": eve.id, "name": "Eve", "role": "teacher"}}
    assert (await page_state(ada, f"/users/{eve.id}"))["person"]["role"] == "teacher"


async def test_another_persons_session_opens_nothing(live: Live) -> None:
    ana, eve = await live.student("Ana"), await live.student("Eve")
    tokens = live.services.tokens
    session = (await ana.api("GET", "/api/sessions"))["sessions"][0]["id"]
    forged = tokens.access(eve.id, session)
    assert (await live.request("GET", "/api/me", token=forged)).code == 401
    client = await live.connect(token=forged, hello=False)
    assert (await client.last_words())["code"] == 4401
    assert [push["push"] for push in client.seen] == ["server.closing"]


async def test_only_admins_change_accounts(live: Live) -> None:
    await admin(live)
    ada, eve = await live.teacher(), await live.student()
    for person in (ada, eve):
        assert await refusal(person, eve, role="admin") == "forbidden"
        assert await refusal(person, eve, disabled=True) == "forbidden"
        assert await refusal(person, person, disabled=False) == "forbidden"
    assert (await eve.api("GET", "/api/me"))["user"]["role"] == "student"
    assert "disabled" not in (await eve.api("GET", f"/api/users/{ada.id}"))["user"]


async def test_what_cannot_be_done_to_an_account_is_said(live: Live) -> None:
    root, eve = await admin(live), await live.student()
    assert await refusal(root, eve) == "invalid_field"
    assert await refusal(root, eve, role="emperor") in ("invalid_field", "invalid_type")
    assert await refusal(root, eve, disabled="yes") == "invalid_type"
    with pytest.raises(CommandRefused, match="not_found"):
        await root.api("PATCH", "/api/users/0123456789abcdef01234567", {"disabled": True})


async def test_the_last_admin_stays_one(live: Live) -> None:
    root = await admin(live)
    assert await refusal(root, root, disabled=True) == "forbidden"
    assert await refusal(root, root, role="teacher") == "forbidden"
    second = await admin(live, "Second")
    await change(root, second, disabled=True)
    assert await refusal(root, root, role="student") == "forbidden"
    act = new_act(account_rights.OPERATIONS, "change-user", [])
    with pytest.raises(ClientError, match="last admin"):
        await account_rights.change_account(live.services, act, root.id, disabled=True)


async def test_of_two_admins_who_disable_each_other_at_once_one_is_left(live: Live) -> None:
    one, two = await admin(live, "One"), await admin(live, "Two")
    answers = await asyncio.gather(
        change(one, two, disabled=True), change(two, one, disabled=True), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, CommandRefused)]
    assert len(refused) == 1
    assert refused[0].code in ("forbidden", "invalid_token")


@pytest.fixture
def terminal(live: Live, beside: Callable[..., Services]) -> Services:
    """A command beside the server."""
    return beside(serving=False)


async def test_what_is_changed_on_the_command_line_acts_on_open_sockets(
    live: Live, terminal: Services
) -> None:
    ada, ben = await live.teacher(), await live.student()
    course = (await ada.make_course())["id"]
    desk, phone = await ada.connect(), await ben.connect()
    for person, what in ((ada, {"role": "student"}), (ben, {"disabled": True})):
        act = new_act(account_rights.OPERATIONS, "change-user", [person.id])
        await account_rights.change_account(terminal, act, person.id, **what)
    assert (await phone.last_words())["code"] == 4410
    assert (await live.request("GET", "/api/me", token=ben.token)).code == 401
    lost = {(await desk.expect("server.unsubscribed"))["data"]["topic"] for _ in range(2)}
    assert lost == {f"course:{course}", f"staff:{course}"}


async def test_a_repeated_change_is_done_once(live: Live) -> None:
    root, eve = await admin(live), await live.student()
    headers = {"Idempotency-Key": "once"}
    address = f"/api/users/{eve.id}"
    await root.api("PATCH", address, {"role": "teacher"}, headers=headers)
    await change(root, eve, role="student")
    late = await root.api("PATCH", address, {"role": "teacher"}, headers=headers)
    assert late["user"]["role"] == "student"
