"""A formula of LaTeX as MathML, which browsers set by themselves.

Written here because what is asked of it is a bound: one pass over the tokens, no macros, nothing
but text and the elements named below. `latex2mathml` lends its table of signs; as a converter it
takes 50 to 230 µs a character, and passes on addresses, styles and HTML.
"""

import html
import re
from collections.abc import Callable, Container

from elearn.rendering import formula_words as words
from elearn.rendering.formula_elements import (
    EMPTY,
    fence,
    has_several,
    joined,
    lettered,
    sign_element,
    table,
    with_scripts,
)
from elearn.rendering.formula_texts import delimiter, operator, sized, tag, text
from elearn.rendering.formula_tokens import CannotBeSet, Tokens

_DEEPEST = 24
_AT_RIGHT = ("^", "_", "'", "\\limits", "\\nolimits")
_PRIMES = [f"<mo>{sign}</mo>" for sign in "′″‴⁗"]
_CLOSING = frozenset(("}", "&", "\\\\", "\\right", "\\middle", "\\end", "]"))


def mathml(source: str, *, display: bool) -> str:
    """The `math` element of a formula; `CannotBeSet` where its source has to do."""
    setter = _Setter(source)
    body = setter.formula()
    block = ' display="block"' if display else ""
    return f'<math{block} alttext="{html.escape(source.strip())}">{body}</math>'


