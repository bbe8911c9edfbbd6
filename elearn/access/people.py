"""Who may act at all, and as what."""

from elearn.errors import Forbidden, Unauthenticated
from elearn.nouns.people import User


def require_user(user: User | None) -> User:
    if user is None:
        raise Unauthenticated("Sign in first.")
    return user


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
