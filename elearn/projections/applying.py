"""From rows of the log to the documents that pages read. Applying a row again changes nothing: a
document holds the `seq` of its last change, and an older row leaves it alone."""

from collections.abc import Sequence

from elearn.events.base import Event, Row
from elearn.models.database import Database
from elearn.projections import chat, courses, enrollments, feed, notices, people, rooms, updates
from elearn.projections.table import PROJECTIONS

SUBJECTS = (chat, courses, enrollments, feed, notices, people, rooms, updates)


def concern(row: Row) -> bool:
    """Whether there is something to apply."""
    return _place(row) in PROJECTIONS


async def apply(db: Database, rows: Sequence[Row]) -> None:
    """Apply rows in order; neighbours of one kind share their writes."""
    start = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or _place(rows[end]) != _place(rows[start]):
            if (project := PROJECTIONS.get(_place(rows[start]))) is not None:
                await project(db, rows[start:end])
            start = end


def _place(row: Row) -> tuple[str, type[Event]]:
    return row.kind, type(row.data)
