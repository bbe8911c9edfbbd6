"""Who may listen to a topic, and from where on: the same answer as for a fresh join."""

from elearn.access.courses import is_staff, require_inside, require_staff
from elearn.access.people import require_person, require_user
from elearn.access.rooms import require_room
from elearn.errors import Forbidden, InvalidField
from elearn.models import enrollments
from elearn.models.database import Database
from elearn.nouns.people import User
from elearn.wire import topics


async def require_topic(db: Database, user: User | None, topic: str) -> int:
    """`since`: what a subscriber may see of the topic comes above it."""
    named = topics.split(topic)
    if named is None:
        raise InvalidField("There is no such kind of topic.", field="topic")
    kind, ident = named
    if kind == topics.CATALOG:
        return 0
    return await _of_kind(db, require_user(user), kind, ident)


async def _of_kind(db: Database, asker: User, kind: str, ident: str) -> int:
    if kind == "user":
        if ident != asker.id:
            raise Forbidden("This is somebody else's topic.")
        return 0
    if kind == "person":
        await require_person(db, ident)
        return 0
    if kind == "room":
        return (await require_room(db, asker, ident)).since
    if kind == "staff":
        await require_staff(db, asker, ident)
        return 0
    course = await require_inside(db, asker, ident)
    enrollment = None
    if not is_staff(asker, course):
        enrollment = await enrollments.find(db, ident, asker.id)
    return enrollment.since if enrollment else 0
