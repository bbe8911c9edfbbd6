"""Who may act at all, and as what."""

from elearn.errors import Forbidden, NotFound, Unauthenticated
from elearn.models import users
from elearn.models.database import Database
from elearn.models.ids import is_id
from elearn.nouns.people import Account, User


def require_user(user: User | None) -> User:
    if user is None:
        raise Unauthenticated("Sign in first.")
    return user


async def require_person(db: Database, user_id: str) -> Account:
    """Somebody whose profile everyone who is signed in may see."""
    account = await users.find(db, user_id) if is_id(user_id) else None
    if account is None:
        raise NotFound("There is no such person.")
    return account


def require_teacher(user: User | None) -> User:
    """For making courses; acts inside a course ask `courses.require_staff`."""
    asker = require_user(user)
    if asker.role not in ("teacher", "admin"):
        raise Forbidden("Only teachers can do this.")
    return asker


def require_admin(user: User | None) -> User:
    asker = require_user(user)
    if not asker.is_admin:
        raise Forbidden("Only admins can do this.")
    return asker
