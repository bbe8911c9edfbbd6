"""How far somebody read a room."""

from collections.abc import Sequence

from elearn.events.base import RowOf
from elearn.events.chat import ChatRead
from elearn.models import marks
from elearn.models.database import Database
from elearn.projections.table import projects
from elearn.wire import topics


@projects(ChatRead, on=["user"])
async def read(db: Database, rows: Sequence[RowOf[ChatRead]]) -> None:
    await marks.move(
        db, [(row.about, topics.room(row.data.room), row.data.seq, row.data.n) for row in rows]
    )
