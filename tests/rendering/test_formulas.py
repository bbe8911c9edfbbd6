"""Formulas as they are read: set by the browser, with their source beside them."""

import re
from xml.etree import ElementTree

import pytest

from elearn.rendering.budget import FORMULA_BYTES
from elearn.rendering.excerpts import excerpt
from elearn.rendering.formula_tokens import CannotBeSet
from elearn.rendering.mathml import mathml
from elearn.rendering.texts import render


def formulas(text: str) -> list[str]:
    """The sources of the formulas that a reader sees set."""
    return re.findall(r'<math[^>]* ?alttext="([^"]*)"', render(text))


def read_aloud(source: str) -> str:
    """The signs of a set formula in their order."""
    return "".join(ElementTree.fromstring(mathml(source, display=False)).itertext())


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("so $a*b*c$ and \\(a+b\\)", ["a*b*c", "a+b"]),
        ("$$E = mc^2$$", ["E = mc^2"]),
        ("\\[x_1\\]", ["x_1"]),
        ("the $n$th of $m$, ($k$)", ["n", "m", "k"]),
        ("**$x$** and - $y$", ["x", "y"]),
        ("| a |\n|-|\n| $x$ |", ["x"]),
        ("> $x$", ["x"]),
        ("$a\\$b$", ["a\\$b"]),
        ("公式$x$是", ["x"]),
        ("$$\na\n- b\n= c\n$$\nrest", ["a\n- b\n= c"]),
        ("see\n\\[\nx\n\\]\nrest", ["x"]),
    ],
)
def test_what_stands_between_the_signs_is_a_formula(text: str, sources: list[str]) -> None:
    assert formulas(text) == sources


@pytest.mark.parametrize(
    "text",
    [
        "costs $5 and $10",
        "US$5, US$6",
        "5$, 10$",
        "from $5-$10",
        "$ x $",
        "$HOME and $PATH",
        "\\$x\\$",
        "`$x$` and `\\(x\\)`",
        "```\n$$x$$\n```",
        "$",
        "$$",
        "$$ $$",
        "\\(\\)",
        "a $x",
        "$$\nx\n\ny\n$$",
    ],
)
def test_money_code_and_what_is_not_closed_are_text(text: str) -> None:
    assert formulas(text) == []
    assert "<code>" not in render(text) or "`" in text


def test_displayed_formulas_stand_apart() -> None:
    assert 'display="block"' in render("$$x$$")
    assert 'display="block"' in render("\\[x\\]")
    assert "display" not in render("$x$ \\(x\\)")


@pytest.mark.parametrize(
    ("source", "signs"),
    [
        ("x^2+y_1", "x2+y1"),
        ("\\frac{a}{b} \\dfrac12", "ab12"),
        ("\\sqrt[3]{x}", "x3"),
        ("\\alpha \\le \\infty", "α≤∞"),
        ("\\mathbb{R}, \\mathrm{d}x", "ℝ,dx"),
        ("\\sum_{i=1}^n i", "∑i=1ni"),
        ("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "(1234)"),
        ("\\begin{aligned}a&=b\\\\&=c\\end{aligned}", "a=b=c"),
        (
            "f(x)=\\begin{cases}1&\\text{if }x>0\\\\0&\\text{else}\\end{cases}",
            "f(x)={1if\u00a0x>00else",
        ),
        ("\\left(\\frac12\\right]", "(12]"),
        ("[0,1[ \\quad ]a,b]", "[0,1[]a,b]"),
        ("\\lim_{x\\to 0}\\sin x", "limx→0sinx"),
        ("\\vec{v} f'' a\\not=b", "v→f″a≠b"),
        ("\\operatorname{rank} A \\pmod n", "rankA(modn)"),
        ("\\binom{n}{k}", "(nk)"),
        ("\\color{red}{x}", "x"),
        ("5\\,\\mathrm{kg}\\%", "5kg%"),
        ("Geschwindigkeit = \\frac{s}{t}", "Geschwindigkeit=st"),
        ("速度 = 距離", "速度=距離"),
        ("\\text{<b>&amp;</b>} a<b>c", "<b>&amp;</b>a<b>c"),
    ],
)
def test_a_formula_has_all_its_signs(source: str, signs: str) -> None:
    assert read_aloud(source) == signs.replace("≠", "=\u0338")


@pytest.mark.parametrize(
    "source",
    [
        *("\\href{javascript:alert(1)}{x}", "\\class{btn}{x}", "\\style{position:fixed}{x}"),
        *("\\unicode{x3c}", "\\def\\x{\\x\\x}\\x", "\\newcommand{\\x}{y}", "\\kern-99em x"),
        *("\\hspace{99em}", "\\rule{9em}{9em}", "\\require{html}", "\\includegraphics{x}"),
        *(
            "\\unknown",
            "{",
            "}",
            "\\frac{a}",
            "\\left(x",
            "x\\right)",
            "a_b_c",
            "x^2^3",
            "x^2'",
            "x'''''",
            "\\",
        ),
        *("\\begin{matrix}a", "\\end{matrix}", "\\begin{x}\\end{x}", "{" * 30 + "}" * 30, "^" * 99),
    ],
)
def test_what_cannot_be_set_shows_its_source(source: str) -> None:
    with pytest.raises(CannotBeSet):
        mathml(source, display=False)
    html = render(f"$${source}$$")
    assert "<math" not in html
    assert re.sub(r"<[^>]*>", "", html) in (source, f"$${source}$$")


@pytest.mark.parametrize(
    "html", ["<img src=x onerror=alert(1)>", "<script>alert(1)</script>", '"><b>']
)
@pytest.mark.parametrize("form", ["\\text{%s}", "%s", "x^{\\mbox{%s}}", "\\operatorname{%s}"])
def test_html_in_a_formula_is_only_text(form: str, html: str) -> None:
    rendered = render(f"${form.replace('%s', html)}$")
    assert not re.search(r"<(img|script|b)\b|=\s*x\s+onerror[^;]*>", rendered)
    assert rendered.startswith("<p><math")


def test_a_long_formula_and_too_many_show_their_sources() -> None:
    assert formulas("$" + "x" * 1_000 + "$") == ["x" * 1_000]
    assert formulas("$" + "x" * 1_001 + "$") == []
    greek = "\\alpha" * 100
    assert formulas(f"${greek}$ " * 6) == [greek] * 5, "3,000 characters of formulas in a text"
    text = "$x$ " * 1_000
    html = render(text)
    assert html.count("<math") > 200
    assert html.count("<code>x</code>") == 1_000 - html.count("<math")
    assert len(html) <= 8 * len(text) + 1_024 + FORMULA_BYTES


def test_an_excerpt_says_a_formula_by_its_source() -> None:
    assert excerpt("so $x^2$ is\n$$\n\\pi\n$$") == "so x^2 is \\pi"
