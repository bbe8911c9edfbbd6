"""Whom a text names: found by the grammar of texts, shown as it was when it was said."""

import re

import pytest

from elearn.rendering.named import Named, mentions_in, names_wanted
from elearn.rendering.texts import render_message

ANA = {"id": "a1", "name": "Ana"}
SILVA = {"id": "a2", "name": "Ana Silva"}
BO = {"id": "b1", "name": "Bo"}
EVERYBODY = [ANA, SILVA, BO]


def told(text: str, *chosen: str, people: list[dict[str, str]] | None = None) -> list[str]:
    named = mentions_in(text, EVERYBODY if people is None else people, chosen)
    marked = re.findall(r'data-user="(\w+)">@', render_message(text, named.people))
    assert set(marked) == {one["id"] for one in named.people}, "who is told is marked, nobody else"
    return [one["id"] for one in named.people]


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("@Ana Silva could you look?", ["a2"]),
        ("@Ana Silva's essay", ["a2"]),
        ("@Ana's book", ["a1"]),
        ("**@Ana**", ["a1"]),
        ("*@Ana* and _@Bo_ and ~~@Ana Silva~~", ["a1", "b1", "a2"]),
        ("“@Ana”, ‘@Bo’, «@Ana Silva»", ["a1", "b1", "a2"]),
        ("@Ana–@Bo", ["a1", "b1"]),
        ("@Ana/@Bo", ["a1", "b1"]),
        ("(@Ana), @Bo: yes", ["a1", "b1"]),
        ("@ana and @BO", ["a1", "b1"]),
        ("@ANA  SILVA, hi", ["a2"]),
        ("# @Ana\n\n- @Bo", ["a1", "b1"]),
        ("| who |\n|-|\n| @Ana |", ["a1"]),
        ("thanks @Ana请看", ["a1"]),
        ("@Ana @Ana @Ana", ["a1"]),
        ("@Ana", ["a1"]),
        ("@Ana\nSilva is here too", ["a1"]),
    ],
)
def test_whom_a_sign_names_is_told(text: str, whom: list[str]) -> None:
    assert told(text) == whom


@pytest.mark.parametrize(
    "text",
    [
        "`@Ana`",
        "``` \n@Ana\n```",
        "    @Ana",
        "> @Ana said so",
        "> - **@Ana** said so",
        "[@Ana](https://example.org)",
        "[see @Ana here](https://example.org)",
        "https://example.org/@Ana",
        "<https://example.org/@Ana>",
        "www.example.org/@Ana",
        "guru@ana today",
        "mail guru@Ana.org",
        "guru_@Ana",
        "$@Ana$",
        "\\@Ana",
        "@ Ana",
        "@Anastasia and @Ana_B and @Ana2",
        "Ana",
    ],
)
def test_nobody_is_told_by_code_quotes_links_addresses_and_longer_words(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    "name",
    [
        *("<b>", "a*b*c", "_x_", "`code`", "[x](y)", "O'Brien-Łuk", "{{7*7}}", "$x$", "Ana (TA)"),
        *("Sam Jr.", "C++", "李娜", "علي حسن", "🧪 Chem", "Jose\u0301", "a@b", "Al & Bo", "İpek"),
    ],
)
def test_a_name_may_be_made_of_anything(name: str) -> None:
    person = {"id": "x1", "name": name}
    for text in (f"@{name}", f"hello @{name}, are you there?", f"(@{name})", f"1. @{name} x"):
        assert told(text, people=[person]) == ["x1"], text
        assert told(text, "x1", people=[person]) == ["x1"], text


def test_who_was_chosen_wins_over_what_the_name_would_say() -> None:
    assert told("@Ana Silva's novel is on the list", "a1") == ["a1"]
    assert told("@Ana and @Ana Silva", "a1") == ["a1", "a2"]
    assert told("@Ana and @Ana Silva", "a2", "a1") == ["a1", "a2"]
    namesake = {"id": "a9", "name": "ana"}
    assert told("@Ana", "a9", people=[ANA, namesake]) == ["a9"]
    assert told("@Ana", people=[ANA, namesake]) == [], "nobody knows which of them is meant"
    assert told("@Ana, meet @Ana", "a9", "a1", people=[ANA, namesake]) == ["a9", "a1"]


def test_who_was_chosen_and_is_not_named_or_may_not_be_is_dropped() -> None:
    assert told("hello", "a1") == []
    assert told("`@Ana`", "a1") == []
    assert told("@Bo", "a1") == ["b1"]
    assert told("@Ana", "a1", people=[BO]) == []


def test_groups_are_named_as_they_are_spelt() -> None:
    assert mentions_in("@room, and @teachers!", EVERYBODY) == Named([], ["room", "teachers"])
    assert mentions_in("@Room @roommate @teachers2 `@room`", EVERYBODY).groups == []
    teachers = {"id": "t1", "name": "Teachers"}
    assert mentions_in("@teachers", [teachers]) == Named([], ["teachers"])
    assert mentions_in("@teachers", [teachers], ["t1"]).people == [teachers]


def test_twenty_people_are_told_at_most() -> None:
    people = [{"id": f"p{number}", "name": f"Student {number}"} for number in range(30)]
    text = " ".join(f"@{one['name']}" for one in people)
    assert mentions_in(text, people).people == people[:20]


def test_names_to_look_up_are_those_behind_a_sign_the_shortest_first() -> None:
    assert names_wanted("Hi @Ana Silva, `@Code` and @Bo") == [
        *("ana", "bo", "ana silva", "ana silva,", "ana silva, `", "ana silva, `@"),
        *("ana silva, `@code", "ana silva, `@code`", "ana silva, `@code` and"),
        *("ana silva, `@code` and @", "ana silva, `@code` and @bo"),
    ]
    assert names_wanted("guru@ana.org and `@Ana`") == []
    assert len(names_wanted("@a b c d e f g h " * 200)) <= 60


def test_a_mention_is_shown_with_the_name_of_then() -> None:
    html = render_message("thanks @ana!", [ANA])
    assert html == '<p>thanks <span class="mention" data-user="a1">@Ana</span>!</p>'
    assert "mention" not in render_message("thanks @Ana-Maria2", [{"id": "a1", "name": "Maria"}])
