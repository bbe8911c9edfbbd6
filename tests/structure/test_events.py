"""What is declared of events is what the code does with them."""

import ast
import re
from typing import Any

import pytest

from elearn.events.base import EVENTS, Event, told_as
from elearn.handlers.asyncapi import asyncapi_document, events_by_name
from elearn.projections import applying
from elearn.projections.table import PROJECTIONS
from elearn.reactions import following
from elearn.reactions.table import REACTIONS
from elearn.wire import topics
from elearn.ws.commands.table import COMMANDS
from tests.structure.test_levels import MODULES

DECLARED = sorted(set(EVENTS.values()), key=lambda event: event.__name__)
SAY = ("actions", "reactions", "delivery", "ws")


def names_in(*packages: str) -> set[str]:
    """Every name that is used, and not only imported, in these packages."""
    return {
        node.id
        for module, tree in MODULES.items()
        if module.partition(".")[0] in packages
        for node in ast.walk(tree)
        if isinstance(node, ast.Name)
    }


def test_every_event_is_made_somewhere_and_no_other() -> None:
    assert {event.__name__ for event in DECLARED} - names_in(*SAY) == set()


def test_an_event_is_named_in_the_past_tense_of_its_subject() -> None:
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+", event.declared.name) for event in DECLARED)


@pytest.mark.parametrize(
    ("package", "subjects"),
    [("projections", applying.SUBJECTS), ("reactions", following.SUBJECTS)],
)
def test_each_module_of_a_subject_is_in_the_table(package: str, subjects: tuple[Any, ...]) -> None:
    tables = {"projections": "projects", "reactions": "follows"}
    filling = {
        f"elearn.{module}"
        for module, tree in MODULES.items()
        if module.startswith(f"{package}.")
        and any(
            isinstance(node, ast.Name) and node.id == tables[package] for node in ast.walk(tree)
        )
    }
    assert filling == {module.__name__ for module in subjects}


def test_what_is_applied_or_followed_is_stored() -> None:
    for kind, event in (*PROJECTIONS, *REACTIONS):
        assert event.declared.stored
        assert kind in event.declared.on


def test_the_document_has_a_message_for_every_event_that_can_be_heard() -> None:
    document = asyncapi_document("http://elearn.test")
    sent = {
        each["messages"][0]["$ref"].rpartition("/")[2]
        for each in document["operations"].values()
        if each["action"] == "send"
    }
    heard = {name for kind, name in EVENTS if kind != topics.ACCOUNTS}
    assert sent == {f"push.{name}" for name in heard}
    assert set(events_by_name()) == heard
    assert set(document["components"]["messages"]) == sent | set(COMMANDS)


@pytest.mark.parametrize("event", DECLARED, ids=lambda event: event.__name__)
def test_the_document_says_what_an_event_tells(event: type[Event]) -> None:
    document = asyncapi_document("http://elearn.test")
    if event.declared.on == {topics.ACCOUNTS}:
        return
    message = document["components"]["messages"][f"push.{event.declared.name}"]
    data = message["payload"]["properties"]["data"]
    shapes = data.get("anyOf", [data])
    fields = set(told_as(event).__struct_encode_fields__)
    assert fields in [set(shape["properties"]) for shape in shapes]


def test_every_reference_of_the_document_leads_somewhere() -> None:
    document = asyncapi_document("http://elearn.test")
    for reference in re.findall(r"'\$ref': '#/([^']+)'", str(document)):
        place: Any = document
        for part in reference.split("/"):
            assert part in place, reference
            place = place[part]
