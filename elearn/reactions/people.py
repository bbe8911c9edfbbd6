"""What follows from a change of a person."""

from elearn.drafts import Draft
from elearn.models import courses, enrollments
from elearn.models.events import Row
from elearn.reactions.drafts import copied
from elearn.services import Services
from elearn.ws import topics


async def user_updated(services: Services, row: Row) -> list[Draft]:
    """A new name is seen where the person is seen: in their courses."""
    user = row.data["user"]["id"]
    inside = {one["course"] for one in await enrollments.find_of_user(services.db, user)}
    inside |= set(await courses.taught_ids(services.db, user, 64))
    told = {"user": row.data["user"]}
    return [copied(row, topics.course(course), told) for course in sorted(inside)]
