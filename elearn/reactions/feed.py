"""What follows from feedback on a course: its staff are told, an earlier one goes, and with each
that goes what was told of it."""

from elearn.actions.act import ANONYMOUS
from elearn.events.base import RowOf
from elearn.events.feed import FeedDeleted, FeedPosted
from elearn.log.new_events import NewEvent
from elearn.models import feed
from elearn.notices import kinds
from elearn.reactions import withdrawals
from elearn.reactions.derived import derived, notice, person_of
from elearn.reactions.table import follows
from elearn.services import Services
from elearn.wire import topics


@follows(FeedPosted, on=["course"])
async def posted(services: Services, row: RowOf[FeedPosted]) -> list[NewEvent]:
    item, author = row.data.item, await person_of(services, row.data.author)
    if item.kind != "feedback" or author is None:
        return []
    made = []
    if row.data.replaces:
        gone = derived(row, row.topic, FeedDeleted(id=row.data.replaces), "gone")
        gone.actor = ANONYMOUS  # the replaced one may have been without a name
        made.append(gone)
        made += await _withdrawn(services, row, row.data.replaces)
    now = await feed.find(services.db, row.id)
    if now is None or now.deleted_at is None:
        made.append(notice(row, topics.staff(row.about), kinds.of_feedback(item, author)))
    return made


@follows(FeedDeleted, on=["course"])
async def deleted(services: Services, row: RowOf[FeedDeleted]) -> list[NewEvent]:
    return await _withdrawn(services, row, row.data.id)


async def _withdrawn(
    services: Services, row: RowOf[FeedPosted | FeedDeleted], item: str
) -> list[NewEvent]:
    return await withdrawals.told_of_act(services, row, item, topics.staff(row.about))
