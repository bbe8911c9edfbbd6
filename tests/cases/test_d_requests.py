"""Requests that mean something else than they say: operators for texts, forged forms, headers."""

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from tornado.httpclient import HTTPResponse

from tests.browsing import Browser, signed_in
from tests.live import PASSWORD, Json, Live, Person

OPERATORS: list[Any] = [
    {"$ne": None},
    {"$gt": ""},
    {"$regex": ".*"},
    {"$where": "sleep(1000)"},
    {"a.b": 1},
    {"$set": {"role": "admin"}},
    ["x"],
    None,
    7,
    True,
]


def said(answer: HTTPResponse) -> tuple[int, str]:
    error = json.loads(answer.body)["error"]
    return answer.code, error["code"]


async def make_class(live: Live) -> tuple[Person, Person, Json]:
    teacher, ana = await live.teacher("Marta"), await live.student("Ana")
    course = await teacher.make_course("Algebra")
    await ana.enroll(course)
    return teacher, ana, course


async def test_no_operator_passes_for_a_text_in_a_json_body(live: Live) -> None:
    ana = await live.student()
    for value in OPERATORS:
        whole = {"email": ana.email, "password": PASSWORD}
        for path, fields in (
            ("/api/sessions", ("email", "password")),
            ("/api/accounts", ("email", "password", "name")),
        ):
            for field in fields:
                named = {"name": "Eve"} if "name" in fields else {}
                answer = await live.request("POST", path, {**whole, **named, field: value})
                assert said(answer) == (422, "invalid_type"), (path, field)
                assert json.loads(answer.body)["error"]["field"] == field
        answer = await live.request("POST", "/api/sessions/refresh", {"refresh_token": value})
        assert said(answer) == (422, "invalid_type")
        if value is not None:
            answer = await live.request("PATCH", "/api/me", {"name": value}, token=ana.token)
            assert said(answer) == (422, "invalid_type")


async def test_no_operator_passes_for_a_text_over_the_socket(live: Live) -> None:
    _, ana, course = await make_class(live)
    client = await ana.connect()
    for value in OPERATORS:
        for cmd, args in (
            ("subscribe", {"topic": value}),
            ("auth", {"token": value}),
            ("chat.post", {"room": value, "body": "x"}),
            ("chat.post", {"room": course["id"], "body": value}),
            ("chat.read", {"room": value, "seq": 1}),
            ("chat.direct", {"user": value}),
            ("search.suggest", {"q": value}),
            ("search.courses", {"q": "x", "filters": {"subject": [value]}}),
            ("enrollment.enroll", {"course": value}),
            ("feed.post", {"body": value}),
            ("notification.read", {"ids": [value]}),
            ("room.create", {"course": course["id"], "name": value}),
            ("room.join", {"room": value}),
        ):
            if value is None and cmd == "chat.direct":
                continue  # leaves the field out
            reply = await client.ask(cmd, **args)
            assert reply["ok"] is False, (cmd, args)
            assert reply["error"]["code"] == "invalid_type", (cmd, args, reply)
        await client.do("ping")


@pytest.mark.parametrize("name", ["email[$ne]", "email.$gt", "$where", "password[]"])
async def test_an_operator_in_a_form_or_an_address_is_only_an_unknown_name(
    live: Live, name: str
) -> None:
    ana = await live.student()
    browser = Browser(live)
    answer = await browser.submit("/sign-in", {name: ana.email, "password": PASSWORD})
    assert answer.code == 401
    assert "elearn_session" not in browser.cookies
    for unknown in (f"subject[{quote('$ne')}]=x", f"{quote(name)}=1"):
        found = await live.request("GET", f"/api/courses?q=&{unknown}")
        assert said(found) == (422, "invalid_field")
    bad = await live.request("GET", "/api/courses?page[$gt]=0&page=$gt")
    assert said(bad) == (422, "invalid_field")


HOSTILE = [
    "* OR 1=1",
    "title:*",
    "published:false",
    "/a.*b/",
    '"unbalanced',
    "((((",
    "x" * 10_000,
    "word " * 500,
    "a\0b",
    "\u202egnirts\u202c",
    "secret~2^9 AND NOT algebra",
    "{}[]:\\!&|<>",
    "🦉" * 300,
    "",
]


async def test_a_hostile_query_is_a_plain_text(live: Live) -> None:
    teacher = await live.teacher()
    await teacher.make_course("Algebra")
    hidden = await teacher.make_course("Secret", subject="Hidden", published=False)
    await live.search_follows()
    client = await live.connect("/ws/search")
    for q in HOSTILE:
        answers = [await client.ask(cmd, q=q) for cmd in ("search.suggest", "search.courses")]
        over_http = await live.request("GET", "/api/courses?" + urlencode({"q": q[:3000]}))
        for reply in answers:
            assert reply["ok"] or reply["error"]["status"] == 422, reply
        assert over_http.code in (200, 422)
        text = json.dumps(answers) + over_http.body.decode()
        assert hidden["id"] not in text
        assert "Hidden" not in text
        for internal in ("tantivy", "Traceback", "elastic", "syntax", "parse", "exception"):
            assert internal.casefold() not in text.replace(q, "").casefold()


