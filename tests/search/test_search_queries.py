"""Queries as pure text: what is a word, what is close, what is marked."""

import time
import unicodedata

import pytest

from elearn.search.marking import mark
from elearn.search.queries import (
    MAX_WORDS,
    Query,
    allowed_edits,
    closeness,
    did_you_mean,
    edits,
    read_query,
)
from elearn.search.words import fold, initials, is_letter, joined, terms, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Crème Brûlée", ("creme", "brulee")),
        ("cre\u0300me", ("creme",)),
        ("Women's and Women\u2019s", ("womens", "and", "womens")),
        ("C++, C# and F#", ("c++", "c#", "and", "f#")),
        ("CS-101/102_b", ("cs", "101", "102", "b")),
        ("20th-Century", ("20th", "century")),
        ("Ørsted Łódź Æsop", ("orsted", "lodz", "aesop")),
        ("ﬁne ２１ 𝕬rt", ("fine", "21", "art")),
        ("bio\0chem \u202eevil\u202c a\u200bb", ("biochem", "evil", "ab")),
        ("機械 学習", ("機械", "学習")),
        ("数据库系统", ("数据", "据库", "库系", "系统")),
        ("茶", ("茶",)),
        ("C语言101课", ("c", "语言", "101", "课")),
        ("ﾊﾟﾋﾟﾌﾟ ハピ", ("パピ", "ピプ", "ハピ")),
        ("น้ำใจ ทุน ทูน ทน", ("นำใ", "ใจ", "ทุน", "ทูน", "ทน")),
        ("ไท\u200bย", ("ไท", "ทย")),
        ("हिन्दी العَرَبِيَّة שָׁלוֹם", ("हिनदी", "العربية", "שלום")),
        ("葛\U000e0100飾 \u3164", ("葛飾",)),
        ("*** (( \\", ()),
    ],
)
def test_words_are_folded_and_plain(text, expected):
    assert words(text) == expected


def test_a_syllable_is_one_letter_however_it_is_made():
    for text in ("한국어", unicodedata.normalize("NFD", "한국어")):
        assert [unicodedata.normalize("NFC", word) for word in words(text)] == ["한국", "국어"]
    assert words("한국")[0].startswith(words("한구")[0])


@pytest.mark.parametrize(
    ("text", "bridges"),
    [
        ("数据库 系统", ["库系"]),
        ("ジョン・スミス", ["ンス"]),
        ("数据库\n系统", ["库系"]),
        ("数据库。系统", []),
        ("数据库 SQL 系统", []),
    ],
)
def test_what_is_indexed_holds_what_may_be_typed_of_it(text, bridges):
    more = [term for term in terms(text) if term not in words(text)]
    letters = [one for one in more if is_letter(one)]
    assert [one for one in more if one not in letters] == bridges
    assert len(letters) == 2 - len(bridges), "the last of each run for itself"


@pytest.mark.parametrize(
    "text", ["数据库 系统", "c 语言程序设计", "人人 人", "第 3 章", "linear algebra", "茶"]
)
def test_words_that_are_joined_read_as_before(text):
    assert joined(words(text)) == text


def test_folding_again_changes_nothing():
    for text in ("Straße", "ǅ", "İstanbul", "Ω", "naïve", "ŉ"):
        assert fold(fold(text)) == fold(text)


def test_a_query_is_clamped_in_time():
    begun = time.perf_counter()
    assert len(read_query("a " * 1_000_000).words) <= MAX_WORDS
    assert len(read_query("a\u0301" * 1_000_000).key) <= 256
    assert time.perf_counter() - begun < 0.1


def test_a_space_ends_the_last_word():
    assert read_query(" the art ").finished
    assert not read_query("the art").finished


@pytest.mark.parametrize(
    ("typed", "word", "distance"),
    [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("abc", "xabc", 1), ("ab", "cd", 2)],
)
def test_a_swap_counts_as_one_edit(typed, word, distance):
    assert edits(typed, word)[0] == distance


def test_edits_know_the_nearest_beginning():
    assert edits("bichem", "biochemistry")[1] == 1


def test_a_title_that_says_no_more_is_closer():
    query = read_query("histroy of scince")
    near = [("History of Science",), ("The History of Science",), ("History of Dance",)]
    scores = [closeness(query, words(title)) for (title,) in near]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)
    assert closeness(query, ()) == closeness(Query(()), ("a",)) == 0.0


def test_only_misspelt_words_are_put_right():
    assert did_you_mean(read_query("liner algbra"), "Linear Algebra II") == "linear algebra"
    assert did_you_mean(read_query("linear alg"), "Linear Algebra") is None
    assert did_you_mean(read_query("quokka algbra"), "Linear Algebra") == "quokka algebra"
    assert did_you_mean(read_query("회홰 데이터"), "한국어 회화 데이터") == "회화 데이터"
    assert did_you_mean(read_query("算法 algbra"), "算法 Algebra") == "算法 algebra"


@pytest.mark.parametrize(
    ("word", "most"), [("an", 0), ("art", 1), ("artist", 2), ("数据", 0), ("ทีดี", 0), ("회화", 1)]
)
def test_a_misspelt_letter_is_one_of_an_alphabet(word, most):
    assert allowed_edits(fold(word)) == most


@pytest.mark.parametrize(
    ("title", "typed", "expected"),
    [
        ("Biochemistry II", "biochemestry", "<mark>Biochemistry</mark> II"),
        ("Biochemistry II", "bioch", "<mark>Bioch</mark>emistry II"),
        ("Biochemistry II", "biochemes", "<mark>Biochemistry</mark> II"),
        ("Applied Biochemistry", "bio app", "<mark>App</mark>lied <mark>Bio</mark>chemistry"),
        ("History of Cities", "city", "History of <mark>Cities</mark>"),
        ("Cafés & Bars", "cafe", "<mark>Café</mark>s &amp; Bars"),
        ("Cafe\u0301s & Bars", "cafe", "<mark>Cafe\u0301</mark>s &amp; Bars"),
        ("Straße", "strass", "<mark>Straß</mark>e"),
        ("Women's Work", "womens", "<mark>Women&#x27;s</mark> Work"),
        ("<b>C++</b> & co", "c++", "&lt;b&gt;<mark>C++</mark>&lt;/b&gt; &amp; co"),
        ("A Art", "a", "<mark>A</mark> Art"),
        ("Art and Africa", "a history", "Art and Africa"),
        ("Algebra", "zoo", "Algebra"),
        ("<script>x</script>", "<scr", "&lt;<mark>scr</mark>ipt&gt;x&lt;/<mark>scr</mark>ipt&gt;"),
        ("", "x", ""),
        ("系统与系统论", "系统", "<mark>系统</mark>与<mark>系统</mark>论"),
        ("数据库 & 系统", "系", "数据库 &amp; <mark>系</mark>统"),
        ("Cafe\u0301 <系统>", "cafe 系统", "<mark>Cafe\u0301</mark> &lt;<mark>系统</mark>&gt;"),
        ("한국어 회화", "한국 회", "<mark>한국</mark>어 <mark>회</mark>화"),
        ("한글 입문", "한국", "한글 입문"),
    ],
)
def test_marks_show_what_was_matched(title, typed, expected):
    assert mark(title, read_query(typed)) == expected


def test_acronyms_leave_small_words_out_and_keep_them():
    assert initials(words("History of Art")) == ("hoa", "ha")
    assert initials(words("Biology")) == ()
    assert initials(words("数据库系统 Data Base")) == ("db",)
