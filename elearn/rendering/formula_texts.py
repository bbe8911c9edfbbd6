"""The words of LaTeX that are followed by plain text or by a bracket, not by more of a formula."""

import html

from elearn.rendering import formula_words as words
from elearn.rendering.formula_elements import named_operator, sign_named
from elearn.rendering.formula_tokens import Tokens


def text(tokens: Tokens, _: str) -> str:
    # Blanks at the ends of an element are not shown.
    text = tokens.raw().replace(" ", "\u00a0")
    return f"<mtext>{html.escape(text, quote=False)}</mtext>"


def operator(tokens: Tokens, _: str) -> str:
    name = html.escape(" ".join(tokens.raw().split()))
    return named_operator(name)


def tag(tokens: Tokens, _: str) -> str:
    return f"<mtext>\u2003({html.escape(tokens.raw(), quote=False)})</mtext>"


def delimiter(tokens: Tokens) -> str:
    token = tokens.take()
    if token == ".":
        return ""
    sign = words.SIGNS.get(token) or sign_named(token)
    return html.escape(sign.replace("<", "⟨").replace(">", "⟩"))


def sized(tokens: Tokens, token: str) -> str:
    size = words.SIZES[token]
    return f'<mo minsize="{size}em" maxsize="{size}em">{delimiter(tokens)}</mo>'
