"""The event names that the code publishes are those that the description of the socket promises."""

import ast
import re
from typing import Any

from elearn.handlers.descriptions import EVENTS, asyncapi_document
from elearn.projections import _PROJECTIONS
from elearn.reactions.table import _REACTIONS
from elearn.views import _PUSHED
from elearn.wire import topics
from tests.structure.test_levels import MODULES

# function: which of its arguments is the name of an event
NAMED_AT = {
    "draft": 1,
    "NewEvent": 1,
    "_change": 1,
    "copied": 3,
    "derived": 2,
    "offer": 2,
    "tell": 1,
    "_tell": 1,
    "push": 0,
    "_push": 0,
}
NAME = re.compile(r"[a-z]+\.[a-z]+")


def names_in(node: ast.AST) -> set[str]:
    return {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and NAME.fullmatch(each.value)
    }


def published() -> set[str]:
    """Every name that stands where an event's name is given, in a call or a variable `event`."""
    found: set[str] = set()
    for module, tree in MODULES.items():
        if module.startswith(("search", "models")):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                function = node.func
                called = getattr(function, "attr", getattr(function, "id", ""))
                place = NAMED_AT.get(called)
                if place is not None and len(node.args) > place:
                    found |= names_in(node.args[place])
            elif isinstance(node, ast.Assign):
                if any(isinstance(one, ast.Name) and one.id == "event" for one in node.targets):
                    found |= names_in(node.value)
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "push":
                        found |= names_in(value)
    return found


def test_the_code_publishes_what_the_description_promises_and_nothing_else() -> None:
    assert published() == set(EVENTS)


def test_events_that_the_log_handles_are_described_as_stored() -> None:
    handled = {event for _, event in (*_PROJECTIONS, *_REACTIONS)} | set(_PUSHED)
    assert handled <= {name for name, (_, stored, _) in EVENTS.items() if stored}


def test_an_event_is_described_on_the_topic_that_decides_it() -> None:
    heard = [each for each in (*_PROJECTIONS, *_REACTIONS) if each[0] != topics.ACCOUNTS]
    for kind, event in heard:
        assert kind in EVENTS[event][0], (kind, event)


def test_the_document_has_a_message_for_every_event() -> None:
    document = asyncapi_document("http://elearn.test")
    sent = {
        each["messages"][0]["$ref"].rpartition("/")[2]
        for each in document["operations"].values()
        if each["action"] == "send"
    }
    assert sent == {f"push.{name}" for name in EVENTS} <= set(document["components"]["messages"])


def test_every_reference_of_the_document_leads_somewhere() -> None:
    document = asyncapi_document("http://elearn.test")
    for reference in re.findall(r"'\$ref': '#/([^']+)'", str(document)):
        place: Any = document
        for part in reference.split("/"):
            assert part in place, reference
            place = place[part]
