"""What one frame may carry: a list is as long as fits, and says where it goes on."""

from collections.abc import Iterable
from typing import TypeVar

from elearn.wire import protocol

REPLY_BYTES = 256 * 1024
# What stands around the list: counts, cursors, the frame itself.
AROUND_BYTES = 4_096

T = TypeVar("T")


class Budget:
    """What one reply may still carry, over all of its lists."""

    def __init__(self, left: int = REPLY_BYTES) -> None:
        self.left = left
        self.empty = True

    def take(self, part: object) -> bool:
        """Whether it fits; the first one of a reply does, or nothing would ever go on."""
        self.left -= len(protocol.encode(part)) + 1
        fits = self.left > 0 or self.empty
        self.empty = False
        return fits


def fitted(parts: Iterable[T], limit: int) -> tuple[list[T], bool]:
    """The first `limit` of them, or as many as fit into one reply; and whether any are left out.
    Parts are made one by one: what is left out costs nothing, so `parts` holds one more than
    `limit` where there are more."""
    budget = Budget(REPLY_BYTES - AROUND_BYTES)
    kept: list[T] = []
    for part in parts:
        if len(kept) == limit or not budget.take(part):
            return kept, True
        kept.append(part)
    return kept, False
