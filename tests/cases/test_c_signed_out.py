"""Getting out and back in: cookies that go, cookies that are no longer good, and who waits."""

import json
from datetime import timedelta

import pytest
from tornado.httpclient import HTTPResponse

from elearn.config import Config
from elearn.services import utc_now
from tests.browsing import Browser, signed_in
from tests.conftest import Start, served
from tests.live import PASSWORD, CommandRefused, Live, Person
from tests.test_throttle import addresses

PLAIN, TLS = "http://elearn.test", "https://learn.example.org"


@pytest.fixture(params=[PLAIN, TLS])
def site(start: Start, request: pytest.FixtureRequest) -> Live:
    return start(public_url=(request.param,), trusted_proxies=("127.0.0.1",))


def session_name(live: Live) -> str:
    return "__Host-elearn_session" if live.services.config.secure else "elearn_session"


async def stale(live: Live, person: Person) -> Browser:
    """A browser that still has the cookie of a session that was ended elsewhere."""
    browser = await signed_in(live, person)
    for session in (await person.api("GET", "/api/sessions"))["sessions"]:
        if not session["current"]:
            await person.api("DELETE", f"/api/sessions/{session['id']}")
    assert session_name(live) in browser.cookies
    return browser


def set_cookies(*answers: HTTPResponse) -> list[str]:
    return [line for answer in answers for line in answer.headers.get_list("Set-Cookie")]


async def test_every_cookie_is_set_and_deleted_as_its_name_demands(site: Live) -> None:
    """A browser ignores what an answer says of a `__Host-` cookie without Secure, also its end."""
    ana = await site.student()
    browser = Browser(site)
    answers = [await browser.get("/sign-in"), await browser.sign_in(ana)]
    token = await browser.token("/settings/account")
    answers.append(await browser.submit("/sign-out", {}, xsrf=token))
    answers.append(await (await stale(site, ana)).get("/courses"))
    current = await signed_in(site, ana)
    xsrf = await current.token("/settings/account")
    answers.append(await current.send("DELETE", "/api/sessions/current", X_XSRFToken=xsrf))
    lines = set_cookies(*answers)
    deleted = [line for line in lines if '=""' in line or "=;" in line]
    assert {line.partition("=")[0] for line in deleted} >= {session_name(site)}
    assert len(deleted) >= 4
    for line in lines:
        attributes = {part.strip().partition("=")[0].lower() for part in line.split(";")[1:]}
        assert {"path", "httponly", "samesite"} <= attributes, line
        assert ("secure" in attributes) == site.services.config.secure, line
        assert line.startswith("__Host-") == site.services.config.secure, line
        assert "domain" not in attributes


PUBLIC = ("/", "/courses", "/help", "/sign-in", "/sign-up", "/api/courses", "/api/poll")


@pytest.mark.parametrize("path", PUBLIC)
async def test_a_cookie_that_is_no_longer_good_is_a_visitor_where_the_public_is_served(
    site: Live, path: str
) -> None:
    browser = await stale(site, await site.student())
    answer = await browser.get(path, Accept="*/*")
    assert answer.code == 200
    assert session_name(site) not in browser.cookies


async def test_sockets_and_commands_for_the_public_take_a_bad_cookie_for_none(site: Live) -> None:
    await (await site.teacher()).make_course("Algebra")
    await site.search_follows()
    ana = await site.student()
    browser = await stale(site, ana)
    client = await browser.connect("/ws/search")
    assert client.hello["user"] is None
    assert (await client.do("search.courses", q="algebra"))["total"] == 1
    other = await site.connect(
        "/ws", headers={"Cookie": browser.cookie, "Origin": site.origin}, hello=False
    )
    assert await other.expect_close() == 4401, "what is not for the public says to sign in"
    ended = dict(browser.cookies)
    xsrf = await browser.token()
    browser.cookies |= ended
    body = json.dumps({"cmd": "search.courses", "args": {"q": "algebra"}})
    headers = {"Content_Type": "application/json", "X_XSRFToken": xsrf}
    assert (await browser.send("POST", "/api/commands", body, **headers)).code == 200
    private = json.dumps({"cmd": "room.list", "args": {}})
    browser.cookies |= ended
    assert (await browser.send("POST", "/api/commands", private, **headers)).code == 401


async def test_the_polls_of_a_page_whose_session_ended_say_so(live: Live) -> None:
    ana = await live.student()
    browser = await stale(live, ana)
    cursors = json.dumps({"catalog": 0, f"user:{ana.id}": 0})
    asked = f"/api/poll?epoch={live.services.epoch}&cursors={cursors.replace(' ', '')}"
    assert (await browser.get(asked.replace('"', "%22"))).code == 401


async def test_signing_out_twice_is_signed_out(site: Live) -> None:
    browser = await stale(site, await site.student())
    answer = await browser.submit("/sign-out", {})
    assert (answer.code, answer.headers["Location"]) == (303, "/")


@pytest.fixture
def secure(start: Start) -> Live:
    return start(public_url=(TLS,))


