"""What is sent is measured, and its sender's limit asked, before anything is made of it."""

import json
import typing
import unicodedata
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from elearn.actions import accounts
from elearn.log.appender import Appender
from elearn.wire import protocol
from elearn.ws.commands.table import COMMANDS
from tests.browsing import Browser, signed_in
from tests.conftest import Start
from tests.error_log import ErrorLog
from tests.live import PASSWORD, Live, Person, new_key

# Putting these in order takes seconds: the time grows with the square of the length.
SLOW = "a" + "\u0301" * 20_000 + "\u0316" * 20_000
# A link may have 2,000 characters; nothing that is put in order is longer.
LONGEST = 2_000


@pytest.fixture
def longest(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of all that was put in order."""
    seen = [0]
    real = unicodedata.normalize

    def normalize(form: Any, text: str) -> str:
        seen.append(len(text))
        assert len(text) <= LONGEST, "this would hold up everybody"
        return real(form, text)

    monkeypatch.setattr(unicodedata, "normalize", normalize)
    return seen


ACCOUNT = {"email": "a@example.org", "password": PASSWORD, "name": "Ana", "role": "student"}
COURSE = {"title": "Algebra", "code": "A1", "summary": "s", "description": "d", "subject": "m"}


@pytest.mark.parametrize("field", ACCOUNT)
async def test_no_field_of_an_account_holds_the_server_up(
    live: Live, longest: list[int], field: str
) -> None:
    body = {**ACCOUNT, field: SLOW}
    assert (await live.request("POST", "/api/accounts", body)).code in (403, 422)
    assert (await Browser(live).submit("/sign-up", body)).code in (403, 422)
    credentials = {"email": body["email"], "password": body["password"]}
    assert (await live.request("POST", "/api/sessions", credentials)).code == 401
    assert (await Browser(live).submit("/sign-in", credentials)).code == 401


@pytest.mark.parametrize("field", ["name", "about", "timezone", "current", "new"])
async def test_no_field_of_the_settings_does(live: Live, longest: list[int], field: str) -> None:
    ana = await live.student()
    path = "/api/me/password" if field in ("current", "new") else "/api/me"
    body = {"current": PASSWORD, "new": "amber-boat-77x"} if path.endswith("password") else {}
    method = "POST" if body else "PATCH"
    answer = await live.request(method, path, {**body, field: SLOW}, token=ana.token)
    assert answer.code == 422
    assert json.loads(answer.body)["error"]["field"] == field


@pytest.mark.parametrize(
    "field", [*COURSE, "level", "language", "enrollment_key", "opens_at", "closes_at"]
)
async def test_no_field_of_a_course_does(live: Live, longest: list[int], field: str) -> None:
    teacher = await live.teacher()
    body = {**COURSE, field: SLOW}
    assert (await live.request("POST", "/api/courses", body, token=teacher.token)).code == 422
    browser = await signed_in(live, teacher)
    token = await browser.token("/courses/new")
    assert (await browser.submit("/courses/new", body, xsrf=token)).code == 422


async def test_words_of_marks_are_cut_before_the_index_folds_them(
    live: Live, longest: list[int]
) -> None:
    teacher = await live.teacher()
    course = await teacher.make_course("Algebra", description="a" + "\u0301\u0316" * 9_000)
    await live.search_follows()
    found = await teacher.command("search.courses", q="algebra")
    assert [hit["id"] for hit in found["hits"]] == [course["id"]]
    await teacher.command("search.courses", q=SLOW[10_000:30_000])


def texts_of(args: type[Any]) -> Iterator[str]:
    """The arguments of a command that take a text."""
    for name, hint in typing.get_type_hints(args).items():
        if hint is str or str in typing.get_args(hint):
            yield name


TEXTS = [(name, field) for name, spec in COMMANDS.items() for field in texts_of(spec.args)]


class Scene(typing.NamedTuple):
    teacher: Person
    known: dict[str, Any]


async def scene(live: Live) -> Scene:
    """Everything that an argument may name, so that the text beside it is read."""
    teacher, ana = await live.teacher(), await live.student()
    course = await teacher.make_course()
    await ana.enroll(course)
    publish = {"course": course["id"], "kind": "announcement", "title": "t", "body": "b"}
    update = (await teacher.command("update.publish", **publish))["update"]
    made = {"course": course["id"], "name": "R", "description": "", "kind": "open"}
    room = (await teacher.command("room.create", **made))["room"]
    return Scene(
        teacher,
        {
            **{"course": course["id"], "room": room["id"], "user": ana.id, "update": update["id"]},
            **{
                "title": "t",
                "body": "b",
                "name": "N",
                "description": "d",
                "q": "a",
                "comment": "c",
            },
            **{"scope": "me", "visibility": "course", "epoch": live.services.epoch, "stars": 5},
            **{"topic": f"course:{course['id']}", "on": True, "archived": False, "seq": 1},
            **{"anonymous": False, "ids": [], "cursors": {}},
        },
    )


async def test_no_text_of_any_command_holds_the_server_up(live: Live, longest: list[int]) -> None:
    teacher, known = await scene(live)
    client = await teacher.connect()
    tried = 0
    for cmd, field in TEXTS:
        hints = typing.get_type_hints(COMMANDS[cmd].args)
        args = {name: known[name] for name in hints if name in known and name != "kind"}
        if cmd == "room.create":
            args["kind"] = "open"
        if cmd == "update.publish":
            args["kind"] = "announcement"
        args[field] = SLOW[16_000:24_000]
        reply = await client.ask(cmd, key=new_key(), **args)
        assert reply["ok"] or reply["error"]["status"] < 500, (cmd, field, reply)
        tried += 1
    assert tried > 20


PUBLIC_POSTS = ["/api/accounts", "/api/sessions", "/api/sessions/refresh", "/api/commands"]


@pytest.fixture
def limited(start: Start) -> Live:
    return start(api_per_min=1)


@pytest.mark.parametrize("path", PUBLIC_POSTS)
async def test_an_address_over_its_limit_has_nothing_parsed(
    limited: Live, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    parsed: list[int] = []
    real = protocol.decode_json

    def decode(text: str) -> object:
        parsed.append(len(text))
        return real(text)

    monkeypatch.setattr(protocol, "decode_json", decode)
    body = "[" + "{}," * 80_000 + "{}]"
    headers = {"Content-Type": "application/json"}
    codes = [
        (await limited.request("POST", path, raw=body, headers=headers)).code for _ in range(4)
    ]
    assert codes == [400, 429, 429, 429]
    assert len(parsed) == 1


@pytest.mark.parametrize(
    "body",
    [
        "[" + "{}," * 100_000 + "{}]",
        "[" + "[]," * 100_000 + "[]]",
        "[" + "1," * 150_000 + "1]",
        "[" + "1.5," * 70_000 + "1]",
        '{"a":' + "[" * 40 + "]" * 40 + "}",
    ],
)
async def test_a_body_with_more_parts_than_any_call_needs_is_refused(live: Live, body: str) -> None:
    for path in PUBLIC_POSTS:
        answer = await live.request(
            "POST", path, raw=body, headers={"Content-Type": "application/json"}
        )
        assert answer.code == 400, path


async def test_the_longest_texts_fit_however_they_are_escaped(live: Live) -> None:
    teacher = await live.teacher()
    text = "\U0001f600" * 20_000
    body = json.dumps({**COURSE, "description": text})
    assert len(body) > 200_000
    headers = {"Content-Type": "application/json"}
    made = await live.request(
        "POST", "/api/courses", raw=body, headers=headers, token=teacher.token
    )
    assert made.code == 201
    browser = await signed_in(live, teacher)
    token = await browser.token("/courses/new")
    form = {**COURSE, "description": text}
    assert (await browser.submit("/courses/new", form, xsrf=token)).code == 303


OUT_OF_RANGE = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "1969-12-31T23:59:59Z",
    "2026-01-01T00:00:00",
]


@pytest.mark.parametrize("field", ["opens_at", "closes_at"])
@pytest.mark.parametrize("at", OUT_OF_RANGE)
async def test_a_date_out_of_range_is_refused_by_its_field(live: Live, field: str, at: str) -> None:
    teacher = await live.teacher()
    course = await teacher.make_course()
    for method, path in (("POST", "/api/courses"), ("PATCH", f"/api/courses/{course['id']}")):
        answer = await live.request(method, path, {**COURSE, field: at}, token=teacher.token)
        assert answer.code == 422, answer.body
        assert json.loads(answer.body)["error"]["field"] == field
    if at.startswith("2026"):
        return
    browser = await signed_in(live, teacher)
    token = await browser.token("/courses/new")
    shown = await browser.submit("/courses/new", {**COURSE, field: at}, xsrf=token)
    assert shown.code == 422


async def test_every_fault_of_ours_has_an_incident_id(
    live: Live, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, errors: ErrorLog
) -> None:
    errors.expect("cannot be stored")
    errors.expect("in GET /api/sessions")
    teacher = await live.teacher()
    course = await teacher.make_course()
    browser = await signed_in(live, teacher)
    client = await teacher.connect()
    xsrf = await browser.token("/courses/new")
    incidents = []

    async def fails(*_: object) -> None:
        raise OverflowError("a date that no store holds")

    with monkeypatch.context() as broken:
        broken.setattr(Appender, "_write", fails)
        stored = await client.ask("feed.post", body="Hello", course=course["id"])
        incidents.append(stored["error"])
        answer = await live.request("POST", "/api/courses", COURSE, token=teacher.token)
        incidents.append(json.loads(answer.body)["error"])
        page = await browser.submit("/courses/new", COURSE, xsrf=xsrf)
    monkeypatch.setattr(accounts, "list_sessions", fails)
    answer = await live.request("GET", "/api/sessions", token=teacher.token)
    incidents.append(json.loads(answer.body)["error"])
    assert page.code == 500
    for error in incidents:
        assert (error["code"], error["status"]) == ("internal", 500)
        assert error["incident"] in caplog.text
    shown = [record for record in caplog.messages if "incident" in record]
    assert any(line.split()[1].rstrip(":") in page.body.decode() for line in shown)


def test_the_parts_that_a_body_may_have_are_more_than_any_command_needs() -> None:
    cursors = {f"room:{n:024x}": n for n in range(256)}
    frame = msgspec.json.encode(
        {"cmd": "sync", "ref": 1, "args": {"epoch": "e", "cursors": cursors}}
    )
    assert protocol.decode_command(frame.decode()).cmd == "sync"
