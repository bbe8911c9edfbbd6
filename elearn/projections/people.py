"""What admins decided of an account."""

from collections.abc import Sequence

from elearn.events.base import RowOf
from elearn.events.people import AccountChanged
from elearn.models import users
from elearn.models.database import Database
from elearn.projections.table import projects
from elearn.wire.topics import ACCOUNTS


@projects(AccountChanged, on=[ACCOUNTS])
async def changed(db: Database, rows: Sequence[RowOf[AccountChanged]]) -> None:
    for row in rows:
        fields = {"role": row.data.user.role, "disabled": row.data.disabled}
        await users.set_at(db, row.data.user.id, row.seq, fields)
