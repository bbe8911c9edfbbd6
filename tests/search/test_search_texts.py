"""Which searched texts are kept at all, and from when on."""

from collections import Counter

import pytest

from elearn.search import texts as rules
from elearn.search.texts import PEOPLE, SharedTexts, plain_text

PLACE, OTHER = ("", "nothing"), ("course", "opened")


def asked_by(texts: SharedTexts, people: int, text: str = "botany") -> Counter:
    found = Counter()
    for number in range(people):
        found += texts.note(text, f"person {number}", PLACE)
    return found


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Élan   VITAL ", "elan vital"),
        ("cs-101", "cs 101"),
        ("history since 1945", "history since 1945"),
        ("ada@example.org", None),
        ("0171 234 56 78", None),
        ("student 4711007", None),
        ("x", None),
        ("?!", None),
        ("word " * 20, None),
    ],
)
def test_a_text_is_kept_as_its_words_and_not_when_it_could_reach_a_person(typed, kept):
    assert plain_text(typed) == kept


def test_a_text_counts_from_when_several_people_searched_for_it_the_first_ones_included():
    texts = SharedTexts()
    assert asked_by(texts, PEOPLE - 1) == Counter()
    assert "botany" not in texts
    assert texts.note("botany", "one more", PLACE) == Counter({PLACE: PEOPLE})
    assert "botany" in texts
    assert texts.note("botany", "person 0", OTHER) == Counter({OTHER: 1})


def test_one_person_alone_makes_no_text_common_however_often():
    texts = SharedTexts()
    for _ in range(20):
        assert texts.note("my secret", "person", PLACE) == Counter()


def test_visitors_count_and_are_nobody():
    texts = SharedTexts()
    for _ in range(20):
        assert texts.note("botany", None, PLACE) == Counter()
    assert asked_by(texts, PEOPLE)[PLACE] == 20 + PEOPLE


def test_a_search_that_needs_no_count_still_makes_a_text_common():
    texts = SharedTexts()
    for number in range(PEOPLE):
        assert texts.note("botany", f"person {number}") == Counter()
    assert "botany" in texts


def test_what_was_common_before_a_start_is_common_after_it():
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
