"""`/asyncapi.json`: the socket, generated from the commands and the events."""

from functools import lru_cache
from itertools import chain
from typing import Any, get_args

import msgspec
from msgspec import UNSET, Struct, UnsetType, structs

from elearn.events.base import EVENTS, Event, told_as
from elearn.handlers.openapi import VERSION, Schema, error_schema
from elearn.wire import protocol, topics
from elearn.ws.commands import table

SCHEMAS = "#/components/schemas/{name}"


@lru_cache(maxsize=2)
def asyncapi_document(origin: str) -> Schema:
    """AsyncAPI 3.0: every command with its arguments' schema, every push with that of its data."""
    specs = [spec for _, spec in sorted(table.COMMANDS.items())]
    pushes = events_by_name()
    schemas = _Schemas(specs, [event for events in pushes.values() for event in events])
    messages = {spec.name: _command_message(spec, schemas.of(spec.args)) for spec in specs}
    for name, events in pushes.items():
        messages[f"push.{name}"] = _push_message(name, events, schemas)
    host, _, _ = origin.partition("://")[2].partition("/")
    channels = {
        "live": _channel("/ws", messages),
        **{name: _channel(f"/ws/{name}", messages) for name in table.CHANNELS},
    }
    nouns = {**schemas.components, "Error": error_schema()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "elearn live channels", "version": VERSION},
        "servers": {"here": {"host": host, "protocol": "ws"}},
        "channels": channels,
        "operations": _operations(specs, pushes),
        "components": {"messages": messages, "schemas": nouns},
    }


def events_by_name() -> dict[str, list[type[Event]]]:
    """What is pushed: a name may be told differently on different kinds of topic."""
    found: dict[str, dict[type[Event], None]] = {}
    for (kind, name), event in EVENTS.items():
        if kind != topics.ACCOUNTS:  # nobody can listen to it
            found.setdefault(name, {})[event] = None
    return {name: list(events) for name, events in sorted(found.items())}


class _Schemas:
    """Of commands' arguments, of what events tell, and of the nouns that these name. All are asked
    for together: two things of one name are then told apart."""

    def __init__(self, specs: list[table.CommandSpec], events: list[type[Event]]) -> None:
        fields = [field.type for event in events for field in structs.fields(told_as(event))]
        self._hints = [*(spec.args for spec in specs), *chain.from_iterable(map(_choices, fields))]
        self._schemas, self.components = msgspec.json.schema_components(
            self._hints, ref_template=SCHEMAS
        )

    def told(self, event: type[Event]) -> Schema:
        told = told_as(event)
        fields = structs.fields(told)
        left_out = told.__struct_config__.omit_defaults
        return {
            "type": "object",
            "properties": {field.encode_name: self.of(field.type) for field in fields},
            "required": [
                field.encode_name
                for field in fields
                if field.required or not (left_out or field.default is UNSET)
            ],
        }

    def of(self, hint: Any) -> Schema:
        schemas = [self._schemas[self._hints.index(one)] for one in _choices(hint)]
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _choices(hint: Any) -> list[Any]:
    """msgspec has no schema for a choice between structs, nor for what may be left out."""
    choices = [one for one in get_args(hint) if one is not UnsetType]
    either = [one for one in choices if isinstance(one, type) and issubclass(one, Struct)]
    return choices if len(either) > 1 or UnsetType in get_args(hint) else [hint]


def _channel(address: str, messages: Schema) -> Schema:
    refs = {name: {"$ref": f"#/components/messages/{name}"} for name in messages}
    return {"address": address, "messages": refs}


def _operations(specs: list[table.CommandSpec], pushes: dict[str, list[type[Event]]]) -> Schema:
    commands = {
        spec.name: {
            "action": "receive",
            "channel": {"$ref": "#/channels/live"},
            "messages": [{"$ref": f"#/channels/live/messages/{spec.name}"}],
            "summary": f"Sent by: {spec.who}." + (" Needs a key." if spec.keyed else ""),
        }
        for spec in specs
    }
    sent = {
        f"push {name}": {
            "action": "send",
            "channel": {"$ref": "#/channels/live"},
            "messages": [{"$ref": f"#/channels/live/messages/push.{name}"}],
        }
        for name in pushes
    }
    return commands | sent


def _command_message(spec: table.CommandSpec, schema: Schema) -> Schema:
    key = {"type": "string", "minLength": 1, "maxLength": protocol.KEY_CHARACTERS}
    properties = {
        "ref": {"type": ["string", "number"]},
        "cmd": {"const": spec.name},
        "args": schema,
        "key": key,
    }
    required = ["cmd", "key"] if spec.keyed else ["cmd"]
    return {
        "name": spec.name,
        "payload": {"type": "object", "required": required, "properties": properties},
        "x-channel": spec.channel,
        "x-keyed": spec.keyed,
    }


def _push_message(name: str, events: list[type[Event]], schemas: _Schemas) -> Schema:
    datas = [schemas.told(event) for event in events]
    distinct = [data for place, data in enumerate(datas) if data not in datas[:place]]
    properties: Schema = {
        "push": {"const": name},
        "data": distinct[0] if len(distinct) == 1 else {"anyOf": distinct},
    }
    required = ["push", "data"]
    if kinds := sorted({kind for event in events for kind in event.declared.on}):
        pattern = "|".join(kind if kind == topics.CATALOG else f"{kind}:.+" for kind in kinds)
        properties["topic"] = {"type": "string", "pattern": f"^({pattern})$"}
        required.append("topic")
    if any(event.declared.stored for event in events):
        properties |= {
            "seq": {"type": "integer"},
            "n": {"type": "integer"},
            "at": {"type": "string", "format": "date-time"},
            "actor": {"type": "string"},
        }
        required += ["seq", "n", "at", "actor"]
    return {
        "name": name,
        "payload": {"type": "object", "required": required, "properties": properties},
    }
