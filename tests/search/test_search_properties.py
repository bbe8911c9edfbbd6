"""What holds for any title, whatever scripts are mixed in it: it is found by each of its parts, and
marks enclose parts of it."""

import asyncio
import re
import tempfile
from collections.abc import Sequence
from html import unescape
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from elearn.search.backend import CourseDocument, Filters
from elearn.search.embedded import EmbeddedSearch
from elearn.search.marking import mark
from elearn.search.queries import read_query
from elearn.search.words import fold, is_letter, terms, words

# The same examples in each run, and none kept on the disk.
FEW = settings(derandomize=True, deadline=None, max_examples=25, database=None)
MANY = settings(FEW, max_examples=200)

ALPHABETS = (
    "abcdeimnorstzAEIéßøñŁæ1234",
    "αβγδέήσςабвгдёй",
    ("ا", "ل", "ع", "رَ", "بِ", "يّ", "ة", "ש", "לו", "ם"),
    ("हि", "न्", "दी", "भा", "षा", "कं", "த", "மி", "ழ்"),
)
UNSPACED = (
    "数据库系统概论语言程序设计第章茶",
    ("プ", "ロ", "グ", "ラ", "か", "が", "ｶﾞ", "ー", "文", "法", "は\u3099"),
    ("ภ", "า", "ษ", "ไ", "ท", "ย", "ที่", "ดี", "น้ำ", "ນ້ຳ"),
    ("한", "국", "어", "회", "화", "데", "이", "터", "\u1112\u1161\u11ab"),
    ("ភា", "សា", "ខ្", "မြ", "န်", "မာ"),
)
BETWEEN = (" ", "  ", ": ", " - ", "/", "・", ", ")


class Part:
    """A word of a title or a run without blanks, and what may be typed to find it."""

    def __init__(self, letters: Sequence[str], *, spaced: bool) -> None:
        self.text = "".join(letters)
        pairs = ["".join(pair) for pair in pairwise(letters)]
        self.typed = [self.text] if spaced else [self.text, *pairs, *letters]

    def __repr__(self) -> str:
        return self.text


def parts(alphabets: Sequence[Sequence[str]], *, spaced: bool) -> st.SearchStrategy[Part]:
    return st.one_of(
        st.lists(st.sampled_from(alphabet), min_size=1, max_size=9).map(
            lambda letters: Part(letters, spaced=spaced)
        )
        for alphabet in alphabets
    )


PARTS = parts(ALPHABETS, spaced=True) | parts(UNSPACED, spaced=False)
TITLES = st.lists(st.tuples(PARTS, st.sampled_from(BETWEEN)), min_size=1, max_size=4)


def written(title: Sequence[tuple[Part, str]]) -> str:
    return "".join(f"{part.text}{between}" for part, between in title).strip()


async def not_found(title: str, typed: Sequence[str]) -> list[str]:
    """What of `typed` does not find the title as typed, among others."""
    courses = [
        CourseDocument(id=f"{number:024x}", version=1, title=text)
        for number, text in enumerate((title, "Unrelated", "无关", "ไม่เกี่ยว"), 1)
    ]
    with tempfile.TemporaryDirectory() as folder:
        search = EmbeddedSearch(Path(folder))
        await search.open()

        async def batches():
            yield courses

        await search.rebuild(batches(), epoch="e", seq=0)
        found = {one: await search.suggest(one, Filters(), 10) for one in typed}
        await search.close()
    return [
        one
        for one, hits in found.items()
        if hits.nearest or hits.suggestion or title not in [hit.title for hit in hits.hits]
    ]


@given(TITLES)
@FEW
def test_any_title_is_found_by_each_of_its_words_and_by_any_two_neighbours_of_a_run(title) -> None:
    typed = [one for part, _ in title for one in part.typed]
    assert asyncio.run(not_found(written(title), typed)) == []


@given(st.text(max_size=40))
@FEW
def test_any_text_that_holds_a_word_is_found_as_a_title_by_itself(title) -> None:
    typed = [title] if words(title) else []
    assert asyncio.run(not_found(title, typed)) == []


def without_marks(html: str) -> str:
    assert re.fullmatch(r"(?:[^<>]*<mark>[^<>]+</mark>)*[^<>]*", html), "marks side by side"
    return unescape(re.sub("</?mark>", "", html))


@given(TITLES, st.data())
@MANY
def test_marks_enclose_what_was_typed_and_nothing_but_the_title(title, data) -> None:
    text = written(title)
    part = data.draw(st.sampled_from(title))[0]
    typed = data.draw(st.sampled_from(part.typed))
    html = mark(text, read_query(typed))
    assert without_marks(html) == text
    marked = "".join(unescape(found) for found in re.findall("<mark>(.*?)</mark>", html))
    assert fold(typed) in fold(marked)


@given(st.text(max_size=60), st.text(max_size=20))
@MANY
def test_marks_change_no_text_whatever_it_is(title, typed) -> None:
    assert without_marks(mark(title, read_query(typed + title[3:9]))) == title


@given(st.text(max_size=60))
@MANY
def test_whatever_is_typed_of_a_text_is_a_term_of_it(text) -> None:
    held = terms(text)
    for word in words(text):
        assert word in held or (is_letter(word) and any(one.startswith(word) for one in held))
    assert fold(fold(text)) == fold(text)
