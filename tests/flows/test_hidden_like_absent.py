"""What one may not see and what does not exist answer alike, in every command and on every page."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from elearn.app import ROUTES
from elearn.models.ids import new_id
from elearn.ws.commands.table import COMMANDS
from tests.live import Json, Live, LiveClient, Person, new_key
from tests.structure.test_routes import methods_of

PLAIN: dict[str, Any] = {
    "after": None,
    "all": False,
    "anonymous": False,
    "archived": True,
    "around": None,
    "before": None,
    "body": "a few words",
    "category": None,
    "comment": "",
    "cursor": None,
    "description": "",
    "enrollment_key": None,
    "epoch": "e",
    "filters": {},
    "kind": None,
    "limit": 10,
    "link": None,
    "name": "a name",
    "on": True,
    "page": 1,
    "q": "words",
    "seq": 1,
    "skip": 0,
    "sort": None,
    "stars": 3,
    "title": "A title",
    "token": "t",
    "unread": False,
    "visibility": "course",
}
"""Arguments that name nothing, each with a value that is taken."""
PEOPLE = {"user", "mentions"}
"""Who has an account is no secret: a profile is open to everyone who is signed in."""
NAMING = {
    *("course", "room", "update", "item", "topic", "ids", "undo", "reply_to", "id"),
    *("cursors", "through"),
}


class Hidden:
    """Ids of what somebody may not know of, by the argument that names them. `absent` is one of the
    same form that names nothing."""

    def __init__(self) -> None:
        self.courses: list[str] = []
        self.rooms: list[str] = []
        self.updates: list[str] = []
        self.items: list[str] = []

    def of(self, name: str) -> list[Any]:
        topics = [f"course:{one}" for one in self.courses]
        topics += [f"staff:{one}" for one in self.courses]
        topics += [f"room:{one}" for one in (*self.rooms, *self.updates)]
        named: dict[str, list[Any]] = {
            "course": self.courses,
            "id": self.courses,
            "room": [*self.rooms, *self.updates],
            "update": self.updates,
            "item": self.items,
            "topic": topics,
            "ids": [[f"{topic}.1"] for topic in topics],
            "undo": [f"{topic}.1" for topic in topics],
            "reply_to": [f"room:{one}.1" for one in (*self.rooms, *self.updates)],
            "cursors": [{topic: 0} for topic in topics],
            "through": [{topic: 1} for topic in topics],
        }
        return named[name]


def absent(value: Any) -> Any:
    return json.loads(re.sub("[0-9a-f]{24}", lambda found: new_id(), json.dumps(value)))


def plain(text: str) -> str:
    """Without ids, and what a page makes anew each time."""
    text = re.sub("[0-9a-f]{24}", "ID", text)
    return re.sub(r"nonce(-|=\")[\w+/=-]+|\"xsrf\":\"[^\"]*\"|content=\"2\|[^\"]*\"", "", text)


def test_every_argument_is_known_to_name_something_or_nothing() -> None:
    known = PLAIN.keys() | PEOPLE | NAMING | {"scope"}
    assert {name for spec in COMMANDS.values() for name in spec.args.__struct_fields__} == known


def asked(hidden: Hidden, me: str) -> Iterator[tuple[str, dict[str, Any], str, Any]]:
    """Each command with each argument that names something, and a hidden thing to name there."""
    for name, spec in sorted(COMMANDS.items()):
        for field in NAMING & set(spec.args.__struct_fields__):
            args = {
                one: PLAIN[one]
                for one in spec.args.__struct_fields__
                if PLAIN.get(one) is not None and one != "filters"
            }
            if "user" in spec.args.__struct_fields__ and name != "chat.direct":
                args["user"] = me
            if name == "feed.list":
                args["scope"] = "course"
            if name == "update.publish":
                args["kind"] = "announcement"
            if field == "reply_to":
                continue  # beside a room that one may write in, below
            if name == "subscribe":
                del args["epoch"]
            for value in hidden.of(field):
                yield name, args, field, value


async def answered(client: LiveClient, name: str, args: Mapping[str, Any]) -> Json:
    reply = await client.ask(name, key=new_key(), **args)
    del reply["ref"]
    return reply


async def require_alike(client: LiveClient, person: Person, hidden: Hidden) -> None:
    wrong = {}
    for name, args, field, value in asked(hidden, person.id):
        there = await answered(client, name, {**args, field: value})
        nothing = await answered(client, name, {**args, field: absent(value)})
        if plain(json.dumps(there)) != plain(json.dumps(nothing)):
            wrong[name, json.dumps(value)] = (there, nothing)
    assert not wrong, "\n".join(f"{where}: {what}" for where, what in wrong.items())


NAMED_BY = {"/courses/": "courses", "/api/courses/": "courses", "/rooms/": "rooms"} | {
    "/updates/": "updates"
}
OF_PEOPLE = ("/users/", "/api/users/", "/api/sessions/", "/settings/")


def addresses(hidden: Hidden) -> Iterator[tuple[str, str]]:
    for pattern, handler, *_ in ROUTES:
        if not re.search(r"\{24\}|\[\^/\]", pattern) or pattern.startswith(OF_PEOPLE):
            continue
        prefix = next(one for one in NAMED_BY if pattern.startswith(one))
        for ident in getattr(hidden, NAMED_BY[prefix]):
            path = re.sub(r"\(\[0-9a-f\]\{24\}\)|\(\[\^/\]\+\)", ident, pattern)
            path = path.replace("([1-9][0-9]{0,14})", "1")
            for tab in (re.findall(r"\(([a-z|]+)\)", path) or [""])[0].split("|"):
                for method in sorted(methods_of(handler)):
                    yield method.upper(), re.sub(r"\([a-z|]+\)", tab, path)


async def require_pages_alike(live: Live, token: str | None, hidden: Hidden) -> None:
    wrong = {}
    for method, path in addresses(hidden):
        answers = []
        for address in (path, re.sub("[0-9a-f]{24}", new_id(), path)):
            for accept in ("text/html", "application/json"):
                body = {} if method != "GET" else None
                answer = await live.request(
                    method, address, body, token=token, headers={"Accept": accept}
                )
                answers.append((answer.code, plain(answer.body.decode())))
        if answers[:2] != answers[2:]:
            wrong[method, path] = [(code, text[:300]) for code, text in answers]
    assert not wrong, "\n".join(f"{where}: {what}" for where, what in wrong.items())


async def a_course(teacher: Person, member: Person, hidden: Hidden, *, published: bool) -> str:
    """A course with everything in it; what its strangers may not know of is noted."""
    course: str = (await teacher.make_course("Secret", published=True))["id"]
    await member.enroll(course)
    made = [
        (await teacher.command("room.create", course=course, name=kind, kind=kind))["room"]["id"]
        for kind in ("open", "private", "announce")
    ]
    said = {"kind": "announcement", "title": "Hush", "body": "A secret."}
    update = (await teacher.command("update.publish", course=course, **said))["update"]["id"]
    for room in (course, update, *made):
        await teacher.command("chat.post", room=room, body="a secret")
    posts = [
        await member.command("feed.post", body="a secret", course=course),
        await member.command("feed.feedback", course=course, stars=1, comment="a secret"),
    ]
    hidden.rooms += made
    hidden.items += [one["item"]["id"] for one in posts]
    if not published:
        public = await member.command(
            "feed.post", body="a secret", course=course, visibility="public"
        )
        hidden.items.append(public["item"]["id"])
        await teacher.api("PATCH", f"/api/courses/{course}", {"published": False})
        hidden.courses.append(course)
        hidden.rooms.append(course)
        hidden.updates.append(update)
    return course


@pytest.mark.parametrize("role", ["student", "teacher"])
async def test_to_a_stranger(live: Live, role: str) -> None:
    teacher, member = await live.teacher("Tess"), await live.student("Ana")
    hidden = Hidden()
    await a_course(teacher, member, hidden, published=False)
    await a_course(teacher, member, hidden, published=True)
    direct = (await teacher.command("chat.direct", user=member.id))["room"]["id"]
    await teacher.command("chat.post", room=direct, body="a secret")
    hidden.rooms.append(direct)
    await live.settled()
    stranger = await live.sign_up("Eve", role)
    await require_alike(await stranger.connect(), stranger, hidden)
    await require_pages_alike(live, stranger.token, hidden)


async def test_to_somebody_in_the_course(live: Live) -> None:
    teacher, member, eve = await live.teacher("Tess"), await live.student(), await live.student()
    theirs, hidden = Hidden(), Hidden()
    course = await a_course(teacher, member, theirs, published=True)
    await eve.enroll(course)
    hidden.rooms.append(theirs.rooms[1])
    await live.settled()
    client = await eve.connect()
    await require_alike(client, eve, hidden)
    await require_pages_alike(live, eve.token, hidden)
    answers = []
    for room in (theirs.rooms[1], new_id()):
        message = f"room:{room}.1"
        answers.append(await answered(client, "chat.post", said_in(course, message)))
    assert answers[0] == answers[1]


def said_in(room: str, reply_to: str) -> dict[str, Any]:
    return {"room": room, "body": "words", "reply_to": reply_to}


async def test_to_a_visitor(live: Live) -> None:
    teacher, member = await live.teacher("Tess"), await live.student("Ana")
    hidden = Hidden()
    await a_course(teacher, member, hidden, published=False)
    await live.settled()
    await require_pages_alike(live, None, hidden)
    client = await live.connect("/ws/search")
    for topic in hidden.of("topic"):
        there, nothing = [
            await answered(client, "subscribe", {"topic": one}) for one in (topic, absent(topic))
        ]
        assert there == nothing
