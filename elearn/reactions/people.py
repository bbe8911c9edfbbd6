"""What follows from a change of a person."""

from elearn import views
from elearn.actions.accounts import session_ended
from elearn.log.new_events import NewEvent
from elearn.models import courses, enrollments, sessions, users
from elearn.models.events import Row
from elearn.reactions.derived import copied
from elearn.services import Services
from elearn.wire import topics


async def standing_changed(services: Services, row: Row) -> list[NewEvent]:
    """The person's connections hear what they are now; a disabled account has none any more."""
    user = await users.find(services.db, row.data["user"]["id"])
    if user is None:
        return []
    drafts = [copied(row, topics.user(user["_id"]), views.standing(user))]
    if users.is_disabled(user):
        ended = await sessions.end_all(services.db, user["_id"], row.at)
        drafts += [session_ended(user["_id"], session) for session in ended]
    return drafts + (await user_updated(services, row) if row.data["was"] != user["role"] else [])


async def user_updated(services: Services, row: Row) -> list[NewEvent]:
    """A new name or role is seen where the person is seen: in their courses."""
    user = row.data["user"]["id"]
    inside = {one["course"] for one in await enrollments.find_of_user(services.db, user)}
    inside |= set(await courses.taught_ids(services.db, user, 64))
    told = {"user": row.data["user"]}
    return [copied(row, topics.course(course), told) for course in sorted(inside)]
