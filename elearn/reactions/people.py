"""What follows from a change of a person."""

from elearn.access.courses import taught_ids
from elearn.actions.accounts import own_rights, session_ended
from elearn.events.base import RowOf
from elearn.events.people import (
    AccountChanged,
    MemberUpdated,
    PersonChange,
    ProfileUpdated,
    UserUpdated,
)
from elearn.log.new_events import NewEvent
from elearn.models import courses, enrollments, sessions, users
from elearn.nouns.people import Account, ProfileNoun
from elearn.reactions import staff
from elearn.reactions.derived import copied
from elearn.reactions.table import follows
from elearn.services import Services
from elearn.wire import topics


@follows(AccountChanged, on=[topics.ACCOUNTS])
async def account_changed(services: Services, row: RowOf[AccountChanged]) -> list[NewEvent]:
    """The person's connections hear what they are now; a disabled account has none any more."""
    account = await users.find(services.db, row.data.user.id)
    if account is None:
        return []
    made = [copied(row, topics.user(account.id), own_rights(account)), _profile(row, account)]
    if account.disabled:
        ended = await sessions.end_all(services.db, account.id, row.at)
        made += [session_ended(account.id, session) for session in ended]
    made += await staff.left_rooms(services, row, [account.id])
    if row.data.was == "student":
        taught = await taught_ids(services.db, account.user)
        await staff.begin(services, [account.id], taught)
    return made + (await _told_to_courses(services, row) if row.data.was != account.role else [])


@follows(UserUpdated, on=["user"])
async def user_updated(services: Services, row: RowOf[UserUpdated]) -> list[NewEvent]:
    account = await users.find(services.db, row.about)
    if account is None:
        return []
    told = [] if row.data.renamed is False else await _told_to_courses(services, row)
    return [_profile(row, account), *told]


def _profile(row: RowOf[PersonChange], account: Account) -> NewEvent:
    """To those who look at it: as it is now."""
    told = ProfileUpdated(user=ProfileNoun.of(account))
    return copied(row, topics.person(account.id), told)


async def _told_to_courses(services: Services, row: RowOf[PersonChange]) -> list[NewEvent]:
    """A new name or role is seen where the person is seen: in their courses."""
    user = row.data.user.id
    inside = {one.course for one in await enrollments.find_of_user(services.db, user)}
    inside |= set(await courses.taught_ids(services.db, user, 64))
    told = MemberUpdated(user=row.data.user)
    return [copied(row, topics.course(course), told) for course in sorted(inside)]
