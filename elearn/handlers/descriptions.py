"""`/asyncapi.json` and `/openapi.json`: generated from the command table and the routes."""

from functools import lru_cache
from typing import Any

import msgspec

from elearn import errors
from elearn.actions.courses import CourseChanges, CourseFields
from elearn.handlers import accounts
from elearn.wire import protocol
from elearn.ws.commands import table

VERSION = "1"

# event: (kinds of topic, stored, what `data` holds)
EVENTS: dict[str, tuple[tuple[str, ...], bool, str]] = {
    "server.hello": ((), False, "protocol, epoch, user, connection, heartbeat_s, topics, limits"),
    "server.subscribed": ((), False, "topic, cursor"),
    "server.unsubscribed": ((), False, "topic, error"),
    "server.closing": ((), False, "code, error, reconnect, retry_after_ms"),
    "session.expiring": ((), False, "expires_in_s"),
    "session.ended": (("user",), True, "session"),
    "user.updated": (("user", "course"), True, "user, invisible, disabled, rights"),
    "chat.posted": (("room",), True, "message"),
    "chat.typing": (("room",), False, "room, user, on"),
    "chat.read": (("user",), True, "room, seq, n, unread"),
    "room.created": (("room", "course", "user"), True, "room"),
    "room.updated": (("room", "course", "user"), True, "room"),
    "room.archived": (("room", "course", "user"), True, "room"),
    "room.joined": (("room", "course", "user"), True, "room, user, role, members, course"),
    "room.left": (("room", "course", "user"), True, "room, user, role, members, course"),
    "room.activity": (("course",), False, "room, messages, last"),
    "notification.created": (("user", "course", "staff"), True, "notice, unseen, unread"),
    "notification.read": (("user",), True, "topics, unseen, unread"),
    "update.published": (("course",), True, "update"),
    "feed.posted": (("course", "user"), True, "item, rating"),
    "feed.deleted": (("course", "user"), True, "id, rating"),
    "enrollment.enrolled": (("course", "user"), True, "course, title, user, enrolled, seats_left"),
    "enrollment.left": (("course", "user"), True, "course, title, user, enrolled, seats_left"),
    "course.created": (("catalog", "course", "user"), True, "course"),
    "course.updated": (("catalog", "course"), True, "course"),
    "course.withdrawn": (("catalog", "course"), True, "course"),
    "presence.changed": (("room", "course"), False, "count, joined, left, users"),
    "course.seats": (("catalog",), False, "course, enrolled, seats_left"),
}


@lru_cache(maxsize=2)
def asyncapi_document(origin: str) -> dict[str, Any]:
    """AsyncAPI 3.0: every command with its arguments' schema, every push."""
    specs = [spec for _, spec in sorted(table.COMMANDS.items())]
    schemas, components = msgspec.json.schema_components(
        [spec.args for spec in specs], ref_template="#/components/schemas/{name}"
    )
    messages: dict[str, Any] = {}
    for spec, schema in zip(specs, schemas, strict=True):
        messages[spec.name] = _command_message(spec, schema)
    for name, (kinds, stored, holds) in EVENTS.items():
        messages[f"push.{name}"] = _push_message(name, kinds, stored, holds)
    host, _, _ = origin.partition("://")[2].partition("/")
    channels = {
        "live": _channel("/ws", messages),
        **{name: _channel(f"/ws/{name}", messages) for name in table.CHANNELS},
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "elearn live channels", "version": VERSION},
        "servers": {"here": {"host": host, "protocol": "ws"}},
        "channels": channels,
        "operations": _operations(specs),
        "components": {"messages": messages, "schemas": {**components, "Error": _error_schema()}},
    }


def _channel(address: str, messages: dict[str, Any]) -> dict[str, Any]:
    refs = {name: {"$ref": f"#/components/messages/{name}"} for name in messages}
    return {"address": address, "messages": refs}


def _operations(specs: list[table.CommandSpec]) -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for spec in specs:
        operations[spec.name] = {
            "action": "receive",
            "channel": {"$ref": "#/channels/live"},
            "messages": [{"$ref": f"#/channels/live/messages/{spec.name}"}],
            "summary": f"Sent by: {spec.who}." + (" Needs a key." if spec.keyed else ""),
        }
    for name in EVENTS:
        operations[f"push {name}"] = {
            "action": "send",
            "channel": {"$ref": "#/channels/live"},
            "messages": [{"$ref": f"#/channels/live/messages/push.{name}"}],
        }
    return operations


def _command_message(spec: table.CommandSpec, schema: dict[str, Any]) -> dict[str, Any]:
    key = {"type": "string", "minLength": 1, "maxLength": protocol.KEY_CHARACTERS}
    required = ["cmd"]
    if spec.keyed:
        required.append("key")
    properties = {
        "ref": {"type": ["string", "number"]},
        "cmd": {"const": spec.name},
        "args": schema,
        "key": key,
    }
    return {
        "name": spec.name,
        "payload": {"type": "object", "required": required, "properties": properties},
        "x-channel": spec.channel,
        "x-keyed": spec.keyed,
    }


