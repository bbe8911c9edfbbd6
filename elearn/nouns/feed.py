"""Items of the activity feed."""

from datetime import datetime

import msgspec

from elearn.nouns.courses import CourseBrief
from elearn.nouns.people import Person
from elearn.rendering.texts import render


class ItemContent(msgspec.Struct, frozen=True, kw_only=True):
    """What an item says; `order` grows with time over all topics, and pages go by it. `actor` is
    None where peers may not know who it was."""

    kind: str
    actor: Person | None
    course: CourseBrief | None = None
    title: str
    body: str = ""
    url: str = ""
    stars: int | None = None
    visibility: str = "course"
    order: int


class Item(ItemContent, frozen=True, kw_only=True):
    """The document: where it was posted (`topic`) and by whom (`author`, an id)."""

    id: str = msgspec.field(name="_id")
    topic: str
    author: str
    at: datetime
    seq: int
    deleted_at: datetime | None = None


class ItemNoun(ItemContent, frozen=True, kw_only=True):
    """A deleted one keeps its place alone."""

    id: str
    html: str
    at: datetime
    deleted_at: datetime | None = None

    @classmethod
    def of(cls, item: Item) -> "ItemNoun":
        return cls.posted(item, item.id, item.at, item.deleted_at)

    @classmethod
    def posted(
        cls, item: ItemContent, ident: str, at: datetime, deleted_at: datetime | None = None
    ) -> "ItemNoun":
        if deleted_at is not None:
            item = ItemContent(kind=item.kind, actor=None, title="", order=item.order)
        content = {name: getattr(item, name) for name in ItemContent.__struct_fields__}
        html = render(item.body) if item.body else ""
        return cls(**content, id=ident, html=html, at=at, deleted_at=deleted_at)


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """The document: a person's one opinion of a course, `_id` course/author. `item` is the item
    that says it; `stars` is None when that was deleted."""

    id: str = msgspec.field(name="_id")
    item: str | None = None
    stars: int | None = None
    seq: int = 0

    @property
    def counted(self) -> bool:
        return self.stars is not None
