"""Accounts over HTTP and real sockets: signing up, in and out, sessions that end at once."""

import re

import pytest

from tests.browsing import Browser, signed_in
from tests.conftest import Start
from tests.live import PASSWORD, CommandRefused, Live, Person, until

NEW_PASSWORD = "another horse, other battery"


async def second_session(person: Person) -> Person:
    """The same account signed in on another device."""
    credentials = {"email": person.email, "password": PASSWORD}
    return Person(
        person.live, await person.live.api("POST", "/api/sessions", credentials), person.email
    )


async def test_sign_up_sign_in_and_out_work_by_forms_without_a_script(live: Live) -> None:
    browser = Browser(live)
    form = {"email": "Ana@Example.org", "password": PASSWORD, "name": "Ana", "role": "student"}
    token = await browser.token("/sign-up")
    assert (await browser.submit("/sign-up", {**form, "next": "/courses"}, xsrf=token)).code == 303
    assert "Ana" in (await browser.get("/")).body.decode()
    client = await browser.connect()
    assert client.hello["user"]["name"] == "Ana"
    left = await browser.submit("/sign-out", {}, xsrf=await browser.token("/settings/account"))
    assert left.code == 303
    assert await client.expect_close() == 4410
    assert (await browser.get("/messages")).code == 302
    again = await browser.submit(
        "/sign-in", {"email": " ana@example.ORG", "password": PASSWORD, "next": "/messages"}
    )
    assert (again.code, again.headers["Location"]) == (303, "/messages")
    assert (await browser.get("/messages")).code == 200


async def test_a_refused_sign_up_says_why_beside_the_field_and_keeps_the_rest(live: Live) -> None:
    browser = Browser(live)
    form = {"email": "not an address", "password": PASSWORD, "name": "Ana <b>", "role": "student"}
    answer = await browser.submit("/sign-up", form)
    page = answer.body.decode()
    assert answer.code == 422
    assert "not an e-mail address" in page
    assert "Ana &lt;b&gt;" in page
    assert PASSWORD not in page
    weak = await browser.submit("/sign-up", {**form, "email": "a@example.org", "password": "short"})
    assert weak.code == 422
    assert "8 characters" in weak.body.decode()


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(live: Live) -> None:
    ana = await live.student()
    answers = []
    for email, password in ((ana.email, "not it at all"), ("nobody@example.org", PASSWORD)):
        body = {"email": email, "password": password}
        answers.append(await live.request("POST", "/api/sessions", body))
    assert [answer.code for answer in answers] == [401, 401]
    assert answers[0].body == answers[1].body
    pages = [
        await Browser(live).submit("/sign-in", {"email": email, "password": "not it at all"})
        for email in (ana.email, "nobody@example.org")
    ]
    assert [page.code for page in pages] == [401, 401]


async def test_roles_at_sign_up_are_student_and_teacher_alone(live: Live) -> None:
    for role, code in (("admin", "invalid_field"), ("root", "invalid_field")):
        with pytest.raises(CommandRefused) as refused:
            await live.sign_up(role=role)
        assert refused.value.code == code


@pytest.fixture
def closed(start: Start) -> Live:
    return start(open_teacher_signup=False)


async def test_teachers_do_not_sign_up_where_that_is_closed(closed: Live) -> None:
    with pytest.raises(CommandRefused) as refused:
        await closed.teacher()
    assert refused.value.code == "forbidden"
    assert (await closed.student()).token


async def test_sessions_are_listed_and_ending_one_closes_its_open_sockets(live: Live) -> None:
    here = await live.student("Ana")
    there = await second_session(here)
    at_desk, at_cafe = await here.connect(), await there.connect()
    listed = (await here.api("GET", "/api/sessions"))["sessions"]
    assert [one["current"] for one in listed].count(True) == 1
    assert len(listed) == 2
    other = next(one["id"] for one in listed if not one["current"])
    await here.api("DELETE", f"/api/sessions/{other}")
    closing = await at_cafe.expect("server.closing")
    assert closing["data"]["reconnect"] == "after_login"
    assert await at_cafe.expect_close() == 4410
    for call in ("/api/me", "/api/sessions"):
        assert (await live.request("GET", call, token=there.token)).code == 401
    late = await there.connect(hello=False)
    assert await late.expect_close() == 4401
    refresh = {"refresh_token": there.refresh_token}
    assert (await live.request("POST", "/api/sessions/refresh", refresh)).code == 401
    assert (await at_desk.do("room.list"))["rooms"] == [], "one's own session goes on"
    assert len((await here.api("GET", "/api/sessions"))["sessions"]) == 1


