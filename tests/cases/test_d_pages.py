"""What every answer carries, and that what people write is shown as it is and never logged."""

import logging
import re
from typing import Any

import pytest
from markupsafe import escape

from elearn.app import ROUTES
from tests.browsing import Browser, page_state, signed_in
from tests.conftest import Start
from tests.error_log import ErrorLog
from tests.live import PASSWORD, CommandRefused, Json, Live, Person


async def make_class(live: Live, **fields: Any) -> tuple[Person, Person, Json]:
    teacher, ana = await live.teacher("Marta"), await live.student("Ana")
    course = await teacher.make_course(**{"title": "Algebra", **fields})
    await ana.enroll(course)
    return teacher, ana, course


def addresses(values: list[str]) -> list[str]:
    """An address a route: each group of its pattern filled in with every value in turn."""
    found = []
    for route in ROUTES:
        pattern = str(route[0])
        for value in values:
            path = re.sub(r"\((?:[^()]|\([^()]*\))*\)", value, pattern).replace("\\", "")
            if re.fullmatch(pattern, path):
                found.append(path)
                break
        else:
            found.append(re.sub(r"\((?:[^()]|\([^()]*\))*\)", "x", pattern))
    return found


async def test_every_answer_forbids_foreign_scripts_frames_and_guesses_of_type(live: Live) -> None:
    teacher, ana, course = await make_class(live)
    update = await teacher.command(
        "update.publish", course=course["id"], kind="announcement", title="t", body="b"
    )
    browser = await signed_in(live, ana)
    paths = addresses(
        [
            course["id"],
            update["update"]["id"],
            ana.id,
            "1",
            "profile",
            "overview",
            "chat",
            "current",
        ]
    )
    paths += [f"/updates/{update['update']['id']}", "/nothing/here", "/api/nothing", "/rooms/zzz"]
    assert len(paths) > 40
    nonces: list[str] = []
    for who in (browser, Browser(live)):
        for path in paths:
            answer = await who.get(path)
            assert answer.code < 500, path
            headers = answer.headers
            policy = headers["Content-Security-Policy"]
            for part in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
                assert part in policy, path
            assert "unsafe" not in policy, path
            assert "default-src 'none'" in policy, path
            assert headers["X-Content-Type-Options"] == "nosniff", path
            assert headers["Referrer-Policy"] == "same-origin", path
            assert not {"Server", "Etag"} & set(headers), path
            assert headers["Cache-Control"] == "no-store", path
            found = re.search(r"'nonce-([^']{20,})'", policy)
            assert found, path
            nonces.append(found[1])
            if "text/html" in headers.get("Content-Type", ""):
                page = answer.body.decode()
                scripts = re.findall(r"<script\b[^>]*>", page)
                assert all(f'nonce="{found[1]}"' in s or "src=" in s for s in scripts), path
                assert not re.search(r"<[^>]+\son\w+=|<style\b|\sstyle=", page), path
    assert len(set(nonces)) == len(nonces), "a nonce is used once"


async def test_the_cookies_of_a_plain_site_are_out_of_reach_of_scripts(live: Live) -> None:
    ana = await live.student()
    browser = Browser(live)
    form = await browser.get("/sign-in")
    entered = await browser.sign_in(ana)
    cookies = form.headers.get_list("Set-Cookie") + entered.headers.get_list("Set-Cookie")
    named = {line.partition("=")[0] for line in cookies}
    assert named == {"elearn_session", "elearn_device", "elearn_xsrf"}
    for line in cookies:
        assert "HttpOnly" in line or ("expires=" in line and '=""' in line), line
        assert "samesite=lax" in line.lower() or '=""' in line, line
        assert "path=/" in line.lower()
        assert "domain" not in line.lower()
    assert "Strict-Transport-Security" not in form.headers


@pytest.fixture
def secure(start: Start) -> Live:
    return start(public_url=("https://learn.example.org",))


