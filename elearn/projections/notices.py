"""What a person has seen and read."""

from collections.abc import Sequence

from elearn.events.base import RowOf
from elearn.events.notices import NoticesRead
from elearn.models import notice_states
from elearn.models.database import Database
from elearn.projections.table import projects


@projects(NoticesRead, on=["user"])
async def read(db: Database, rows: Sequence[RowOf[NoticesRead]]) -> None:
    await notice_states.put(db, [(row.about, row.seq, row.data.topics) for row in rows])
