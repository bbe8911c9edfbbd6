"""What a text may cost before it is shown as it stands: looked at before the work, and after it.

The figures are for a text of 4,000 characters, which then takes about 20 ms at most.
"""

import re

CHAT_CHARACTERS = 4_000
TEXT_CHARACTERS = 20_000

# Bytes of HTML: what marks add to a text, and a set formula to its source.
BYTES_A_CHARACTER = 8
BYTES_MORE = 1_024
FORMULA_BYTES = 4_096

# Markdown links nest: ten thousand opening brackets block the loop for most of a second.
OPENING_BRACKETS = 100
NESTING_MARKS = 400
LINES = 400
NESTING = 12
# A table's rows are filled to the width of its head: 3,000 characters can ask for 65,000 cells.
CELLS = 400

_ITEM = re.compile(r"[-+*]\s|\d[.)]\s")
# What stands in fences and formulas is not read as Markdown, and costs nothing.
_SET_APART = re.compile(r"^ {0,3}(```|~~~).*?\n {0,3}\1|\$[^$\n]+\$", re.M | re.S)


def looks_costly(text: str) -> bool:
    """Whether reading the text as Markdown could take longer than its length allows."""
    if text.count("\n") > LINES:
        return True
    outside = _SET_APART.sub("", text)
    return (
        outside.count("[") > OPENING_BRACKETS
        or sum(outside.count(mark) for mark in ("*", "_", "`", "<", ">", "~", "](")) > NESTING_MARKS
        or sum(1 for _ in _ITEM.finditer(outside)) > NESTING_MARKS
    )


def most_bytes(text: str) -> int:
    """The longest HTML that a text may become."""
    return BYTES_MORE + BYTES_A_CHARACTER * len(text) + (FORMULA_BYTES if has_formulas(text) else 0)


def has_formulas(text: str) -> bool:
    return "$" in text or "\\(" in text or "\\[" in text


def fits(text: str, html: str) -> bool:
    return len(html.encode()) <= most_bytes(text)
