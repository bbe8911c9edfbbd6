"""What was published, and the room of its thread."""

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from elearn.events.base import RowOf
from elearn.events.updates import UpdatePublished
from elearn.models import rooms, updates
from elearn.models.database import Database
from elearn.nouns.rooms import Room
from elearn.projections.table import projects


@projects(UpdatePublished, on=["course"])
async def published(db: Database, rows: Sequence[RowOf[UpdatePublished]]) -> None:
    await asyncio.gather(
        updates.insert_many(db, [replace(row.data.document, seq=row.seq) for row in rows]),
        rooms.insert_many(db, list(map(_thread, rows))),
    )


def _thread(row: RowOf[UpdatePublished]) -> Room:
    """The room in which an update is talked about."""
    update = row.data.document
    return Room(
        id=update.id,
        course=update.course,
        course_title=update.course_title,
        kind="thread",
        name=update.title,
        created_at=row.at,
    )
