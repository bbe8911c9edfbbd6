"""The browser's modules keep to what the server declares, and each is short."""

import re
from pathlib import Path

import pytest

from elearn.app import ROUTES
from elearn.handlers.asyncapi import events_by_name
from elearn.ws.commands.table import COMMANDS

assert ROUTES  # importing the app fills the table of commands

ROOT = Path(__file__).resolve().parents[2]
MODULES = {
    path.relative_to(ROOT / "static" / "js").as_posix(): path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "static" / "js").rglob("*.js"))
}
SOURCE = "\n".join(MODULES.values())
TEMPLATES = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "templates").rglob("*.html"))
)
LONGEST = 260


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_short(name: str) -> None:
    assert len(MODULES[name].splitlines()) <= LONGEST


def test_scripts_name_only_events_and_commands_that_there_are() -> None:
    there = {*events_by_name(), *COMMANDS}
    nouns = "|".join({name.partition(".")[0] for name in there})
    named = set(re.findall(rf"\"((?:{nouns})\.[a-z]+)\"", SOURCE))
    assert named
    assert named - there == set()


def test_every_component_of_a_page_has_a_module_and_every_module_a_page() -> None:
    placed = set(re.findall(r'data-component="([a-z-]+)"', TEMPLATES))
    tables = re.findall(r"const (?:FIRST|LATER) = \{(.*?)\};", MODULES["main.js"], re.S)
    known = [re.findall(r'"?([a-z-]+)"?: \(\) => import', table) for table in tables]
    assert len(known) == 2
    assert sorted(known[0] + known[1]) == sorted(placed)


def test_every_button_of_a_template_has_a_script_that_knows_its_act() -> None:
    acts = set(re.findall(r'data-act="([a-z-]+)"', TEMPLATES))
    assert acts
    unknown = {
        act for act in acts if not re.search(rf'"{act}"|^  +{act}: |data-act={act}\b', SOURCE, re.M)
    }
    assert unknown == set()


def test_one_place_knows_the_keys_of_input_methods_and_hears_them_first() -> None:
    naming = [name for name, text in MODULES.items() if re.search(r"isComposing|keyCode", text)]
    assert naming == ["helpers/editing.js"]
    assert MODULES["main.js"].rstrip().endswith("leave_composing(window);\nstart();")


def test_a_page_has_one_model_of_its_notices() -> None:
    assert re.findall(r"new Notices\(", SOURCE) == ["new Notices("]
