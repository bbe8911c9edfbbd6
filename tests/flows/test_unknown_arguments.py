"""What is asked for with a name that nobody knows is refused with that name, and nothing is done:
on the socket, as a command over HTTP, in every JSON body and behind every JSON address."""

import json
import typing

import msgspec

from elearn.app import ROUTES
from elearn.handlers.openapi import CALLS
from elearn.ws.commands.table import COMMANDS
from tests.live import Json, Live, new_key
from tests.structure.test_routes import example, methods_of

NAME = "publish_when"
BODIES = {call: shape for call, (_, shape, _, _) in CALLS.items() if shape is not None}
READ = sorted(
    (pattern, handler)
    for pattern, handler, *_ in ROUTES
    if pattern.startswith("/api/") and "get" in methods_of(handler)
)


def refusal_of(answer: Json) -> tuple[int, str, str]:
    error = answer["error"]
    return error["status"], error["code"], error.get("field", "")


REFUSED = (422, "invalid_field", NAME)


async def test_every_command_refuses_it_on_the_socket_and_over_http(live: Live) -> None:
    teacher = await live.teacher()
    client = await teacher.connect()
    answers = {}
    for name in COMMANDS:
        body = {"cmd": name, "args": {NAME: 1}, "key": new_key()}
        over_http = await live.request("POST", "/api/commands", body, token=teacher.token)
        on_socket = await client.ask(name, **{NAME: 1})
        answers[name] = {refusal_of(json.loads(over_http.body)), refusal_of(on_socket)}
    assert {name: found for name, found in answers.items() if found != {REFUSED}} == {}
    client.close()


async def test_every_json_body_refuses_it(live: Live) -> None:
    teacher = await live.teacher()
    course = await teacher.make_course()
    found = {}
    for path, method in BODIES:
        ident = course["id"] if "courses" in path else teacher.id
        address = path.replace("{id}", ident)
        answer = await live.request(method.upper(), address, {NAME: 1}, token=teacher.token)
        found[path, method] = (answer.code, *refusal_of(json.loads(answer.body)))
    assert len(found) == len(BODIES) > 5
    assert set(found.values()) == {(422, *REFUSED)}, found


async def test_every_json_address_refuses_it_and_takes_what_it_says(live: Live) -> None:
    teacher = await live.teacher()
    course = await teacher.make_course()
    found, taken = {}, {}
    for pattern, handler in READ:
        path = example(pattern).replace("0123456789abcdef01234567", course["id"])
        if "users" in path:
            path = f"/api/users/{teacher.id}"
        answer = await live.request("GET", f"{path}?{NAME}=1", token=teacher.token)
        found[path] = (answer.code, *refusal_of(json.loads(answer.body)))
        query = "&".join(f"{name}=" for name in handler.takes)
        taken[path] = (await live.request("GET", f"{path}?{query}", token=teacher.token)).code
    assert set(found.values()) == {(422, *REFUSED)}, found
    assert set(taken.values()) == {200}, taken


async def test_what_was_refused_was_not_done(live: Live) -> None:
    teacher, student = await live.teacher("Marta Olsen"), await live.student()
    course = await teacher.make_course("Algebra")
    path = f"/api/courses/{course['id']}"
    for address, method, body in (
        (path, "PATCH", {"title": "Renamed", "teachers": [student.id]}),
        ("/api/me", "PATCH", {"name": "Renamed", "role": "admin"}),
        ("/api/courses", "POST", {"title": "Renamed", "enrolled": 5}),
    ):
        answer = await live.request(method, address, body, token=teacher.token)
        assert answer.code == 422
    assert (await teacher.api("GET", path))["course"]["title"] == "Algebra"
    assert (await teacher.api("GET", "/api/me"))["user"]["name"] == "Marta Olsen"
    assert (await teacher.api("GET", "/api/courses?q=Renamed"))["total"] == 0
    nested = await teacher.connect()
    reply = await nested.ask("search.courses", q="", filters={"tutor": ["Ana"]})
    assert refusal_of(reply) == (422, "invalid_field", "filters.tutor")


def test_a_struct_inside_of_arguments_refuses_names_too() -> None:
    shapes = [*(spec.args for spec in COMMANDS.values()), *BODIES.values()]
    inner = {one for shape in shapes for one in structs_in(shape) if one is not shape}
    assert inner
    assert {one for one in inner if not one.__struct_config__.forbid_unknown_fields} == set()


def structs_in(shape: typing.Any) -> typing.Iterator[type[msgspec.Struct]]:
    for argument in typing.get_args(shape):
        yield from structs_in(argument)
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
        yield shape
        for field in msgspec.structs.fields(shape):
            yield from structs_in(field.type)
