"""Texts made to be slow: the time each takes to become HTML, and its bytes, beside ordinary ones.

    python -m bench.texts [--turns 5]

Each is as long as a message may be; a figure is the best of its turns, without what is kept.
"""

import argparse
import time

from elearn.rendering.budget import CHAT_CHARACTERS, most_bytes
from elearn.rendering.texts import rendered
from tests.rendering.test_budget import PEOPLE, table
from tests.rendering.test_texts import ORDINARY, SLOW

HEADS = ("", "a|b\n-|-\n", "> > > ")
PROSE = "The mitochondria of a cell, *as we said*, are `here`, and that is that. "


def cost(text: str, turns: int) -> tuple[float, int]:
    """Milliseconds and bytes."""
    least, html = float("inf"), ""
    for _ in range(turns):
        began = time.thread_time()
        html = rendered(text, PEOPLE)
        least = min(least, time.thread_time() - began)
    return least * 1_000, len(html.encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    turns = parser.parse_args().turns
    texts = {
        "prose": PROSE * CHAT_CHARACTERS,
        "ordinary marks": ORDINARY * CHAT_CHARACTERS,
        "a table of 65,000 cells": table(331, 196) + "\n" + table(331, 196),
        "a table of 80,000 cells": table(200, 396),
        **{
            f"{what}{' (' + head.strip() + ')' if head else ''}": head + piece * CHAT_CHARACTERS
            for what, piece in SLOW.items()
            for head in HEADS
        },
    }
    rows = []
    for what, text in texts.items():
        whole = text[:CHAT_CHARACTERS]
        rows.append((*cost(whole, turns), most_bytes(whole), what))
    for milliseconds, size, most, what in sorted(rows, reverse=True):
        print(f"{milliseconds:7.1f} ms {size:7} of {most:6} bytes  {what!r}")


if __name__ == "__main__":
    main()
