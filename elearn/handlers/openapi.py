"""`/openapi.json`: the JSON calls."""

from functools import lru_cache
from typing import Any

import msgspec

from elearn import errors
from elearn.handlers import accounts
from elearn.nouns.courses import CourseChanges, CourseFields
from elearn.nouns.settings import SettingsChanges

VERSION = "1"

Schema = dict[str, Any]
"""JSON Schema, and the documents that are made of it."""


def error_schema() -> Schema:
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
    ("/api/me", "patch"): ("Change my profile", SettingsChanges, False, 200),
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
def openapi_document(origin: str) -> Schema:
    """OpenAPI 3.1 of the JSON calls."""
    shapes = [call[1] for call in CALLS.values() if call[1] is not None]
    schemas, components = msgspec.json.schema_components(
        shapes, ref_template="#/components/schemas/{name}"
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "elearn", "version": VERSION},
        "servers": [{"url": origin}],
        "paths": _paths(dict(zip(shapes, schemas, strict=True))),
        "components": {
            "schemas": {**components, "Error": error_schema(), "Refusal": _refusal_schema()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "elearn_session"},
            },
        },
    }


def _paths(by_shape: dict[type[Any], Schema]) -> Schema:
    paths: Schema = {}
    for (path, method), (summary, shape, public, status) in CALLS.items():
        operation: Schema = {
            "summary": summary,
            "security": [] if public else [{"bearer": []}, {"cookie": []}],
            "responses": _responses(status),
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
    return paths


def _responses(status: int) -> Schema:
    refusal = {"$ref": "#/components/schemas/Refusal"}
    return {
        str(status): {"description": "As asked"},
        "default": {
            "description": "Refused",
            "content": {"application/json": {"schema": refusal}},
        },
    }


def _refusal_schema() -> Schema:
    return {
        "type": "object",
        "required": ["error"],
        "properties": {"error": {"$ref": "#/components/schemas/Error"}},
    }
