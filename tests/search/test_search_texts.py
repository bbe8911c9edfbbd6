"""Which searched texts are kept at all, and from when on."""

from collections import Counter

import pytest

from elearn.search import texts as rules
from elearn.search.texts import PEOPLE, SharedTexts, text_of_course, text_of_titles
from tests.catalogue import a_course

PLACE, OTHER = ("", "nothing"), ("course", "opened")


def asked_by(texts: SharedTexts, people: int, text: str = "botany") -> Counter:
    found = Counter()
    for number in range(people):
        found += texts.note(text, f"person {number}", PLACE)
    return found


TITLES = frozenset(
    [
        "数据",
        "据库",
        "elan",
        "vital",
        "organic",
        "chemistry",
        "cs",
        "101",
        "history",
        "since",
        "1945",
        "x",
    ]
)
COURSE = a_course("c", "Organic Chemistry", subject="Natural Sciences", code="CHEM-101")


def titled(held):
    return TITLES.issuperset(held)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Élan   VITAL ", "elan vital"),
        ("cs-101", "cs 101"),
        ("history since 1945", "history since 1945"),
        ("数据库", "数据库"),
        ("王小明", None),
        ("marta olsen", None),
        ("chemistry of marta olsen", None),
        ("ada@example.org", None),
        ("0171 234 56 78", None),
        ("x", None),
        ("?!", None),
        ("chemistry " * 20, None),
    ],
)
def test_a_text_is_kept_as_its_words_and_only_when_titles_have_them_all(typed, kept):
    assert text_of_titles(typed, titled) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Chemistry organic", "chemistry organic"),
        ("chemi", "chemistry"),
        ("chemestry", "chemistry"),
        ("oc", "oc"),
        ("chem 101", "chem 101"),
        ("chem101", "chem 101"),
        ("natural chem", "natural chem"),
        ("chem chemistry", "chem chemistry"),
        ("marta olsen", None),
        ("olsen chemistry", None),
        ("ada@example.org", None),
        ("", None),
    ],
)
def test_what_led_to_a_course_is_kept_in_the_words_of_the_course(typed, kept):
    assert text_of_course(typed, COURSE) == kept


def test_a_text_counts_from_when_several_people_searched_for_it_the_first_ones_included():
    texts = SharedTexts()
    assert asked_by(texts, PEOPLE - 1) == Counter()
    assert "botany" not in texts
    assert texts.note("botany", "one more", PLACE) == Counter({PLACE: PEOPLE})
    assert "botany" in texts
    assert texts.note("botany", "person 0", OTHER) == Counter({OTHER: 1})


def test_one_person_alone_makes_no_text_shared_however_often():
    texts = SharedTexts()
    for _ in range(20):
        assert texts.note("my secret", "person", PLACE) == Counter()


def test_visitors_count_and_are_nobody():
    texts = SharedTexts()
    for _ in range(20):
        assert texts.note("botany", None, PLACE) == Counter()
    assert asked_by(texts, PEOPLE)[PLACE] == 20 + PEOPLE


def test_a_search_that_needs_no_count_still_makes_a_text_shared():
    texts = SharedTexts()
    for number in range(PEOPLE):
        assert texts.note("botany", f"person {number}") == Counter()
    assert "botany" in texts


def test_what_was_shared_before_a_start_is_shared_after_it():
    texts = SharedTexts()
    texts.learn({"botany"})
    assert texts.note("botany", "person", PLACE) == Counter({PLACE: 1})


def test_who_searched_for_what_nobody_else_did_is_forgotten_in_time(monkeypatch):
    monkeypatch.setattr(rules, "WATCHED", 10)
    texts = SharedTexts()
    asked_by(texts, PEOPLE - 1, "botany")
    for number in range(10):
        texts.note(f"other {number}", "person", PLACE)
    assert texts.note("botany", "one more", PLACE) == Counter()
    assert len(texts._watched) == 10
