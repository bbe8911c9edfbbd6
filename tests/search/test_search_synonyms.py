"""Synonyms: what the file may say, and what its lines do to a search, on every engine."""

import os

import pytest

from elearn.errors import ConfigError
from elearn.search.backend import CourseDocument, Filters, SearchRequest
from elearn.search.marking import mark
from elearn.search.synonyms import MAX_MEANINGS, Synonyms, read_rules, with_meanings

FILE = """
# acronyms
ml, machine learning, statistical learning
cs => computer science   # one way
#commented, out
c#, c sharp #
intro => introduction to, beginning
机器学习, statistical learning
"""


def meanings(text, typed):
    rules = read_rules(text.encode())
    return [meaning.key for meaning in with_meanings(Synonyms().read(typed), rules).meanings]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ml", ["machine learning", "statistical learning"]),
        ("ML", ["machine learning", "statistical learning"]),
        ("machine learning", ["ml", "statistical learning"]),
        ("intro ml", ["introduction to machine learning", "beginning ml"]),
        ("cs", ["computer science"]),
        ("computer science", []),
        ("c#", ["c sharp"]),
        ("machine", []),
        ("commented", []),
        ("mlx", []),
        ("机器学习", ["statistical learning"]),
        ("机器 学习", []),
        ("应用机器学习导论", ["应用 statistical learning 导论"]),
        ("statistical learning", ["机器学习", "ml"]),
    ],
)
def test_words_stand_for_others_where_the_file_says_so(typed, meant):
    assert set(meant) <= set(meanings(FILE, typed))
    assert bool(meant) == bool(meanings(FILE, typed))


def test_a_file_of_many_synonyms_makes_few_meanings():
    text = "\n".join(", ".join(f"{letter}{n}" for n in range(20)) for letter in "abcdefgh")
    typed = " ".join(f"{letter}{n}" for letter in "abcdefgh" for n in range(3))
    found = meanings(text, typed)
    assert len(found) == MAX_MEANINGS == len(set(found))


def test_bad_lines_are_named_and_the_others_are_used():
    rules = read_rules(
        b"\xef\xbb\xbfml, machine learning\nalone\na => b => c\nx,,y\n***, z\n\xff, q\n"
    )
    assert rules.lines == 1
    assert rules.others[("ml",)] == (("machine", "learning"),)
    assert [error.partition(":")[0] for error in rules.errors] == [
        f"line {number}" for number in range(2, 7)
    ]
    assert read_rules(("a " * 25 + ", b").encode()).errors


def test_a_wrong_path_is_a_wrong_setting(tmp_path):
    with pytest.raises(ConfigError, match="ELEARN_SEARCH_SYNONYMS"):
        Synonyms(tmp_path / "nowhere.txt")
    with pytest.raises(ConfigError, match="ELEARN_SEARCH_SYNONYMS"):
        Synonyms(tmp_path)


def test_the_file_is_read_again_when_it_changed_and_kept_when_it_goes(tmp_path, caplog):
    path = tmp_path / "synonyms.txt"
    path.write_text("ml, machine learning\n")
    synonyms = Synonyms(path)
    assert [meaning.key for meaning in synonyms.read("ml").meanings] == ["machine learning"]
    path.write_text("ml, markup languages\nwrong\n")
    os.utime(path, ns=(1, 1))
    assert [meaning.key for meaning in synonyms.read("ml").meanings] == ["machine learning"]
    synonyms.look()
    assert [meaning.key for meaning in synonyms.read("ml").meanings] == ["markup languages"]
    assert "line 2" in caplog.text
    path.unlink()
    synonyms.look()
    assert [meaning.key for meaning in synonyms.read("ml").meanings] == ["markup languages"]
    path.write_text("ml, millilitres\n")
    synonyms.look()
    assert [meaning.key for meaning in synonyms.read("ml").meanings] == ["millilitres"]


@pytest.mark.parametrize(
    ("title", "typed", "marked"),
    [
        ("Machine Learning", "ml", "<mark>Machine</mark> <mark>Learning</mark>"),
        (
            "ML & Machine Learning",
            "machine learning",
            "<mark>ML</mark> &amp; <mark>Machine</mark> <mark>Learning</mark>",
        ),
        ("Machines", "ml", "Machines"),
    ],
)
def test_marks_show_the_words_of_a_synonym(title, typed, marked):
    assert mark(title, with_meanings(Synonyms().read(typed), read_rules(FILE.encode()))) == marked


def course(number: int, title: str, **fields: object) -> CourseDocument:
    return CourseDocument(id=f"{number:024x}", version=1, title=title, **fields)  # type: ignore[arg-type]


async def test_both_engines_find_what_a_synonym_says_below_what_was_typed(search_with, tmp_path):
    path = tmp_path / "synonyms.txt"
    path.write_text(FILE)
    courses = [
        course(1, "Statistical Learning", enrolled=900),
        course(2, "Thinking Machines", description="Machine learning for everyone.", enrolled=900),
        course(3, "ML for Poets"),
        course(4, "Computing", description="With some ML."),
        course(5, "History"),
    ]
    synonyms = Synonyms(path)
    async with search_with(courses, synonyms) as search:
        found = await search.suggest("ml", Filters(), 10)
        assert [hit.title for hit in found.hits] == [
            "ML for Poets",
            "Computing",
            "Statistical Learning",
            "Thinking Machines",
        ]
        assert found.total == 4
        assert found.hits[2].title_html == "<mark>Statistical</mark> <mark>Learning</mark>"
        assert found.suggestion is None
        page = await search.search(SearchRequest(q="ml", sort="popular", facets=True))
        assert page.total == 4
        path.write_text("cs => computer science\n")
        synonyms.look()
        again = await search.suggest("ml", Filters(), 10)
        assert [hit.title for hit in again.hits] == ["ML for Poets", "Computing"]
