"""Course updates: what teachers published."""

from datetime import datetime
from typing import Literal

import msgspec

from elearn.nouns.courses import CourseBrief
from elearn.nouns.people import Person
from elearn.rendering.texts import render

UpdateKind = Literal["announcement", "material", "change"]


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """The document; its thread's room has the same id."""

    id: str = msgspec.field(name="_id")
    course: str
    course_title: str
    kind: UpdateKind
    title: str
    body: str = ""
    link: str | None = None
    author: Person
    published_at: datetime
    edited_at: datetime | None = None
    seq: int = 0

    @property
    def url(self) -> str:
        return f"/updates/{self.id}"

    @property
    def course_brief(self) -> CourseBrief:
        return CourseBrief(self.course, self.course_title)


class UpdateNoun(msgspec.Struct, frozen=True, kw_only=True):
    """`room` is its thread and `messages` what was said there."""

    id: str
    course: CourseBrief
    kind: UpdateKind
    title: str
    body: str
    html: str
    link: str | None
    author: Person
    published_at: datetime
    edited_at: datetime | None
    room: str
    messages: int
    url: str

    @classmethod
    def of(cls, update: Update, messages: int = 0) -> "UpdateNoun":
        return cls(
            id=update.id,
            course=update.course_brief,
            kind=update.kind,
            title=update.title,
            body=update.body,
            html=render(update.body),
            link=update.link,
            author=update.author,
            published_at=update.published_at,
            edited_at=update.edited_at,
            room=update.id,
            messages=messages,
            url=update.url,
        )
