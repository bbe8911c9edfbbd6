"""Courses that were withdrawn while an index may still hold them: no search finds or counts them.

Rows of `catalog` tell of them, which every node hears. Once every index has read a row, the index
itself no longer shows its course.
"""

from elearn.models.events import Row
from elearn.wire.topics import CATALOG

KEPT = 5_000
"""More than are withdrawn in the moments that an index needs; each makes every query longer."""


class Withdrawn:
    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._heard: dict[str, int] = {}  # the copy of an older row may come after a newer one
        self._followed = 0

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._rows)

    def on_row(self, row: Row) -> None:
        if row.topic != CATALOG:
            return
        course = row.data["course"]
        id = str(course["id"])
        if row.seq < self._heard.get(id, 0):
            return
        _put(self._heard, id, row.seq)
        if course.get("published"):
            self._rows.pop(id, None)
        else:
            _put(self._rows, id, row.seq)

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
