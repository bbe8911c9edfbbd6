"""Code in its colours: known languages, in one pass, and never more than its text."""

import html as html_module
import re

import pytest

from elearn.rendering.code import LONGEST
from elearn.rendering.languages import LANGUAGES
from elearn.rendering.texts import render

PYTHON = '''def area(r):
    """Of a <circle>."""  # & more
    return 3.14 * r ** 2 if r else "none"
'''


def marked(code: str, language: str) -> dict[str, list[str]]:
    """What a reader sees in each colour."""
    found: dict[str, list[str]] = {}
    rendered = render(f"```{language}\n{code}\n```")
    for kind, text in re.findall(r'<span class="(\w+)">(.*?)</span>', rendered, re.S):
        found.setdefault(kind, []).append(html_module.unescape(text))
    return found


def test_a_fence_shows_what_its_code_is_made_of() -> None:
    assert marked(PYTHON, "python") == {
        "kw": ["def", "return", "if", "else"],
        "def": ["area"],
        "str": ['"""Of a <circle>."""', '"none"'],
        "com": ["# & more"],
        "num": ["3.14", "2"],
    }


@pytest.mark.parametrize(
    ("language", "code", "kinds"),
    [
        ("js", "const a = `x`; // y", {"kw": ["const"], "str": ["`x`"], "com": ["// y"]}),
        ("sql", "SELECT 1 -- x", {"kw": ["SELECT"], "num": ["1"], "com": ["-- x"]}),
        ("Java", "class A { /* x */ }", {"kw": ["class"], "def": ["A"], "com": ["/* x */"]}),
        ("bash", 'echo "$#" # x', {"str": ['"$#"'], "com": ["# x"]}),
        ("json", '{"a": null}', {"str": ['"a"'], "kw": ["null"]}),
        ("c", "int x = 0x1F;", {"kw": ["int"], "num": ["0x1F"]}),
    ],
)
def test_each_language_has_its_own_signs(
    language: str, code: str, kinds: dict[str, list[str]]
) -> None:
    assert marked(code, language) == kinds


def test_other_languages_inline_code_and_very_long_code_stay_plain() -> None:
    for language in ("", "nonsense", "python3.99"):
        assert marked("if x: pass", language) == {}
    assert "span" not in render("`if x: pass`")
    assert marked("if x\n" * (LONGEST // 4), "python") == {}


def test_code_that_is_nearly_all_marks_stays_plain() -> None:
    assert marked("1 " * 500, "python") == {}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_language_loses_or_adds_a_sign(language: str) -> None:
    code = PYTHON + "<b>'x\\'y' /* a */ -- b {- c -} (* d *) % e \"open\n'''x"
    shown = re.sub(r"</?(?:pre|code|span)[^>]*>", "", render(f"```{language}\n{code}\n```"))
    assert html_module.unescape(shown) == code + "\n"
