"""What follows from a published update: the course is told, and its feed shows it."""

from elearn.events.base import RowOf
from elearn.events.updates import UpdatePublished
from elearn.log.new_events import NewEvent
from elearn.notices import kinds
from elearn.reactions.derived import notice, posted
from elearn.reactions.table import follows
from elearn.rendering.excerpts import excerpt
from elearn.services import Services
from elearn.wire import topics


@follows(UpdatePublished, on=["course"])
async def published(services: Services, row: RowOf[UpdatePublished]) -> list[NewEvent]:
    update = row.data.document
    return [
        notice(row, topics.course(update.course), kinds.of_update(update)),
        posted(
            row,
            update.course_brief,
            row.actor,
            kind="update",
            actor=update.author,
            title=update.title,
            body=excerpt(update.body, 300),
            url=update.url,
        ),
    ]
