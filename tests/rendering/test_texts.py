"""Markdown as chat and pages show it."""

import math
import time

import pytest

from elearn.rendering.budget import CHAT_CHARACTERS
from elearn.rendering.excerpts import excerpt
from elearn.rendering.texts import render, render_message


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\rb\r\nc\nd", "<p>a<br>b<br>c<br>d</p>"),
        ("*a*\rb", "<p><em>a</em><br>b</p>"),
        ("2*3*4=24", "<p>2*3*4=24</p>"),
        ("x**2 + y**2 = (a)*2*b", "<p>x**2 + y**2 = (a)*2*b</p>"),
        ("这是**重点**内容 and *2*", "<p>这是<strong>重点</strong>内容 and <em>2</em></p>"),
        ("3. The answer is 42", '<ol start="3"><li>The answer is 42</li></ol>'),
        ("1848. Revolutions", '<ol start="1848"><li>Revolutions</li></ol>'),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("readme.md and file.py, example.org", "<p>readme.md and file.py, example.org</p>"),
        ("    for x in y:\n        pass", "<pre><code>for x in y:    pass</code></pre>"),
        ("hello", "<p>hello</p>"),
        ("**bold** and *slanted*", "<p><strong>bold</strong> and <em>slanted</em></p>"),
        ("one\ntwo", "<p>one<br>two</p>"),
        ("one\n\ntwo", "<p>one</p><p>two</p>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("5 < 6 & 7", "<p>5 &lt; 6 &amp; 7</p>"),
        ("~~gone~~", "<p><s>gone</s></p>"),
    ],
)
def test_a_text_becomes_its_html(text: str, html: str) -> None:
    assert render(text).replace("\n", "") == html


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("see https://example.org/a?b=1", "https://example.org/a?b=1"),
        ("see [this](http://example.org)", "http://example.org"),
        ("[mail](mailto:ana@example.org)", "mailto:ana@example.org"),
        ("www.example.org", "http://www.example.org"),
        ("(see www.example.org/a_b_c).", "http://www.example.org/a_b_c"),
        ("https://example.org/a_(b), and", "https://example.org/a_(b)"),
        ("**https://example.org/@ana/$x$**", "https://example.org/@ana/$x$"),
        ("[https://example.org/a](https://example.org/b)", "https://example.org/b"),
        ("write to a_b@uni.example.", "mailto:a_b@uni.example"),
    ],
)
def test_addresses_become_links_that_tell_nothing_of_where_they_stood(text: str, href: str) -> None:
    assert f'<a href="{href}" rel="noopener noreferrer nofollow">' in render(text)


@pytest.mark.parametrize("text", ["snake_case_name", "2 * 3 * 4", "C# and F#", "a_b", "1) one"])
def test_text_that_only_looks_like_markup_keeps_its_signs(text: str) -> None:
    for sign in set(text) & set("_*#"):
        assert sign in render(text)


def test_code_blocks_lists_and_tables_are_kept() -> None:
    assert "<pre><code>x = 1" in render("```\nx = 1\n```")
    assert render("- a\n- b").count("<li>") == 2
    assert "<td>1</td>" in render("|a|\n|-|\n|1|")


def test_a_mention_is_marked_in_running_text_and_not_in_a_link() -> None:
    ana = {"id": "a1", "name": "Ana Li", "role": "student"}
    html = render_message("@Ana Li, see [@Ana Li](https://example.org/@Ana%20Li)", [ana])
    assert html.count('<span class="mention" data-user="a1">@Ana Li</span>') == 1
    assert 'href="https://example.org/@Ana%20Li"' in html


SLOW = {
    "opening brackets": "[",
    "links that never end": "[a](",
    "pictures": "![",
    "quotes within quotes": "> ",
    "quotes around many lines": "> > > > > > > > > > > > \n|\n|\n|",
    "stars": "*",
    "stars that open and close": "*a **b ",
    "underscores": "_a __b ",
    "backticks": "`a``",
    "lists": "- x\n",
    "lists within lists": "\n- 1. - 1. ",
    "cells": "|x",
    "a table's rows": "|a|b|\n",
    "hosts": "www.=",
    "schemes": "://!",
    "addresses": "a@b.c<",
    "empty lines": "\n",
    "blank lines": "  \n\n",
    "entities": "&#x;",
    "backslashes": "\\",
    "rules": "--- ",
    "dollars": "$",
    "displayed formulas": "$$\n",
    "formulas": "$x^2$ ",
    "brackets of formulas": "\\(\\[",
    "formulas within formulas": "$\\sqrt{\\frac{" * 9,
    "words of LaTeX": "$\\alpha\\to\\nothing$ ",
    "signs of mentions": "@",
    "mentions": " @Ana 1 ",
    "addresses of mail": "a@b.org ",
    "factors": "1*2**",
    "tables": "a|b\n-|-\n1|2\n\n",
    "code": "```py\nif 1: '\n```\n",
    "code of one sign": "```py\n1 1 1 1 1 ",
    "lone carriage returns": "- x\r",
}


ORDINARY = "- a *word* and `code`, https://example.org/x\n"


def cost(start: str) -> float:
    """Of the longest message that begins so: the least of three, none of them kept from before."""
    least = math.inf
    for end in "xyz":
        text = start[: CHAT_CHARACTERS - 1] + end
        began = time.thread_time()
        render(text)
        least = min(least, time.thread_time() - began)
    return least


@pytest.mark.parametrize("what", SLOW)
def test_no_message_takes_much_longer_to_render_than_an_ordinary_one(what: str) -> None:
    ordinary = cost(what + ORDINARY * CHAT_CHARACTERS)
    for head in ("", "a|b\n-|-\n", "> > > "):
        assert cost(head + SLOW[what] * CHAT_CHARACTERS) < 10 * ordinary


def test_an_excerpt_is_what_is_read_without_the_marks() -> None:
    assert excerpt("why *one to ten*, not **nine**?") == "why one to ten, not nine?"
    assert excerpt("# Head\n\n- first\n- `a < b`") == "Head first a < b"
    assert excerpt("<b> & so on") == "<b> & so on"
