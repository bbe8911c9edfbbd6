"""What a template lets one press or send does something: a script listens, or the server does."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import pytest

from elearn.app import ROUTES
from tests.structure.test_browser import SOURCE
from tests.structure.test_routes import ID, methods_of

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NAMES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
# What a script fills in; it stands on buttons and listens to nobody.
FILLED = {"data-text", "data-show", "data-hide", "data-id", "data-user", "data-course", "data-room"}
SENT = {method: [] for method in ("get", "post")}
for pattern, handler, *_ in ROUTES:
    for method in SENT.keys() & methods_of(handler):
        SENT[method].append(pattern)

Attributes = dict[str, str]


class Control(NamedTuple):
    tag: str
    own: Attributes
    form: Attributes | None

    def __str__(self) -> str:
        return f"<{self.tag} {self.own}>"


class Controls(HTMLParser):
    """The buttons of a template with the form that they stand in, and its forms."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[Control] = []
        self._forms: list[Attributes] = []
        text = re.sub(r"\{#.*?#\}", "", text, flags=re.S)
        text = re.sub(r"\{\{.*?\}\}", "*", text, flags=re.S)
        self.feed(re.sub(r"\{%.*?%\}", " ", text, flags=re.S))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._forms.append(own)
            self.found.append(Control(tag, own, own))
        elif tag == "button":
            self.found.append(Control(tag, own, self._forms[-1] if self._forms else None))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._forms.pop()


def hooks(own: Attributes) -> Iterator[str]:
    """The attributes by which a script finds it, or what it stands in."""
    for name, value in own.items():
        if not name.startswith("data-") or name in FILLED:
            continue
        named = value and "*" not in value and f"[{name}={value}]" in SOURCE
        if named or (re.search(rf"\[{name}[\]=]", SOURCE) and knows(name, value)):
            yield name


def knows(name: str, value: str) -> bool:
    """Whether a script that finds all of a kind has something for this one."""
    if not value or "*" in value:
        return True
    if name == "data-opens":
        return any(f'id="{value}"' in (TEMPLATES / one).read_text() for one in NAMES)
    return bool(re.search(rf'"{value}"|^  +{value}: ', SOURCE, re.M))


def is_served(form: Attributes) -> bool:
    """A page of the server takes what it sends."""
    address = form["action"].replace("*", ID)
    if address == ID:
        return True  # the whole of it is the thing's own address
    address = f"/courses/{address}" if address.startswith(ID) else address
    return any(re.fullmatch(one, address) for one in SENT[form.get("method", "get")])


def listens(control: Control) -> bool:
    tag, own, form = control
    if any(hooks(own)):
        return True
    if tag == "form":
        by_script = own.get("data-component") or f"#{own.get('id')}" in SOURCE
        return own.get("method") == "dialog" or bool(by_script) or "action" in own
    return own.get("type", "submit") == "submit" and (form is not None or "form" in own)


def controls_of(name: str) -> list[Control]:
    return Controls((TEMPLATES / name).read_text(encoding="utf-8")).found


@pytest.mark.parametrize("name", NAMES)
def test_every_button_and_form_of_a_template_is_heard(name: str) -> None:
    assert [str(control) for control in controls_of(name) if not listens(control)] == []


@pytest.mark.parametrize("name", NAMES)
def test_what_a_form_sends_without_a_script_has_a_page_that_takes_it(name: str) -> None:
    forms = [one.own for one in controls_of(name) if one.tag == "form" and "action" in one.own]
    assert [form["action"] for form in forms if not is_served(form)] == []


def test_the_walk_sees_what_nobody_hears() -> None:
    found = Controls(
        '<button type="button" hidden>Edit</button><button type="submit">Send</button>'
        '<button type="button" data-act="burn" data-text="name">Delete</button>'
        "<form><button>Go</button></form>"
        '<button type="button" data-act="retry">Try</button>'
        '<form action="/courses/{{ c.id }}/burn" method="post"></form>'
    ).found
    assert [listens(one) for one in found] == [False, False, False, False, True, True, True]
    assert not is_served(found[-1].own)
