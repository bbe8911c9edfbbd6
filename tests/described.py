"""What is pushed, against what `/asyncapi.json` says of it."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from elearn.handlers.asyncapi import asyncapi_document

Json = dict[str, Any]


def require_as_described(pushes: Iterable[Json]) -> None:
    """Each has an event that is described, and data with what the description says and no more."""
    wrong = {
        f"{push['push']}: {error.message}"
        for push in pushes
        for error in _validator(push["push"]).iter_errors(push)
    }
    assert not wrong, "not as described: " + "; ".join(sorted(wrong)[:20])


def fields_of(event: str) -> set[str]:
    """The names that an event's data may have."""
    data = _payload(event)["properties"]["data"]
    return {name for shape in data.get("anyOf", [data]) for name in shape["properties"]}


def _payload(event: str) -> Json:
    payload: Json = _document()["components"]["messages"][f"push.{event}"]["payload"]
    return payload


@cache
def _document() -> Json:
    closed: Json = _closed(asyncapi_document("http://elearn.test"))
    return closed


def _closed(schema: Any) -> Any:
    """With every object closed: a field that is not described is news to a client. What is pushed
    is open at its own level alone (`topic`, `seq` and so on are named where they come)."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(one) for name, one in schema.items()}
    return {"additionalProperties": False, **closed} if "properties" in closed else closed


@cache
def _validator(event: str) -> Draft202012Validator:
    return Draft202012Validator({**_payload(event), "components": _document()["components"]})
