"""The grammar of what people write: Markdown without pictures and HTML, with formulas, mentions,
coloured code and addresses. Everything that reads a text reads it here."""

import re
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import table as markdown_table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from elearn.rendering import addresses, budget, formulas, mentions
from elearn.rendering.code import coloured
from elearn.rendering.plain import with_line_feeds

# Also not `//host`, nor a path of this site in somebody else's words.
ADDRESS = re.compile(r"https?://|mailto:", re.IGNORECASE)

_STARS = re.compile(r"\*+")
_ASCII_WORD = re.compile(r"[A-Za-z0-9]")


class Reading(NamedTuple):
    """A text's tokens, and what its grammar noted on the way."""

    tokens: list[Token]
    env: dict[str, Any]


def read(text: str, people: mentions.People | None = None) -> Reading | None:
    """None for a text that is shown as it stands: reading it could take too long."""
    text = with_line_feeds(text)
    if budget.looks_costly(text):
        return None
    env: dict[str, Any] = {"people": people}
    return Reading(_markdown.parse(text, env), env)


def html_of(reading: Reading, text: str) -> str:
    # Half as long again as the text: what the rest of it may need beside its formulas.
    reading.env["room"] = budget.most_bytes(text) - len(text.encode()) * 3 // 2
    html: str = _markdown.renderer.render(reading.tokens, _markdown.options, reading.env)
    return html


def _stars_between_factors(state: StateInline, silent: bool) -> bool:
    """`2*3*4=24` and `x**2` multiply: with a digit on one side, stars in a word are no emphasis."""
    run = _STARS.match(state.src, state.pos, state.posMax)
    if run is None or not 0 < state.pos < run.end() < state.posMax:
        return False
    before, after = state.src[state.pos - 1], state.src[run.end()]
    factor = (_ASCII_WORD.match(before) and _ASCII_WORD.match(after)) or before == ")"
    if not factor or not (before.isdigit() or after.isdigit()):
        return False
    if not silent:
        state.append_pending(run[0])
    state.pos = run.end()
    return True


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table of Markdown, while all of the text have no more cells than a page shows."""
    rule = start + 1
    line = "" if rule >= end else state.src[state.bMarks[rule] : state.eMarks[rule]]
    if silent or "|" not in line:
        return markdown_table(state, start, end, silent)
    below = rule + 1
    while below < end and not state.isEmpty(below):
        below += 1
    columns = sum(1 for cell in line.split("|") if cell.strip())
    cells = state.env.get("cells", 0) + columns * (below - rule)
    if cells > budget.CELLS:
        return False
    made = markdown_table(state, start, end, silent)
    if made:
        state.env["cells"] = cells
    return made


def _inline(state: StateCore) -> None:
    """Reads the lines of each block, and knows which stand in a quote."""
    quotes = 0
    for token in state.tokens:
        quotes += (token.type == "blockquote_open") - (token.type == "blockquote_close")
        if token.type == "inline" and token.children is not None:
            state.env["quoted"] = quotes > 0
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _parser() -> MarkdownIt:
    options = {
        **{"breaks": True, "html": False, "linkify": False},
        **{"maxNesting": budget.NESTING, "highlight": coloured},
    }
    parser = MarkdownIt("js-default", options)
    parser.disable(["image", "reference"])
    parser.validateLink = lambda url: ADDRESS.match(url) is not None  # type: ignore[method-assign]
    parser.core.ruler.at("inline", _inline)
    parser.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    parser.block.ruler.before(
        "fence", "formula", formulas.formula_block, {"alt": ["paragraph", "blockquote", "list"]}
    )
    inline = parser.inline.ruler
    inline.before("escape", "formula", formulas.formula)
    inline.before("formula", "address", addresses.address)
    inline.before("emphasis", "factors", _stars_between_factors)
    inline.before("link", "mention", mentions.mention)
    signs = parser.inline.terminator_re.pattern
    parser.inline.terminator_re = re.compile(f"{signs}|{addresses.BEGINNING}", re.IGNORECASE)
    parser.add_render_rule("formula", formulas.formula_html)
    parser.add_render_rule("mention", mentions.mention_html)
    return parser


_markdown = _parser()
