"""What follows from feedback on a course: its staff are told, and an earlier one goes."""

from elearn.actions.act import ANONYMOUS
from elearn.events.base import RowOf
from elearn.events.feed import FeedDeleted, FeedPosted
from elearn.log.new_events import NewEvent
from elearn.notices import kinds
from elearn.reactions.derived import derived, notice, person_of
from elearn.reactions.table import follows
from elearn.services import Services
from elearn.wire import topics


@follows(FeedPosted, on=["course"])
async def posted(services: Services, row: RowOf[FeedPosted]) -> list[NewEvent]:
    item, author = row.data.item, await person_of(services, row.data.author)
    if item.kind != "feedback" or author is None:
        return []
    made = [notice(row, topics.staff(row.about), kinds.of_feedback(item, author))]
    if row.data.replaces:
        gone = derived(row, row.topic, FeedDeleted(id=row.data.replaces), "gone")
        gone.actor = ANONYMOUS  # the replaced one may have been without a name
        made.insert(0, gone)
    return made
