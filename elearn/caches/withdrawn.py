"""Courses that were withdrawn while an index may still hold them: no search finds or counts them.

Rows of `catalog` tell of them, which every node hears. Once every index has read a row, the index
itself no longer shows its course.
"""

from typing import Any

from elearn.events.base import RowOf
from elearn.events.courses import CatalogChange, CourseUnlisted
from elearn.events.listeners import Listeners
from elearn.parts import Part

KEPT = 5_000
"""More than are withdrawn in the moments that an index needs; each makes every query longer."""


class Withdrawn(Part):
    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._heard: dict[str, int] = {}  # the copy of an older row may come after a newer one
        self._followed = 0

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._rows)

    def listen(self, listeners: Listeners) -> None:
        listeners.hear(self.relisted, CatalogChange)

    def relisted(self, row: RowOf[CatalogChange[Any]]) -> None:
        ident = row.data.course.id
        if row.seq < self._heard.get(ident, 0):
            return
        _put(self._heard, ident, row.seq)
        if isinstance(row.data, CourseUnlisted):
            _put(self._rows, ident, row.seq)
        else:
            self._rows.pop(ident, None)

    def followed(self, seq: int) -> None:
        """Every index has read the rows up to here. They are forgotten the next time this is said:
        what was read is not searched at once, and a rebuilt index that takes over at this moment
        may be a little behind."""
        seq, self._followed = min(seq, self._followed), seq
        self._rows = {id: at for id, at in self._rows.items() if at > seq}


def _put(rows: dict[str, int], id: str, seq: int) -> None:
    """The newest last, and no more than are kept."""
    rows.pop(id, None)
    rows[id] = seq
    if len(rows) > KEPT:
        del rows[next(iter(rows))]
