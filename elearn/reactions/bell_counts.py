"""What the bell of a notice's reader shows when it comes."""

from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from elearn.actions.notifications import Counts, count_notices
from elearn.events.notices import NoticeCreated
from elearn.log.new_events import NewEvent
from elearn.models import users
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics


async def add_bell_counts(services: Services, drafts: Sequence[NewEvent]) -> None:
    """Notices on a person's own topic say the counts with them; those of a course and of its
    staff cannot: each of their readers has other ones."""
    before: dict[str, Counts] = {}
    told: Counter[str] = Counter()
    for draft in drafts:
        if topics.kind_of(draft.topic) != "user" or not isinstance(draft.data, NoticeCreated):
            continue
        user = topics.ident_of(draft.topic)
        if user not in before:
            before[user] = await _counts_of(services, user)
        told[user] += 1
        draft.data = replace(
            draft.data,
            unseen=before[user].unseen + told[user],
            unread=before[user].unread + told[user],
        )


async def _counts_of(services: Services, user: str) -> Counts:
    found = await users.find(services.db, user)
    return await count_notices(services, found.user if found else User(user, "", "student"))