class _Setter(Tokens):
    """Answers with elements; each of its methods takes the tokens of what it sets."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._depth = 0
        self._font: str | None = None
        self._bracket = ""

    def formula(self) -> str:
        """All of it; what stands alone may be broken into lines too."""
        rows = self._rows("")
        return rows[0][0] if len(rows) == len(rows[0]) == 1 else table(rows, "aligned")

    def _row(self) -> str:
        """Everything up to a token that closes, which is left. ] closes only what [ opened."""
        parts = []
        while (token := self.peek()) and (token not in _CLOSING or token == "]" != self._bracket):
            parts.append(self._scripted())
        return "".join(parts)

    def _group(self) -> str:
        """An argument: what stands in braces, or one token."""
        if self.took("{"):
            return self._braced()
        self.part_number()
        return self._one() or EMPTY

    def _braced(self, _: str = "{") -> str:
        row = self._enclosed("", "}")
        return f"<mrow>{row}</mrow>" if has_several(row) else row

    def _optional(self) -> str:
        """An argument in square brackets; "" without one."""
        return f"<mrow>{self._enclosed(']', ']')}</mrow>" if self.took("[") else ""

    def _enclosed(self, bracket: str, closing: str) -> str:
        outer, self._bracket = self._bracket, bracket
        row = self._row()
        self._bracket = outer
        if not self.took(closing):
            raise CannotBeSet
        return row

    def _scripted(self) -> str:
        """One thing with what stands at its right, above and below."""
        first = self.peek()
        base = EMPTY if first in ("^", "_", "'") else self._one()
        limits = first in words.WITH_LIMITS or base[4:5] in words.LARGE
        above = below = ""
        while (token := self.peek()) in _AT_RIGHT:
            self.take()
            if token == "'" and not above:
                above = self._primes()
            elif token == "^" and (not above or above in _PRIMES):
                above = joined(above, self._group())
            elif token == "_" and not below:
                below = self._group()
            elif token in ("^", "_", "'"):  # twice
                raise CannotBeSet
            else:
                limits = token == "\\limits"
        return with_scripts(base or EMPTY if below or above else base, below, above, limits)

    def _primes(self) -> str:
        count = 0
        while self.took("'"):
            count += 1
        if count >= len(_PRIMES):
            raise CannotBeSet
        return _PRIMES[count]

    def _one(self) -> str:
        """One token, or a word with its arguments; "" for one that shows nothing."""
        token = self.take()
        if token in _CLOSING and token != "]":
            raise CannotBeSet
        self._depth += 1
        if self._depth > _DEEPEST:
            raise CannotBeSet
        element = self._set(token)
        self._depth -= 1
        return element

    def _set(self, token: str) -> str:
        for kind, setting in _SETTINGS:
            if token in kind:
                return setting(self, token)
        return self._sign(token)

    def _sign(self, token: str) -> str:
        if self._font is not None and token.isascii() and token.isalpha():
            return lettered(self._font, token)
        return sign_element(token)

    def _in_font(self, token: str) -> str:
        outer, self._font = self._font, words.FONTS[token]
        group = self._group()
        self._font = outer
        return group

    def _fraction(self, token: str) -> str:
        fraction = f"<mfrac>{self._group()}{self._group()}</mfrac>"
        if token == "\\dfrac":
            return f'<mstyle displaystyle="true">{fraction}</mstyle>'
        return fraction

    def _binomial(self, _: str) -> str:
        pair = f'<mfrac linethickness="0">{self._group()}{self._group()}</mfrac>'
        return f"<mrow><mo>(</mo>{pair}<mo>)</mo></mrow>"

    def _root(self, _: str) -> str:
        index, radicand = self._optional(), self._group()
        return f"<mroot>{radicand}{index}</mroot>" if index else f"<msqrt>{radicand}</msqrt>"

    def _over(self, token: str) -> str:
        mark = f'<mo stretchy="{str(token in words.STRETCHED).lower()}">{words.OVER[token]}</mo>'
        return f'<mover accent="true">{self._group()}{mark}</mover>'

    def _under(self, token: str) -> str:
        return f'<munder>{self._group()}<mo stretchy="true">{words.UNDER[token]}</mo></munder>'

    def _stacked(self, token: str) -> str:
        mark, base = self._group(), self._group()
        tag = "munder" if token == "\\underset" else "mover"
        return f"<{tag}>{base}{mark}</{tag}>"

    def _arrow(self, token: str) -> str:
        below, above = self._optional(), self._group()
        arrow = f'<mo stretchy="true">{words.ARROWS[token]}</mo>'
        return with_scripts(arrow, below, above, True)

    def _fenced(self, _: str) -> str:
        parts = [fence(delimiter(self))]
        outer, self._bracket = self._bracket, ""
        parts.append(self._row())
        while self.took("\\middle"):
            parts += [fence(delimiter(self)), self._row()]
        self._bracket = outer
        if not self.took("\\right"):
            raise CannotBeSet
        return f"<mrow>{''.join(parts)}{fence(delimiter(self))}</mrow>"

    def _not(self, _: str) -> str:
        return re.sub(r"(</m[io]>)\Z", "\u0338\\1", self._one())

    def _modulo(self, _: str) -> str:
        gap = sign_element("\\quad")
        return f"<mrow>{gap}<mo>(</mo><mo>mod</mo>{self._group()}<mo>)</mo></mrow>"

    def _coloured(self, _: str) -> str:
        """Read without its colour: it would have to be readable in two themes."""
        self.raw()
        return self._group() if self.peek() == "{" else ""

    def _environment(self, _: str) -> str:
        name = self.raw()
        if name in ("array", "alignedat"):
            self.raw()
        rows = self._rows("\\end")
        self.took("\\end")
        if self.raw() != name:
            raise CannotBeSet
        if name == "cases":
            return f'<mrow><mo stretchy="true">{{</mo>{table(rows, "left")}</mrow>'
        if name in words.ALIGNED:
            return table(rows, "aligned")
        if name in words.GATHERED:
            return table(rows, "")
        if name not in words.MATRICES:
            raise CannotBeSet
        before, after = map(fence, words.MATRICES[name])
        return f"<mrow>{before}{table(rows, '')}{after}</mrow>"

    def _substack(self, _: str) -> str:
        if not self.took("{"):
            raise CannotBeSet
        rows = self._rows("}")
        self.took("}")
        return table(rows, "")

    def _rows(self, closing: str) -> list[list[str]]:
        """The cells of each line up to what closes them ("" is the end), which is left."""
        outer, self._bracket = self._bracket, ""
        rows = [[self._row()]]
        while (token := self.peek()) in ("&", "\\\\"):
            self.take()
            if token == "&":
                rows[-1].append(self._row())
            elif self.peek() != closing:
                rows.append([self._row()])
        self._bracket = outer
        if token != closing:
            raise CannotBeSet
        return rows


_SETTINGS: tuple[tuple[Container[str], Callable[[_Setter, str], str]], ...] = (
    (("{",), _Setter._braced),
    (words.FRACTIONS, _Setter._fraction),
    (words.FONTS, _Setter._in_font),
    (words.TEXTS, text),
    (words.OVER, _Setter._over),
    (words.UNDER, _Setter._under),
    (words.SIZES, sized),
    (words.STACKED, _Setter._stacked),
    (words.ARROWS, _Setter._arrow),
    (words.BINOMIALS, _Setter._binomial),
    (("\\sqrt",), _Setter._root),
    (("\\left",), _Setter._fenced),
    (("\\begin",), _Setter._environment),
    (("\\operatorname", "\\operatorname*"), operator),
    (("\\substack",), _Setter._substack),
    (("\\not",), _Setter._not),
    (("\\pmod",), _Setter._modulo),
    (("\\tag",), tag),
    (("\\color", "\\textcolor"), _Setter._coloured),
)
