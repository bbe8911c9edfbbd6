"""Who may read an update: those inside its course."""

from elearn.access.courses import require_inside
from elearn.errors import NotFound
from elearn.models import updates
from elearn.models.database import Database
from elearn.models.ids import is_id
from elearn.nouns.people import User
from elearn.nouns.updates import Update


async def require_update(db: Database, user: User, update_id: str) -> Update:
    update = await updates.find(db, update_id) if is_id(update_id) else None
    if update is None:
        raise NotFound("There is no such update.")
    try:
        await require_inside(db, user, update.course)
    except NotFound:
        raise NotFound("There is no such update.") from None
    return update