async def test_nobody_ends_a_strangers_session(live: Live) -> None:
    ana, eve = await live.student(), await live.student()
    session = (await ana.api("GET", "/api/sessions"))["sessions"][0]["id"]
    socket = await ana.connect()
    for ident in (session, "0" * 24):
        with pytest.raises(CommandRefused) as refused:
            await eve.api("DELETE", f"/api/sessions/{ident}")
        assert refused.value.code == "not_found"
    await socket.do("ping")
    assert await socket.refused("subscribe", topic=f"user:{eve.id}") == "forbidden"


async def test_a_new_password_ends_every_other_session_at_once(live: Live) -> None:
    here = await live.student("Ana")
    there = await second_session(here)
    at_desk, at_cafe = await here.connect(), await there.connect()
    change = {"current": "not this one", "new": NEW_PASSWORD}
    with pytest.raises(CommandRefused, match="current password"):
        await here.api("POST", "/api/me/password", change)
    await at_cafe.do("ping")
    await here.api("POST", "/api/me/password", {**change, "current": PASSWORD})
    assert await at_cafe.expect_close() == 4410
    await at_desk.do("ping")
    assert (await live.request("GET", "/api/me", token=there.token)).code == 401
    old, new = [
        await live.request("POST", "/api/sessions", {"email": here.email, "password": password})
        for password in (PASSWORD, NEW_PASSWORD)
    ]
    assert (old.code, new.code) == (401, 200)


async def test_a_sign_in_with_the_old_password_that_was_under_way_fails(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await live.student("Ana")
    verify = live.services.passwords.verify

    async def slowly(password: str, record: str | None) -> bool:
        right = await verify(password, record)
        monkeypatch.undo()
        change = {"current": PASSWORD, "new": NEW_PASSWORD}
        await ana.api("POST", "/api/me/password", change)
        return right

    monkeypatch.setattr(live.services.passwords, "verify", slowly)
    with pytest.raises(CommandRefused, match="password is wrong"):
        await second_session(ana)
    assert len((await ana.api("GET", "/api/sessions"))["sessions"]) == 1


async def test_settings_end_other_sessions_by_a_form(live: Live) -> None:
    ana = await live.student()
    browser = await signed_in(live, ana)
    tab, elsewhere = await browser.connect(), await ana.connect()
    page = (await browser.get("/settings/account")).body.decode()
    assert "127.0.0.1" in page
    token = await browser.token("/settings/account")
    answer = await browser.submit("/settings/account/sessions/others/end", {}, xsrf=token)
    assert (answer.code, answer.headers["Location"]) == (303, "/settings/account")
    assert await elsewhere.expect_close() == 4410
    await tab.do("ping")


async def test_a_password_is_changed_by_the_form_of_the_settings(live: Live) -> None:
    ana = await live.student("Ana")
    browser = await signed_in(live, ana)
    page = (await browser.get("/settings/account")).body.decode()
    form = page.partition('action="/settings/account/password"')[2].partition("</form>")[0]
    current, new = re.findall(r'name="(\w+)" type="password"', form)
    fields = {current: PASSWORD, new: "short"}
    refused = await browser.submit("/settings/account/password", fields)
    assert refused.code == 422
    assert b'id="f-password" name="password" type="password" value="" required aria-invalid' in (
        refused.body
    )
    changed = await browser.submit("/settings/account/password", {**fields, new: NEW_PASSWORD})
    assert changed.code == 303, changed.body
    assert (await Browser(live).sign_in(ana, password=NEW_PASSWORD)).code == 303


async def test_a_refresh_token_is_spent_by_its_use(live: Live) -> None:
    ana = await live.student()
    body = {"refresh_token": ana.refresh_token}
    pair = await live.api("POST", "/api/sessions/refresh", body)
    assert pair["refresh_token"] != ana.refresh_token
    me = await live.api("GET", "/api/me", token=pair["access_token"])
    assert me["user"]["email"] == ana.email
    assert (await live.request("GET", "/api/me", token=ana.refresh_token)).code == 401


async def test_tries_are_slowed_down_and_the_right_password_waits_too(live: Live) -> None:
    ana = await live.student()
    wrong = {"email": ana.email, "password": "not it at all"}
    codes = [(await live.request("POST", "/api/sessions", wrong)).code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    right = await live.request("POST", "/api/sessions", {**wrong, "password": PASSWORD})
    assert right.code == 429
    assert int(right.headers["Retry-After"]) >= 1
    assert (await live.request("GET", "/api/me", token=ana.token)).code == 200


async def test_the_counts_of_open_sockets_return_when_people_leave(live: Live) -> None:
    ana = await live.student()
    client = await ana.connect()
    assert len(live.node.connections) == 1
    client.close()
    await until(lambda: len(live.node.connections) == 0)
    assert not list(live.services.hub.topics())