async def test_only_the_name_that_is_bound_to_the_host_counts_over_tls(secure: Live) -> None:
    ana = await secure.student()
    browser = await signed_in(secure, ana)
    token = browser.cookies.pop("__Host-elearn_session")
    browser.cookies["elearn_session"] = token
    assert ana.name not in (await browser.get("/")).body.decode()
    assert (await browser.get("/api/me")).code == 401
    visitor = await browser.connect("/ws/search")
    assert visitor.hello["user"] is None
    browser.cookies = {"__Host-elearn_session": token}
    assert (await browser.get("/api/me")).code == 200


async def test_a_clock_that_is_set_back_drops_nobodys_session(config: Config) -> None:
    back = [timedelta(0)]
    async with served(config, clock=lambda: utc_now() - back[0]) as live:
        browser = await signed_in(live, await live.student())
        for back[0] in (timedelta(seconds=60), timedelta(minutes=55)):
            assert (await browser.get("/messages")).code == 200
            assert "elearn_session" in browser.cookies


async def tries(live: Live, email: str, password: str, address: str) -> int:
    answer = await live.request(
        "POST",
        "/api/sessions",
        {"email": email, "password": password},
        headers={"X-Forwarded-For": address},
    )
    return answer.code


async def test_wrong_passwords_from_elsewhere_keep_nobody_out(site: Live) -> None:
    live, ana = site, await site.student()
    codes = [await tries(live, ana.email, "wrong", "203.0.113.9") for _ in range(6)]
    assert codes == [401] * 5 + [429]
    assert await tries(live, ana.email, PASSWORD, "203.0.113.9") == 429
    assert await tries(live, ana.email, PASSWORD, "198.51.100.1") == 200


async def test_where_one_signed_in_before_one_signs_in_while_strangers_wait(site: Live) -> None:
    live, ana = site, await site.student()
    assert await tries(live, ana.email, PASSWORD, "198.51.100.1") == 200
    codes: list[int] = []
    for address in addresses():
        codes.append(await tries(live, ana.email, "wrong", address))
        if codes[-1] == 429:
            break
    assert len(codes) <= 101
    assert await tries(live, ana.email, PASSWORD, "192.0.2.1") == 429, "not from a new address"
    assert await tries(live, ana.email, PASSWORD, "198.51.100.1") == 200


async def test_a_device_passes_wherever_it_is(live: Live) -> None:
    """Also at the one address of a school, where somebody else tries that account."""
    ana = await live.student()
    browser = await signed_in(live, ana)
    await browser.submit("/sign-out", {}, xsrf=await browser.token("/settings/account"))
    for _ in range(8):
        await Browser(live).sign_in(ana, password="wrong")
    assert (await Browser(live).sign_in(ana)).code == 429
    assert (await browser.sign_in(ana)).code == 303


async def test_a_device_speaks_for_its_own_account_alone(live: Live) -> None:
    ana, eve = await live.student(), await live.student()
    browser = await signed_in(live, eve)
    for _ in range(8):
        await browser.sign_in(ana, password="wrong")
    assert (await browser.sign_in(ana)).code == 429


async def test_an_account_called_like_something_else_holds_nobody_up(live: Live) -> None:
    ana = await live.student()
    for name in ("127.0.0.1", f"change:{ana.id}", ana.id, f"{ana.email} 127.0.0.1"):
        for _ in range(8):
            await live.request("POST", "/api/sessions", {"email": name, "password": "wrong"})
    assert (
        await live.request("POST", "/api/sessions", {"email": ana.email, "password": PASSWORD})
    ).code == 200
    await ana.api("POST", "/api/me/password", {"current": PASSWORD, "new": "amber-boat-77x"})


async def test_a_password_is_changed_by_its_form_and_refused_beside_its_field(live: Live) -> None:
    ana = await live.student()
    browser = await signed_in(live, ana)
    page = (await browser.get("/settings/account")).body.decode()
    assert 'name="current"' in page
    assert 'name="password"' in page
    token = await browser.token("/settings/account")
    form = {"current": PASSWORD, "password": "short"}
    refused = await browser.submit("/settings/account/password", form, xsrf=token)
    assert refused.code == 422
    assert "at least 8 characters" in refused.body.decode()
    form["password"] = "amber-boat-77x"
    changed = await browser.submit("/settings/account/password", form, xsrf=token)
    assert changed.headers["Location"] == "/settings/account?saved=1"
    assert (await Browser(live).sign_in(ana, password="amber-boat-77x")).code == 303


async def test_guesses_at_a_current_password_are_slowed_down(live: Live) -> None:
    ana = await live.student()
    wrong = {"current": "not it", "new": "amber-boat-77x"}
    statuses = []
    for _ in range(7):
        with pytest.raises(CommandRefused) as refused:
            await ana.api("POST", "/api/me/password", wrong)
        statuses.append(refused.value.status)
    assert statuses == [422] * 5 + [429] * 2
    again = await live.request("POST", "/api/sessions", {"email": ana.email, "password": PASSWORD})
    assert again.code == 200, "which does not touch signing in"
