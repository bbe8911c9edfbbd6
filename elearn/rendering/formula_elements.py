"""The elements of MathML that formulas are made of, and how they are put together."""

import html
import re
import unicodedata

from latex2mathml.symbols_parser import SYMBOLS

from elearn.rendering import formula_words as words
from elearn.rendering.formula_tokens import CannotBeSet

EMPTY = "<mrow></mrow>"
_SIDES = {"aligned": ("right", "left"), "left": ("left", "left")}


def sign_named(token: str) -> str:
    if not token.startswith("\\"):
        return token
    code = SYMBOLS.get(token)
    if code is None:
        raise CannotBeSet
    return chr(int(code, 16))


def sign_element(token: str) -> str:
    """A number, a letter, a word, an operator or a gap; "" for what shows nothing."""
    if token[0].isdigit():
        return f"<mn>{token}</mn>"
    if token in words.IGNORED:
        return ""
    if (width := words.SPACES.get(token)) is not None:
        return f'<mspace width="{width}em"></mspace>'
    if token in words.FUNCTIONS:
        return named_operator(token[1:])
    if (name := words.LIMITS.get(token)) is not None:
        return named_operator(name, ' movablelimits="true"')
    sign = words.SIGNS.get(token) or sign_named(token)
    if len(sign) > 1:
        return f"<mo>{sign}</mo>" if token.startswith("\\") else f"<mtext>{sign}</mtext>"
    kind = unicodedata.category(sign)[0]
    if kind in "CM":
        raise CannotBeSet
    tag = "mi" if kind == "L" or sign in words.QUANTITIES else "mo"
    more = ' mathvariant="normal"' if "Α" <= sign <= "Ω" else ""
    if sign in words.BRACKETS:
        more = ' stretchy="false"'  # else it grows with the highest thing beside it
    return f"<{tag}{more}>{html.escape(sign)}</{tag}>"


def named_operator(name: str, more: str = "") -> str:
    return f'<mo lspace="0.17em" rspace="0.17em"{more}>{name}</mo>'


def lettered(font: str, letter: str) -> str:
    """A letter in a font of the table of signs; "" is the upright one."""
    if not font:
        return f'<mi mathvariant="normal">{letter}</mi>'
    code = SYMBOLS.get(f"{font}{{{letter}}}")
    return f"<mi>{chr(int(code, 16)) if code else letter}</mi>"


def has_several(row: str) -> bool:
    """Whether a row is not exactly one simple element."""
    tag = re.match(r"<(\w+)", row)
    return tag is None or row.count("<") != 2 or not row.endswith(f"</{tag[1]}>")


def joined(one: str, other: str) -> str:
    return f"<mrow>{one}{other}</mrow>" if one else other


def with_scripts(base: str, below: str, above: str, limits: bool) -> str:
    if not below and not above:
        return base
    tags = ("munder", "mover", "munderover") if limits else ("msub", "msup", "msubsup")
    tag = tags[2] if below and above else tags[0] if below else tags[1]
    return f"<{tag}>{base}{below}{above}</{tag}>"


def fence(sign: str) -> str:
    return f'<mo stretchy="true">{sign}</mo>' if sign else ""


def table(rows: list[list[str]], kind: str) -> str:
    """`aligned`: what is before each & ends there, what is after it begins there."""
    sides = _SIDES.get(kind)
    lines = ""
    for row in rows:
        lines += "<mtr>"
        for at, cell in enumerate(row):
            side = f' columnalign="{sides[at % 2]}"' if sides else ""
            lines += f"<mtd{side}>{cell}</mtd>"
        lines += "</mtr>"
    style = ' displaystyle="true"' if kind == "aligned" else ""
    return f"<mtable{style}>{lines}</mtable>"
