"""Every route asks who is there, or stands on a written list; the description agrees with it."""

import re

import pytest

from elearn.app import ROUTES
from elearn.handlers.openapi import CALLS
from elearn.ws.commands.table import CHANNELS
from elearn.ws.routes import socket_routes
from tests.live import Live

# What may be asked for without an account. `/api/commands` asks the command's own row.
PUBLIC = {
    r"/",
    r"/api/accounts",
    r"/api/commands",
    r"/api/courses",
    r"/api/courses/([^/]+)",
    r"/api/poll",
    r"/api/sessions",
    r"/api/sessions/refresh",
    r"/asyncapi.json",
    r"/courses",
    r"/courses/([0-9a-f]{24})",
    r"/courses/([0-9a-f]{24})/(overview|updates|rooms|feed|people)",
    r"/healthz",
    r"/help",
    r"/help/([a-z-]+)",
    r"/metrics",
    r"/openapi.json",
    r"/readyz",
    r"/sign-in",
    r"/sign-out",
    r"/sign-up",
}
# Part of a public address that still needs an account.
METHODS_FOR_MEMBERS = {
    (r"/api/sessions", "get"),
    (r"/api/courses", "post"),
    (r"/api/courses/([^/]+)", "patch"),
}
ID = "0123456789abcdef01234567"


def example(pattern: str) -> str:
    """An address that a route's pattern matches."""
    path = pattern.replace("([0-9a-f]{24})", ID).replace("([^/]+)", ID)
    path = path.replace("([1-9][0-9]{0,14})", "7").replace("([a-z]+)", "account")
    path = path.replace("([a-z-]+)", "students")
    path = re.sub(r"\(([a-z]+)(\|[^)]*)?\)", r"\1", path)
    assert re.fullmatch(pattern, path), f"{path} is no example of {pattern}"
    return path


def methods_of(handler: type) -> set[str]:
    return {
        name
        for name in ("get", "post", "patch", "put", "delete")
        if getattr(handler, name).__qualname__.split(".")[0] != "RequestHandler"
    }


PRIVATE_CALLS = sorted(
    {
        (pattern, method)
        for pattern, handler, *_ in ROUTES
        for method in methods_of(handler)
        if pattern not in PUBLIC or (pattern, method) in METHODS_FOR_MEMBERS
    }
)


async def test_nobody_gets_past_the_door_of_a_private_route(live: Live) -> None:
    entered = []
    for pattern, method in PRIVATE_CALLS:
        answer = await live.request(method.upper(), example(pattern), raw=None)
        if answer.code not in (401, 403):
            entered.append((method, pattern, answer.code))
    assert not entered
    assert len(PRIVATE_CALLS) > 15


async def test_a_signed_in_reader_does_pass_that_door(live: Live) -> None:
    reader = await live.student()
    for pattern, method in PRIVATE_CALLS:
        if method == "get":
            answer = await live.request("GET", example(pattern), token=reader.token)
            assert answer.code != 401, pattern


def test_the_public_routes_are_those_on_the_written_list() -> None:
    public = {pattern for pattern, handler, *_ in ROUTES if handler.public}
    without_asking = {
        pattern
        for pattern, handler, *_ in ROUTES
        if handler.prepare.__qualname__ != "BaseHandler.prepare"
    }
    assert public | without_asking == PUBLIC


def test_no_address_is_served_twice() -> None:
    patterns = [pattern for pattern, *_ in ROUTES]
    assert len(patterns) == len(set(patterns))


def test_there_is_a_socket_for_all_channels_and_one_for_each() -> None:
    assert [route[0] for route in socket_routes()] == [
        "/ws",
        *(f"/ws/{channel}" for channel in CHANNELS),
    ]


def served() -> set[tuple[str, str]]:
    """The JSON calls that the routes serve, in the words of OpenAPI."""
    calls = set()
    for pattern, handler, *_ in ROUTES:
        if pattern.startswith("/api/"):
            path = re.sub(r"\((?:[^()]|\[[^]]*\])*\)", "{id}", pattern)
            calls |= {(path, method) for method in methods_of(handler)}
    return calls


def test_the_description_names_every_json_call_and_no_other() -> None:
    described = {call for call in CALLS if call[0].startswith("/api/")}
    assert served() == described


@pytest.mark.parametrize("path", ["/openapi.json", "/asyncapi.json"])
async def test_the_descriptions_are_served(live: Live, path: str) -> None:
    document = await live.api("GET", path)
    assert document["info"]["version"] == "1"


async def test_a_call_said_to_be_public_needs_no_account_and_the_others_do(live: Live) -> None:
    for (path, method), (_, _, public, _) in CALLS.items():
        answer = await live.request(method.upper(), path.replace("{id}", ID))
        refused = answer.code == 401 or (answer.code == 403 and not public)
        assert refused is not public, (method, path, answer.code)
