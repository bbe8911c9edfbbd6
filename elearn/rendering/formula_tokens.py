"""The source of a formula, token by token."""

import re

_TOKEN = re.compile(r"\\[a-zA-Z]+\*?|\\.|\d+(?:\.\d+)?|\s+|[^\W\d_a-zA-Z\u0370-\u03ff]+|.", re.S)


class CannotBeSet(Exception):
    """The source holds what is not known here, or does not close what it opened."""


class Tokens:
    """What is still to be read."""

    def __init__(self, source: str) -> None:
        self._tokens: list[str] = _TOKEN.findall(source)
        self._at = 0

    def peek(self) -> str:
        """The next token that is no blank; "" at the end."""
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self) -> str:
        token = self.peek()
        if not token:
            raise CannotBeSet
        self._at += 1
        return token

    def took(self, token: str) -> bool:
        """Whether that was the next one, which is then taken."""
        if self.peek() != token:
            return False
        self._at += 1
        return True

    def part_number(self) -> None:
        """An argument without braces is one digit: `\\frac12` is a half."""
        token = self.peek()
        if token[:1].isdigit() and len(token) > 1:
            self._tokens[self._at : self._at + 1] = token[0], token[1:]

    def raw(self) -> str:
        """The source between braces, as it was written."""
        if not self.took("{"):
            raise CannotBeSet
        begin, open_braces = self._at, 1
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            open_braces += (token == "{") - (token == "}")
            self._at += 1
            if not open_braces:
                return "".join(self._tokens[begin : self._at - 1])
        raise CannotBeSet
