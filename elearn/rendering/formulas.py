"""Formulas in a text: `$…$` and `\\(…\\)` in a line, `$$…$$` and `\\[…\\]` set apart."""

import html
import re
from collections.abc import Sequence

from markdown_it.renderer import RendererProtocol
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from elearn.rendering.formula_tokens import CannotBeSet
from elearn.rendering.mathml import mathml

LONGEST = 1_000
LINES = 40
# Of all formulas of a text, in characters: what is above it is shown as source.
MOST_IN_TEXT = 3_000

# Money stays text, after pandoc's rule: no blank inside the signs, no digit after them; nor is
# one opened by a sign that ends a word or a sum (`5$, 10$`).
_DOLLARS = re.compile(r"\$(?!\s)((?:\\.|[^\\$])++)(?<!\s)\$(?!\d)", re.S)
_CLOSING = {"$$": "$$", "\\(": "\\)", "\\[": "\\]"}
_OPENS_BLOCK = re.compile(r"(\$\$|\\\[)(.*)", re.S)


def formula(state: StateInline, silent: bool) -> bool:
    sign = state.src[state.pos]
    if sign not in "$\\":
        return False
    opening = state.src[state.pos : state.pos + 2]
    if opening in _CLOSING:
        found = _closed(state, opening)
    elif sign == "$" and not _ends_word(state):
        found = _between_dollars(state)
    else:
        return False
    if found is None:
        return False
    source, end = found
    if not silent:
        token = state.push("formula", "math", 0)
        token.content, token.markup = source, opening if opening in _CLOSING else "$"
    state.pos = end
    return True


def _closed(state: StateInline, opening: str) -> tuple[str, int] | None:
    begin = state.pos + 2
    end = state.src.find(_CLOSING[opening], begin, min(state.posMax, begin + LONGEST + 2))
    source = state.src[begin:end] if end > 0 else ""
    return (source, end + 2) if source.strip() else None


def _between_dollars(state: StateInline) -> tuple[str, int] | None:
    end = min(state.posMax, state.pos + LONGEST + 2)
    found = _DOLLARS.match(state.src, state.pos, end)
    # The end of the window is not the end of the text.
    if found is None or (found.end() < state.posMax and state.src[found.end()].isdigit()):
        return None
    return found[1], found.end()


def _ends_word(state: StateInline) -> bool:
    before = state.src[state.pos - 1] if state.pos else " "
    return before.isascii() and before.isalnum()


def formula_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A displayed formula on lines of its own: its lines are no lists or headings."""
    if state.is_code_block(start):
        return False
    begin = state.bMarks[start] + state.tShift[start]
    opened = _OPENS_BLOCK.match(state.src[begin : state.eMarks[start]])
    if opened is None:
        return False
    found = _lines_to(state, start, min(end, start + LINES), _CLOSING[opened[1]], opened[2])
    if found is None:
        return False
    if not silent:
        token = state.push("formula", "math", 0)
        token.content, token.markup, token.block = found[0], opened[1], True
        token.map = [start, found[1]]
        state.line = found[1]
    return True


def _lines_to(
    state: StateBlock, start: int, end: int, closing: str, first: str
) -> tuple[str, int] | None:
    """The lines up to one that ends with `closing`, and the line after it."""
    lines: list[str] = []
    for line in range(start, end):
        if state.isEmpty(line) or state.sCount[line] < state.blkIndent:
            return None
        text = first if line == start else state.getLines(line, line + 1, state.blkIndent, False)
        before, closed, after = text.partition(closing)
        lines.append(before)
        if closed:
            source = "\n".join(lines)
            fits = not after.strip() and source.strip() and len(source) <= LONGEST
            return (source, line + 1) if fits else None
    return None


def formula_html(
    _: RendererProtocol, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    """Set while there is room in the text's allowance; its source where it cannot be set."""
    token = tokens[at]
    display = token.markup in ("$$", "\\[")
    spent = env.get("formulas", 0) + len(token.content)
    env["formulas"] = spent
    shown = _set(token.content, display, env) if spent <= MOST_IN_TEXT else None
    if shown is None:
        shown = f"<code>{html.escape(token.content.strip(), quote=False)}</code>"
    return f"<p>{shown}</p>\n" if token.block else shown


def _set(source: str, display: bool, env: EnvType) -> str | None:
    try:
        shown = mathml(source, display=display)
    except CannotBeSet:
        return None
    room = env.get("room", 0) - len(shown.encode())
    if room < 0:
        return None
    env["room"] = room
    return shown