def _push_message(name: str, kinds: tuple[str, ...], stored: bool, holds: str) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "push": {"const": name},
        "data": {"type": "object", "description": f"Holds: {holds}."},
    }
    required = ["push", "data"]
    if kinds:
        pattern = "|".join("catalog" if kind == "catalog" else f"{kind}:.+" for kind in kinds)
        properties["topic"] = {"type": "string", "pattern": f"^({pattern})$"}
        required.append("topic")
    if stored:
        properties |= {
            "seq": {"type": "integer"},
            "n": {"type": "integer"},
            "at": {"type": "string", "format": "date-time"},
            "actor": {"type": "string"},
        }
        required += ["seq", "at", "actor"]
    return {
        "name": name,
        "payload": {"type": "object", "required": required, "properties": properties},
    }


def _error_schema() -> dict[str, Any]:
    codes = sorted({error.code for error in _all_errors(errors.ClientError)})
    return {
        "type": "object",
        "required": ["code", "status", "message"],
        "properties": {
            "code": {"enum": codes},
            "status": {"type": "integer"},
            "message": {"type": "string"},
            "field": {"type": "string"},
            "retry_after_ms": {"type": "integer"},
            "incident": {"type": "string"},
        },
    }


def _all_errors(root: type[errors.ClientError]) -> list[type[errors.ClientError]]:
    return [root, *(found for child in root.__subclasses__() for found in _all_errors(child))]


# (path, method): (summary, body, public, status of success)
CALLS: dict[tuple[str, str], tuple[str, type[Any] | None, bool, int]] = {
    ("/api/accounts", "post"): ("Sign up", accounts.NewAccount, True, 201),
    ("/api/sessions", "post"): ("Sign in", accounts.Credentials, True, 200),
    ("/api/sessions", "get"): ("One's sessions", None, False, 200),
    ("/api/sessions/refresh", "post"): ("A new pair of tokens", accounts.Refresh, True, 200),
    ("/api/sessions/{id}", "delete"): ("End one; `current` is this one", None, False, 200),
    ("/api/me", "get"): ("Who I am", None, False, 200),
    ("/api/me", "patch"): ("Change my profile", accounts.Profile, False, 200),
    ("/api/me/password", "post"): ("Change my password", accounts.NewPassword, False, 200),
    ("/api/users/{id}", "get"): ("A public profile", None, False, 200),
    ("/api/users/{id}", "patch"): ("Role, disabled; for admins", accounts.Standing, False, 200),
    ("/api/courses", "get"): ("Search courses", None, True, 200),
    ("/api/courses", "post"): ("Make a course", CourseFields, False, 201),
    ("/api/courses/{id}", "get"): ("One course", None, True, 200),
    ("/api/courses/{id}", "patch"): ("Change a course", CourseChanges, False, 200),
    ("/api/commands", "post"): ("Any socket command", None, True, 200),
    ("/api/poll", "get"): ("What a socket would push", None, True, 200),
    ("/healthz", "get"): ("Alive", None, True, 200),
    ("/readyz", "get"): ("Stores reachable", None, True, 200),
    ("/metrics", "get"): ("Prometheus text", None, True, 200),
}


@lru_cache(maxsize=2)
def openapi_document(origin: str) -> dict[str, Any]:
    """OpenAPI 3.1 of the JSON calls."""
    shapes = [call[1] for call in CALLS.values() if call[1] is not None]
    schemas, components = msgspec.json.schema_components(
        shapes, ref_template="#/components/schemas/{name}"
    )
    by_shape = dict(zip(shapes, schemas, strict=True))
    paths: dict[str, Any] = {}
    for (path, method), (summary, shape, public, status) in CALLS.items():
        operation: dict[str, Any] = {
            "summary": summary,
            "security": [] if public else [{"bearer": []}, {"cookie": []}],
            "responses": {
                str(status): {"description": "As asked"},
                "default": {
                    "description": "Refused",
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}
                    },
                },
            },
        }
        if "{id}" in path:
            operation["parameters"] = [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
            ]
        if shape is not None:
            operation["requestBody"] = {
                "required": True,
                "content": {"application/json": {"schema": by_shape[shape]}},
            }
        paths.setdefault(path, {})[method] = operation
    refusal = {
        "type": "object",
        "required": ["error"],
        "properties": {"error": {"$ref": "#/components/schemas/Error"}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "elearn", "version": VERSION},
        "servers": [{"url": origin}],
        "paths": paths,
        "components": {
            "schemas": {**components, "Error": _error_schema(), "Refusal": refusal},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "elearn_session"},
            },
        },
    }
