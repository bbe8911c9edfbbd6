"""The colours of static/css/tokens.css: every pair in use is readable in both themes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parent.parent / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text(encoding="utf-8")

THEMES = ("light", "dark")
# WCAG 2.2, success criteria 1.4.3 and 1.4.11.
TEXT_RATIO = 4.5
BORDER_RATIO = 3.0

SURFACES = ("ground", "surface", "raised", "sunken")
TEXT_PAIRS = [
    *((ink, paper) for ink in ("text", "muted", "accent-text", "danger") for paper in SURFACES),
    *((ink, paper) for ink in ("warn", "info") for paper in ("ground", "surface", "raised")),
    ("ok", "surface"),
    ("ok", "ground"),
    ("text", "accent-soft"),
    ("muted", "accent-soft"),
    ("accent-text", "accent-soft"),
    ("warn", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("warn", "warn-soft"),
    ("danger", "danger-soft"),
    ("on-danger", "danger"),
    ("text", "mark"),
    ("text", "line"),
    *((f"code-{part}", "sunken") for part in ("comment", "text", "number", "word", "defined")),
    ("ground", "text"),
    *(("on-tone", f"tone-{number}") for number in range(8)),
]
BORDER_PAIRS = [
    *(("line-strong", paper) for paper in SURFACES),
    *(("accent", paper) for paper in SURFACES),
    *(("danger", paper) for paper in ("surface", "raised", "danger-soft")),
    ("accent", "accent-soft"),
]


def _colours() -> dict[str, dict[str, str]]:
    """Each colour token by theme; a single value stands in both."""
    found: dict[str, dict[str, str]] = {theme: {} for theme in THEMES}
    both = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\);")
    for name, light, dark in both.findall(TOKENS):
        found["light"][name], found["dark"][name] = light, dark
    for name, value in re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", TOKENS):
        found["light"][name] = found["dark"][name] = value
    return found


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_and_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "paper"), TEXT_PAIRS)
def test_text_is_readable_on_its_paper(theme: str, ink: str, paper: str) -> None:
    colours = _colours()[theme]
    assert contrast(colours[ink], colours[paper]) >= TEXT_RATIO


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("line", "paper"), BORDER_PAIRS)
def test_the_edge_of_a_control_is_seen_on_its_paper(theme: str, line: str, paper: str) -> None:
    colours = _colours()[theme]
    assert contrast(colours[line], colours[paper]) >= BORDER_RATIO


def test_every_token_that_a_style_names_exists() -> None:
    declared = set(re.findall(r"(--[\w-]+):", TOKENS))
    named = {
        name
        for sheet in CSS.glob("*.css")
        for name in re.findall(r"var\((--[\w-]+)", sheet.read_text(encoding="utf-8"))
    }
    assert named - declared == set()


def test_faint_is_never_the_colour_of_text() -> None:
    text_rules = re.compile(r"(?<![\w-])color:\s*var\(--faint\)")
    sheets = {
        sheet.name: text_rules.findall(sheet.read_text(encoding="utf-8"))
        for sheet in CSS.glob("*.css")
    }
    # Decorative icons of empty states are the one use.
    assert {name for name, found in sheets.items() if found} <= {"states.css"}
