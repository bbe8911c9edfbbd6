"""What a text may cost: its HTML and the work for it are bounded by its length."""

import sys
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from elearn.rendering.budget import CHAT_CHARACTERS, FORMULA_BYTES
from elearn.rendering.cleaning import ATTRIBUTES, TAGS
from elearn.rendering.cuts import cut, shortened
from elearn.rendering.excerpts import excerpt
from elearn.rendering.texts import Kept, render_message

EMPTY_TAGS = {"br", "hr"}
PEOPLE = [
    {"id": "a1", "name": "Ana"},
    {"id": "a2", "name": "Ana <b>Silva</b>"},
    {"id": 'x" onclick="y', "name": "[a](b) $x$ `c`"},
]


def table(columns: int, rows: int, end: str = "\n") -> str:
    return "a|" * columns + end + "-|" * columns + end + f"x{end}" * rows


# Pieces that mean something to the grammar, and what people write between them.
PIECES = st.sampled_from(
    [
        *("*", "**", "_", "~~", "`", "```", "```py\n", "$", "$$", "\\(", "\\)", "\\[", "\\]"),
        *("[", "](", ")", "!", "<", ">", "> ", "- ", "1. ", "999. ", "# ", "---", "|", "|-|-|\n"),
        *("\n", "\n\n", "\r", "    ", "\t", "\\", "&amp;", "&", '"', "'", "@", "@Ana", "@room"),
        *("@Ana <b>Silva</b>", "@[a](b) $x$ `c`", "https://", "www.", "a@b.org", "javascript:"),
        *("\\frac{a}{b}", "^", "_", "{", "}", "\\text{<i>", "\\begin{matrix}", "\\end{matrix}"),
        *("\\left(", "\\right)", "\\sqrt", "if ", "def f", "# c", "/*", "*/", "1*2", "a", "word "),
        *("é", "李", "👨‍👩‍👧", "\u0301", "\u200d", "<script>", "</span>", "</math>", "<!--", "]]>"),
    ]
)
TEXTS = st.one_of(
    st.lists(PIECES, max_size=60).map("".join),
    st.tuples(st.lists(PIECES, min_size=1, max_size=4).map("".join), st.integers(1, 4_000)).map(
        lambda repeated: (repeated[0] * repeated[1])[:CHAT_CHARACTERS]
    ),
    st.text(max_size=200),
)
TABLES = st.builds(table, st.integers(1, 400), st.integers(1, 400), st.sampled_from(["\n", "\r"]))
OFTEN = settings(max_examples=150, deadline=None, derandomize=True, database=None)


class Strict(HTMLParser):
    """Fails for what is not on the list, and for what is not closed in its order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        allowed = ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set())
        assert {name for name, _ in attrs} <= allowed, attrs
        if tag == "a":
            href = dict(attrs).get("href") or "https://"
            assert href.lower().startswith(("http://", "https://", "mailto:")), href
        if tag not in EMPTY_TAGS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def assert_stays_inside(html: str) -> None:
    parser = Strict()
    parser.feed(html)
    parser.close()
    assert parser.open == []


def calls(work: Callable[[], Any]) -> int:
    """How many functions are called: the same in every run, on every machine."""
    count = 0

    def note(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    outer = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(outer)
    return count


ORDINARY = "- a *word* and `code`, https://example.org/x, as $x^2$ said\n" * 80
MOST_CALLS = 8 * calls(lambda: render_message(ORDINARY[:CHAT_CHARACTERS], []))


@OFTEN
@given(TEXTS)
@example(table(331, 196) + "\n" + table(331, 196))
@example(table(200, 396))
@example(table(100, 300, "\r"))
@example((table(20, 15) + "\n") * 9)
def test_no_text_is_longer_or_more_work_than_its_length_allows(text: str) -> None:
    pages: list[str] = []
    count = calls(lambda: pages.append(render_message(text, PEOPLE)))
    assert len(pages[0].encode()) <= 8 * len(text) + 1_024 + FORMULA_BYTES
    assert count <= MOST_CALLS


@OFTEN
@given(TABLES)
def test_a_table_is_a_table_or_its_text(text: str) -> None:
    html = render_message(text, [])
    assert html.count("<td") + html.count("<th>") <= 400
    assert len(html) <= 8 * len(text) + 1_024
    assert_stays_inside(html)


@OFTEN
@given(TEXTS)
@example("@[a](b) $x$ `c`" * 3)
@example("$\\text{</math><script>}$ [@Ana](https://a.b)")
def test_nothing_that_is_written_reaches_outside_its_own_text(text: str) -> None:
    assert_stays_inside(render_message(text, PEOPLE))
    assert "\n" not in excerpt(text)


@pytest.mark.parametrize(("columns", "rows"), [(1, 30), (4, 5), (12, 30)])
def test_an_ordinary_table_is_shown(columns: int, rows: int) -> None:
    row = "| some text " * columns + "|\n"
    html = render_message(row + "|-" * columns + "|\n" + row * rows, [])
    assert html.count("<td>some text</td>") == columns * rows


def test_a_table_above_a_few_hundred_cells_is_plain_and_the_rest_is_not() -> None:
    html = render_message(f"**before**\n\n{table(30, 30)}\n**after**", [])
    assert "<table" not in html
    assert "<strong>before</strong>" in html
    assert "<strong>after</strong>" in html


def test_what_is_kept_is_bounded_by_bytes_and_the_oldest_go() -> None:
    kept = Kept(10_000)
    for number in range(100):
        kept.keep((f"{number}", ()), "x" * number * 10)
        assert kept.bytes <= 10_000
    assert kept.get(("0", ())) is None
    assert kept.get(("99", ())) == "x" * 990


@OFTEN
@given(st.text(max_size=60), st.integers(1, 20))
def test_a_cut_text_is_the_beginning_of_the_whole_one(text: str, characters: int) -> None:
    assert text.startswith(cut(text, characters))
    assert cut(text, characters) or not text
    assert cut(cut(text, characters), characters) == cut(text, characters)


def test_text_is_cut_between_characters_as_people_count_them() -> None:
    family = "👨‍👩‍👧‍👦"
    assert cut("🧪 Chem", 1) == "🧪"
    assert cut(f"a{family}b", 2) == f"a{family}"
    assert cut("e\u0301t\u0301", 1) == "e\u0301"
    assert cut("क्षि", 1) == "क्षि"
    assert cut("abc", 3) == "abc"
    assert cut("a" + "\u0301" * 1_000, 1) == "a" + "\u0301" * 15
    assert shortened(f"ab{family}cd", 4) == f"ab{family}…"
    assert excerpt("x" * 200, 10) == "x" * 9 + "…"
