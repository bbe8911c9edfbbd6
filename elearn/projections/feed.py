"""Items of the feed, and what they make of a course's stars."""

from collections.abc import Sequence

from elearn.events.base import RowOf
from elearn.events.feed import FeedDeleted, FeedPosted, Total
from elearn.models import courses, feed
from elearn.models.database import Database
from elearn.nouns.feed import Feedback, Item, ItemContent
from elearn.projections.table import projects


@projects(FeedPosted, on=["course", "user"])
async def posted(db: Database, rows: Sequence[RowOf[FeedPosted]]) -> None:
    await feed.insert_many(db, [_item(row) for row in rows])
    for row in rows:
        if row.data.total is not None:
            await _feedback_given(db, row, row.data.total)


def _item(row: RowOf[FeedPosted]) -> Item:
    content = {name: getattr(row.data.item, name) for name in ItemContent.__struct_fields__}
    return Item(
        **content, id=row.id, topic=row.topic, author=row.data.author, at=row.at, seq=row.seq
    )


async def _feedback_given(db: Database, row: RowOf[FeedPosted], total: Total) -> None:
    feedback = Feedback(
        id=feed.feedback_id(row.about, row.data.author),
        item=row.id,
        stars=row.data.item.stars,
        seq=row.seq,
    )
    await feed.put_feedback(db, feedback)
    await _rated(db, row.about, row.seq, total)


async def _rated(db: Database, course: str, seq: int, total: Total) -> None:
    await courses.set_at(db, course, seq, {"ratings": total.count, "stars": total.stars})


@projects(FeedDeleted, on=["course", "user"])
async def deleted(db: Database, rows: Sequence[RowOf[FeedDeleted]]) -> None:
    for row in rows:
        await feed.mark_deleted(db, row.data.id, row.at)
        if (total := row.data.total) is not None:
            item = (await feed.find_many(db, [row.data.id]))[row.data.id]
            await feed.uncount_feedback(db, row.about, item.author, row.seq)
            await _rated(db, row.about, row.seq, total)