async def test_a_search_takes_no_order_size_or_page_of_ones_own(live: Live) -> None:
    client = await live.connect("/ws/search")
    for args in (
        {"page": 501},
        {"page": 0},
        {"page": 10_001},
        {"sort": "password"},
        {"sort": {"_script": 1}},
    ):
        assert (await client.ask("search.courses", q="a", **args))["error"]["status"] == 422, args
    for limit in (0, 21, 100_000):
        assert (await client.ask("search.suggest", q="a", limit=limit))["error"]["status"] == 422
    for address in ("page=501", "page=-1", "page=1e9", "page=٣", "sort=_source"):
        answer = await live.request("GET", f"/api/courses?q=a&{quote(address, safe='=')}")
        assert answer.code == 422, address
    for address in ("size=100000", "from=10001", "_source=*"):
        answer = await live.request("GET", f"/api/courses?q=&{address}")
        assert said(answer) == (422, "invalid_field"), address


async def attempts(browser: Browser, other: Browser, course: str) -> dict[str, HTTPResponse]:
    """Changes that a page of another site could try, none with this session's token."""
    form = "application/x-www-form-urlencoded"
    fields = {"name": "Eve", "about": "", "timezone": ""}
    theirs, own = await other.token("/settings/profile"), await browser.token("/settings/profile")
    body = json.dumps({"name": "Eve"})
    post = json.dumps({"cmd": "feed.post", "args": {"body": "owned"}, "key": "k"})
    by_form = urlencode(fields)
    by = browser.send
    return {
        "no token": await by("POST", "/settings/profile", by_form, Content_Type=form),
        "another session's token": await browser.submit("/settings/profile", fields, xsrf=theirs),
        "a token in the address alone": await by(
            "POST", f"/settings/profile?_xsrf={quote(own)}", by_form, Content_Type=form
        ),
        "a made-up token": await browser.submit("/settings/profile", fields, xsrf="2|00|11|22"),
        "an empty token": await by(
            "POST", "/settings/profile", by_form + "&_xsrf=", Content_Type=form
        ),
        "JSON without a token": await by("PATCH", "/api/me", body, Content_Type="application/json"),
        "JSON as a plain text": await by("POST", "/api/commands", post, Content_Type="text/plain"),
        "JSON without a type": await by("POST", "/api/commands", post, Content_Type=""),
        "DELETE": await by("DELETE", "/api/sessions/current"),
        "another method in a header": await by(
            "POST", "/api/me", body, Content_Type="text/plain", X_HTTP_Method_Override="PATCH"
        ),
        "leaving a course": await by("POST", f"/courses/{course}/leave", "", Content_Type=form),
        "signing out": await by("POST", "/sign-out", "", Content_Type=form),
    }


async def test_a_change_without_this_sessions_token_is_refused(live: Live) -> None:
    _, ana, course = await make_class(live)
    browser, other = await signed_in(live, ana), await signed_in(live, await live.student())
    for name, answer in (await attempts(browser, other, course["id"])).items():
        assert answer.code == 403 or (answer.code == 405 and "method" in name), name
    me = (await ana.api("GET", "/api/me"))["user"]
    assert me["name"] == "Ana"
    assert len((await ana.api("GET", "/api/sessions"))["sessions"]) == 2
    assert (await ana.command("enrollment.list"))["total"] == 1
    statuses = await ana.command("feed.list", scope="me", kind="status")
    assert statuses["items"] == []
    token = await browser.token("/settings/profile")
    good = await browser.send(
        "PATCH", "/api/me", '{"name":"Ana B"}', Content_Type="application/json", X_XSRFToken=token
    )
    assert good.code == 200, "and the same with its token is done"


async def test_a_sign_in_form_needs_a_token_too(live: Live) -> None:
    ana = await live.student()
    fields = {"email": ana.email, "password": PASSWORD}
    assert (await Browser(live).submit("/sign-in", fields, xsrf=None)).code == 403
    new = {"email": "new@example.org", "password": PASSWORD, "name": "New", "role": "student"}
    assert (await Browser(live).submit("/sign-up", new, xsrf=None)).code == 403
    raw = urlencode(fields)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await live.request("POST", "/api/sessions", raw=raw, headers=form)).code in (403, 415)


ELSEWHERE = [
    "//evil.example",
    "https:evil.example",
    "https://evil.example",
    "\\\\evil",
    "/\\evil",
    "javascript:alert(1)",
    " //evil",
    "/\t/evil",
    "/\n/evil",
    "evil",
    "\x00/",
    "///evil",
    "",
]


async def test_after_signing_in_one_stays_on_this_site(live: Live) -> None:
    ana = await live.student()
    for wanted in ELSEWHERE:
        answer = await Browser(live).sign_in(ana, wanted)
        assert (answer.code, answer.headers["Location"]) == (303, "/"), wanted


async def test_a_page_for_the_signed_in_comes_back_after_the_sign_in(live: Live) -> None:
    browser = Browser(live)
    away = await browser.get("/messages?a=1")
    assert away.headers["Location"] == "/sign-in?next=%2Fmessages%3Fa%3D1"
    answer = await browser.sign_in(await live.student(), "/messages?a=1")
    assert answer.headers["Location"] == "/messages?a=1"
