"""Every command has a schema, a channel, a row in the table of who may send it, a description."""

from typing import Any

import msgspec
import pytest

from elearn.app import ROUTES
from elearn.errors import ClientError
from elearn.handlers.asyncapi import asyncapi_document
from elearn.wire import protocol
from elearn.ws.commands.table import CHANNELS, COMMANDS

assert ROUTES  # importing the app fills the table

ANYONE, USER = "anyone", "user"

# command: channel, whether it needs a key, who gets past its door (what they may do inside is
# decided by `access`). The wire promises these names: a new command is entered here first.
TABLE: dict[str, tuple[str | None, bool, str]] = {
    "auth": (None, False, ANYONE),
    "ping": (None, False, ANYONE),
    "subscribe": (None, False, ANYONE),
    "unsubscribe": (None, False, ANYONE),
    "sync": (None, False, ANYONE),
    "presence.list": (None, False, USER),
    "text.preview": (None, False, USER),
    "chat.post": ("chat", True, USER),
    "chat.edit": ("chat", True, USER),
    "chat.delete": ("chat", True, USER),
    "chat.restore": ("chat", True, USER),
    "chat.react": ("chat", True, USER),
    "chat.history": ("chat", False, USER),
    "chat.read": ("chat", False, USER),
    "chat.typing": ("chat", False, USER),
    "chat.direct": ("chat", False, USER),
    "chat.search": ("chat", False, USER),
    "room.list": ("rooms", False, USER),
    "room.create": ("rooms", True, USER),
    "room.update": ("rooms", True, USER),
    "room.archive": ("rooms", True, USER),
    "room.join": ("rooms", True, USER),
    "room.take_over": ("rooms", True, USER),
    "room.leave": ("rooms", True, USER),
    "room.members": ("rooms", False, USER),
    "room.invite": ("rooms", True, USER),
    "room.role": ("rooms", True, USER),
    "room.remove": ("rooms", True, USER),
    "room.mute": ("rooms", True, USER),
    "room.ban": ("rooms", True, USER),
    "notification.list": ("notifications", False, USER),
    "notification.seen": ("notifications", False, USER),
    "notification.read": ("notifications", True, USER),
    "notification.unread": ("notifications", True, USER),
    "notification.settings": ("notifications", False, USER),
    "notification.configure": ("notifications", True, USER),
    "notification.explain": ("notifications", False, USER),
    "update.publish": ("updates", True, USER),
    "update.edit": ("updates", True, USER),
    "update.withdraw": ("updates", True, USER),
    "update.list": ("updates", False, USER),
    "update.mark": ("updates", False, USER),
    "update.seen": ("updates", False, USER),
    "feed.list": ("feed", False, USER),
    "feed.post": ("feed", True, USER),
    "feed.delete": ("feed", True, USER),
    "feed.feedback": ("feed", True, USER),
    "enrollment.enroll": ("enrollment", True, USER),
    "enrollment.leave": ("enrollment", True, USER),
    "enrollment.list": ("enrollment", False, USER),
    "search.suggest": ("search", False, ANYONE),
    "search.courses": ("search", False, ANYONE),
    "search.opened": ("search", False, USER),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_what_the_written_table_says(name: str) -> None:
    spec = COMMANDS[name]
    assert name in TABLE, f"{name} has no row: who may send it?"
    assert (spec.channel, spec.keyed, spec.who) == TABLE[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_schema_that_lets_no_operator_through(name: str) -> None:
    shape = COMMANDS[name].args
    assert issubclass(shape, msgspec.Struct)
    assert shape.__struct_config__.frozen
    for field in msgspec.structs.fields(shape):
        assert field.type not in (Any, dict, object)
        try:
            args = protocol.convert_args({field.name: {"$ne": {"$gt": ""}}}, shape)
        except ClientError:
            continue
        assert "$ne" not in str(msgspec.to_builtins(args))


def test_every_channel_has_commands() -> None:
    assert {spec.channel for spec in COMMANDS.values()} - {None} == set(CHANNELS)


def test_only_search_runs_beside_the_others() -> None:
    assert {spec.name for spec in COMMANDS.values() if spec.beside} == {
        "search.suggest",
        "search.courses",
    }


def test_the_description_of_the_socket_names_every_command_with_its_schema() -> None:
    document = asyncapi_document("http://elearn.test")
    messages = document["components"]["messages"]
    received = {
        name for name, each in document["operations"].items() if each["action"] == "receive"
    }
    assert received == set(COMMANDS)
    for name, spec in COMMANDS.items():
        payload = messages[name]["payload"]
        assert ("key" in payload["required"]) is spec.keyed
        shape = payload["properties"]["args"]["$ref"].rpartition("/")[2]
        described = document["components"]["schemas"][shape].get("properties", {})
        assert set(described) == {field.name for field in msgspec.structs.fields(spec.args)}
