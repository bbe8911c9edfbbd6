"""What was published, and the room of its thread."""

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
    for row in rows:
        update = row.data.document
        await updates.insert(db, replace(update, seq=row.seq))
        thread = Room(
            id=update.id,
            course=update.course,
            course_title=update.course_title,
            kind="thread",
            name=update.title,
            created_at=row.at,
        )
        await rooms.insert_many(db, [thread])
