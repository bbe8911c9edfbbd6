"""Items of the feed come and go."""

from typing import Any

import msgspec

from elearn.events.base import Event, RowOf, Subject, event
from elearn.nouns.courses import Rating
from elearn.nouns.feed import ItemContent, ItemNoun


class Total(msgspec.Struct, frozen=True):
    """The number and the sum of a course's feedback."""

    count: int
    stars: int

    @property
    def rating(self) -> Rating:
        return Rating.of(self.count, self.stars)


class ItemTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """`rating` is there where the course's moved."""

    item: ItemNoun
    rating: Rating | None = None


class ItemGone(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    rating: Rating | None = None


@event("feed.posted", "course", "user")
class FeedPosted(Event, frozen=True, kw_only=True):
    """`author` is who is behind it, also where the item does not say so; `replaces` the item of
    the feedback that it takes the place of. Neither is told."""

    item: ItemContent
    author: str
    total: Total | None = None
    replaces: str | None = None

    def told(self, row: RowOf[Any]) -> ItemTold:
        rating = self.total.rating if self.total else None
        return ItemTold(ItemNoun.posted(self.item, row.id, row.at), rating)

    def subject(self, row: RowOf[Any]) -> Subject | None:
        return Subject("item", row.id)


@event("feed.deleted", "course", "user")
class FeedDeleted(Event, frozen=True, kw_only=True):
    id: str
    total: Total | None = None

    def told(self, row: RowOf[Any]) -> ItemGone:
        return ItemGone(self.id, self.total.rating if self.total else None)