async def test_over_tls_cookies_are_bound_to_the_host_and_the_site_to_tls(secure: Live) -> None:
    ana = await secure.student()
    browser = Browser(secure)
    entered = await browser.sign_in(ana)
    assert entered.code == 303
    session = next(line for line in entered.headers.get_list("Set-Cookie") if "session" in line)
    assert session.startswith("__Host-elearn_session=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part.lower() in session.lower(), part
    assert "__Host-elearn_xsrf" in browser.cookies or await browser.token("/settings/profile")
    for path in ("/", "/api/me", "/nothing"):
        answer = await browser.get(path)
        assert answer.headers["Strict-Transport-Security"].startswith("max-age="), path
    client = await browser.connect()
    assert client.hello["user"]["id"] == ana.id


async def test_forged_forwarding_headers_change_neither_limits_nor_links(live: Live) -> None:
    ana = await live.student()
    forged = {
        "X_Forwarded_For": "203.0.113.9",
        "X_Real_Ip": "203.0.113.9",
        "X_Forwarded_Proto": "https",
        "X_Forwarded_Host": "evil.example",
        "Host": "evil.example",
    }
    browser = Browser(live)
    page = await browser.get("/sign-in", **forged)
    assert "evil.example" not in page.body.decode() + str(page.headers)
    entered = await browser.submit(
        "/sign-in", {"email": ana.email, "password": PASSWORD}, X_Forwarded_For="203.0.113.9"
    )
    assert entered.headers["Location"] == "/"
    listed = (await ana.api("GET", "/api/sessions"))["sessions"]
    assert {one["address"] for one in listed} == {"127.0.0.1"}


async def test_fields_that_are_not_ones_own_to_set_stay_as_they_are(live: Live) -> None:
    _, ana, course = await make_class(live)
    before = await live.services.db.users.find_one({"_id": ana.id})
    extra = {"role": "admin", "_id": "0" * 24, "id": "1", "email": "x@x.xx", "password": "p"}
    more = {"password_hash": "x", "created_at": "2000-01-01T00:00:00Z", "seq": 99}
    for name, value in {**extra, **more}.items():
        with pytest.raises(CommandRefused, match="invalid_field") as refused:
            await ana.api("PATCH", "/api/me", {"about": "hi", name: value})
        assert refused.value.error["field"] == name
    after = await live.services.db.users.find_one({"_id": ana.id})
    assert before == after
    teacher = await live.teacher()
    for name, value in {"enrolled": 500, "owner": ana.id, "teachers": [ana.id], "id": "x"}.items():
        with pytest.raises(CommandRefused, match="invalid_field"):
            await teacher.make_course("Mine", **{name: value})
    assert (await teacher.api("GET", "/api/courses?q=Mine"))["total"] == 0
    client = await ana.connect()
    for name, value in (("author", {"id": "0" * 24}), ("html", "<b>x</b>"), ("seq", 1)):
        args = {"room": course["id"], "body": "hello", name: value}
        error = (await client.ask("chat.post", **args))["error"]
        assert (error["code"], error["field"]) == ("invalid_field", name)
    message = await client.do("chat.post", room=course["id"], body="hello")
    assert message["message"]["author"]["id"] == ana.id
    assert message["message"]["html"] == "<p>hello</p>"


LITERAL = [
    "{{7*7}}",
    "${7*7}",
    "{% raw %}",
    "<b>bold</b>",
    '"><img src=x onerror=alert(1)>',
    "%s%n",
]


@pytest.mark.parametrize("text", LITERAL)
async def test_what_is_written_is_shown_and_never_run(live: Live, text: str) -> None:
    teacher, ana, course = await make_class(live, title=text, summary=text, subject=text)
    await ana.api("PATCH", "/api/me", {"name": text, "about": text})
    await teacher.command("room.create", course=course["id"], name=text, description=text)
    await ana.command("chat.post", room=course["id"], body=text)
    await teacher.command(
        "update.publish", course=course["id"], kind="change", title=text, body=text
    )
    await live.settled()
    for path in (
        f"/courses/{course['id']}",
        f"/courses/{course['id']}/people",
        f"/rooms/{course['id']}",
        f"/users/{ana.id}",
        "/notifications",
        "/",
    ):
        answer = await live.request(
            "GET", path, token=teacher.token, headers={"Accept": "text/html"}
        )
        page = answer.body.decode()
        assert answer.code == 200, path
        assert not re.search("<img|<b>bold", page), path
        assert str(escape(text)) in page, path
    state = await page_state(teacher, f"/courses/{course['id']}")
    assert state["course"]["title"] == text, "stored and sent as it was written"


@pytest.mark.parametrize(
    "bad", ["\x1b[31mred", "a\nb", "a\r\nSet-Cookie: x=1", "a\u2028b", "\u202eabc"]
)
async def test_codes_and_line_breaks_are_no_part_of_a_name(live: Live, bad: str) -> None:
    teacher, ana, course = await make_class(live)
    token = teacher.token
    named = {"email": "new@example.org", "password": PASSWORD, "name": bad}
    answers = [
        await live.request("PATCH", "/api/me", {"name": bad}, token=ana.token),
        await live.request("POST", "/api/accounts", named),
        await live.request("POST", "/api/courses", {"title": bad}, token=token),
        await live.request("PATCH", f"/api/courses/{course['id']}", {"code": bad}, token=token),
    ]
    assert [answer.code for answer in answers] == [422] * 4
    client = await teacher.connect()
    assert await client.refused("room.create", course=course["id"], name=bad) == "invalid_field"


async def test_no_password_token_or_message_is_ever_logged(
    live: Live, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, errors: ErrorLog
) -> None:
    errors.expect("in search.suggest")
    caplog.set_level(logging.DEBUG, logger="elearn")
    caplog.set_level(logging.DEBUG, logger="tornado")
    teacher, ana, course = await make_class(live, enrollment_key=None)
    browser = await signed_in(live, ana)
    await browser.submit("/sign-in", {"email": ana.email, "password": "wrong but private"})
    client, page = await ana.connect(), await browser.connect()
    await client.say(course["id"], "a very private sentence")
    await client.ask("chat.post", room=course["id"], body={"private": "nested sentence"})
    await client.send_raw("a very private frame {")
    await live.request("GET", "/api/me", token="not.a.token-but-private")
    await live.request("GET", "/nothing\r\nforged line".replace("\r\n", "%0d%0a"))
    monkeypatch.setattr(live.services.search, "suggest", None)
    assert await client.refused("search.suggest", q="a private query") == "internal"
    page.close()
    logged = "\n".join(record.getMessage() for record in caplog.records) + caplog.text
    assert "elearn.socket" in logged, "something is logged"
    secrets = [PASSWORD, "wrong but private", "private", ana.token, ana.refresh_token, "sentence"]
    for secret in [*secrets, *browser.cookies.values(), ana.email]:
        assert secret not in logged, secret
    assert not [r for r in caplog.records if "\n" in r.getMessage()]
    assert teacher.token not in logged
