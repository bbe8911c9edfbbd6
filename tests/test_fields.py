"""The rules of what people type, one a kind of text."""

import unicodedata
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from elearn.actions import fields
from elearn.errors import InvalidField
from elearn.rendering.visible import name_key

BREAKS = ["a\nb", "a\rb", "a\x00b", "a\x1b[31mb", "a\u2028b", "a\u202eb", "a\x7fb", "a\x85b"]


@pytest.mark.parametrize("text", [*BREAKS, "", "   ", "x" * 81])
def test_a_name_is_one_short_visible_line(text: str) -> None:
    with pytest.raises(InvalidField) as refused:
        fields.name(text)
    assert refused.value.field == "name"


def test_a_name_is_trimmed_composed_and_may_be_of_any_script() -> None:
    assert fields.name("  Ana   Li ") == "Ana Li"
    assert fields.name("Jose\u0301") == "José"
    for name in ("x" * 80, "李娜", "O'Brien-Łuk", "علي", "{{7*7}}", "<b>"):
        assert fields.name(name) == name


NOTHING = [
    "\u200b",
    "\u2800",
    "\u3164",
    "\u115f\u1160",
    "\uffa0",
    "\ufeff \u2060",
    "\u00ad",
    "\u200d",
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_shows_nothing_is_empty(text: str) -> None:
    for check in (fields.name, fields.title, fields.body, fields.chat_body):
        with pytest.raises(InvalidField, match="empty"):
            check(text)


@pytest.mark.parametrize("unseen", NOTHING)
def test_two_names_that_look_the_same_are_the_same(unseen: str) -> None:
    assert fields.name(f"A{unseen}na").replace(" ", "") == "Ana"
    assert fields.title(f"Ana{unseen}") == "Ana"


@pytest.mark.parametrize(
    "text", ["👨‍👩‍👧", "❤️‍🔥", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "می‌خواهم", "क्‍ष", "葛󠄀城", "ශ්‍රී", "⠓⠑⠇⠇⠕"]
)
def test_what_emoji_and_scripts_are_made_of_stays(text: str) -> None:
    assert fields.name(text) == text
    assert fields.body(text) == text


def test_a_body_keeps_the_marks_that_order_two_directions() -> None:
    assert fields.body("C\u200e++ \u200fשלום\u200b") == "C\u200e++ \u200fשלום"


@pytest.mark.parametrize(
    "other", ["ANA", "A\u200bna", "A\u200dna", "Ａna", "An\u00ada", "\ufeffAna\u2060"]
)
def test_names_that_look_alike_by_what_nobody_sees_have_one_key(other: str) -> None:
    assert name_key(other) == name_key("Ana")
    assert name_key("می\u200cخواهم") == name_key("میخواهم")


SLOW = "a" + "\u0301" * 30_000 + "\u0316" * 30_000


@pytest.mark.parametrize(
    "check",
    [
        fields.name,
        fields.title,
        fields.email,
        fields.link,
        lambda text: fields.one_line(text, "summary", most=fields.LINE_CHARACTERS, least=0),
    ],
)
def test_a_line_is_measured_before_it_is_put_in_order(
    check: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    longest: list[int] = []

    def normalize(form: str, text: str) -> str:
        longest.append(len(text))
        return unicodedata.normalize(form, text)

    monkeypatch.setattr(fields, "unicodedata", SimpleNamespace(normalize=normalize))
    with pytest.raises(InvalidField):
        check(SLOW)
    assert check("https://a.example" if check is fields.link else "a@b.example")
    assert max(longest) <= 2_000


def test_a_body_keeps_its_lines_and_the_indentation_of_the_first() -> None:
    assert fields.body("\n one\r\n\r\n  two \n") == " one\n\n  two"
    assert (
        fields.body(" \n\t\n    for x in y:\n        pass\n\n") == "    for x in y:\n        pass"
    )
    assert fields.body("a\rb\r\nc\nd") == "a\nb\nc\nd"
    assert fields.body("x" * 20_000)
    assert fields.body("  ", least=0) == ""
    for text in ("", " \n ", "x" * 20_001, "a\x00b", "a\u202eb", "a\x1bb"):
        with pytest.raises(InvalidField):
            fields.body(text)


@pytest.mark.parametrize(("length", "fits"), [(3_999, True), (4_000, True), (4_001, False)])
def test_a_chat_message_has_four_thousand_characters_at_most(length: int, fits: bool) -> None:
    if fits:
        assert len(fields.chat_body("x" * length)) == length
    else:
        with pytest.raises(InvalidField, match="4000"):
            fields.chat_body("x" * length)


@pytest.mark.parametrize("text", ["ana@example.org", "a+b.c@sub.example.org", "o'x@example.org"])
def test_an_address_is_taken_as_it_is(text: str) -> None:
    assert fields.email(f" {text} ") == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ana",
        "@example.org",
        "ana@",
        "a@b@c.org",
        "a b@c.org",
        "a@b..org",
        "<a@b.org>",
        "a@b.org,c@d.org",
        "a@b.org\nBcc: c@d.org",
        "x" * 65 + "@example.org",
        "a@.org",
        "a@b\u00fccher..org",
        "a@-\u00fc.example",
        "a@" + "\u00fc" * 64 + ".example",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidField) as refused:
        fields.email(text)
    assert refused.value.field == "email"


@pytest.mark.parametrize("text", ["http://example.org", "HTTPS://example.org/a?b=c#d"])
def test_a_link_is_a_web_address(text: str) -> None:
    assert fields.link(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "//example.org",
        "example.org",
        "http:///x",
        "http://",
        "ftp://a.b",
        "data:text/html,x",
        "java\nscript:x",
        "http://a.b/ c",
        " javascript:x",
    ],
)
def test_other_links_are_refused(text: str) -> None:
    with pytest.raises(InvalidField) as refused:
        fields.link(text)
    assert refused.value.field == "link"


@pytest.mark.parametrize("text", [None, "", "  "])
def test_no_link_is_none(text: str | None) -> None:
    assert fields.link(text) is None
