"""The sheets of static/css: each is short, part of the one of all pages, styles what there is."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALL = ROOT / "static" / "css" / "all.css"
SHEETS = sorted(set(ALL.parent.glob("*.css")) - {ALL})
SOURCES = [
    *(ROOT / "templates").rglob("*.html"),
    *(ROOT / "static" / "js").rglob("*.js"),
    *(ROOT / "elearn").rglob("*.py"),
]
LONGEST = 200
# Put together from a number or a size: class="tone-{{ … }}", "avatar-" ~ size, "page-{{ page }}".
COMPOSED = re.compile(r"tone-\d|(avatar|mark)-\w+|page-\w+")

_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_SELECTOR = re.compile(r"(?:^|[{};])\s*([^{};@]+?)\s*\{")


def rules(sheet: Path) -> str:
    return _COMMENT.sub("", sheet.read_text(encoding="utf-8"))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.stem)
def test_a_sheet_is_short(sheet: Path) -> None:
    assert len(sheet.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_the_sheet_of_all_pages_has_each_of_them_once() -> None:
    imported = re.findall(r'^@import "(.+)\.css";$', ALL.read_text("utf-8"), re.M)
    assert sorted(imported) == sorted(sheet.stem for sheet in SHEETS)


def test_every_class_that_is_styled_is_given_somewhere() -> None:
    words = {word for path in SOURCES for word in re.findall(r"[\w-]+", path.read_text("utf-8"))}
    styled = {
        name
        for sheet in SHEETS
        for selector in _SELECTOR.findall(rules(sheet))
        for name in re.findall(r"\.([a-z][\w-]*)", selector)
    }
    assert {name for name in styled - words if not COMPOSED.fullmatch(name)} == set()


def test_colours_are_written_in_the_tokens_alone() -> None:
    written = {
        sheet.name: re.findall(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(", rules(sheet))
        for sheet in SHEETS
        if sheet.name != "tokens.css"
    }
    assert {name: found for name, found in written.items() if found} == {}


def test_sizes_of_type_and_gaps_are_of_the_scales() -> None:
    """A gap of 2 px is a hair between two lines of one thing, not a step of the scale."""
    written = {
        sheet.name: re.findall(
            r"font-size: (?!inherit|var\()[^;]+|gap: [^;]*\b(?!2px)\d+px",
            rules(sheet),
        )
        for sheet in SHEETS
    }
    assert {name: found for name, found in written.items() if found} == {}
