"""What the bell of a notice's reader shows when it comes."""

from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from elearn.actions.notice_lists import Counts, count_notices
from elearn.events.notices import NoticeCreated, NoticesWithdrawn
from elearn.log.new_events import NewEvent
from elearn.models import users
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics


async def add_bell_counts(services: Services, drafts: Sequence[NewEvent]) -> None:
    """What comes and goes on a person's own topic says the counts with it; what does on a course's
    or its staff's cannot: each of their readers has other ones. What is gone counts no more before
    that is told."""
    before: dict[str, Counts] = {}
    told: Counter[str] = Counter()
    for draft in drafts:
        if topics.kind_of(draft.topic) != "user" or not isinstance(
            draft.data, NoticeCreated | NoticesWithdrawn
        ):
            continue
        user = topics.ident_of(draft.topic)
        if user not in before:
            before[user] = await _counts_of(services, user)
        told[user] += isinstance(draft.data, NoticeCreated)
        draft.data = replace(
            draft.data,
            unseen=before[user].unseen + told[user],
            unread=before[user].unread + told[user],
        )


async def _counts_of(services: Services, user: str) -> Counts:
    found = await users.find(services.db, user)
    return await count_notices(services, found.user if found else User(user, "", "student"))
