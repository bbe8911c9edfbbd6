"""What is new to somebody since they were last here, by course: what they have not read of what
they were told. Unread messages stand in the side bar and are not repeated here."""

from datetime import datetime

import msgspec

from elearn.access.updates import require_update
from elearn.actions import notice_lists, notifications
from elearn.actions.act import Act
from elearn.models import updates
from elearn.notices.kinds import ENROLLMENT_NEW, UPDATE_PUBLISHED, Kind
from elearn.nouns.notices import NoticeNoun
from elearn.nouns.people import User
from elearn.nouns.updates import Update, UpdateKind
from elearn.services import Services
from elearn.wire import topics

LOOKED_AT = 100


class NewUpdate(msgspec.Struct, frozen=True):
    """`notice` is the id of that by which it was told."""

    id: str
    notice: str
    kind: UpdateKind
    title: str
    url: str
    published_at: datetime

    @classmethod
    def of(cls, update: Update, notice: str) -> "NewUpdate":
        return cls(update.id, notice, update.kind, update.title, update.url, update.published_at)


class CourseNews(msgspec.Struct):
    """The updates that are new, and the notices of those who enrolled."""

    updates: list[NewUpdate]
    enrolled: list[str]


async def find_news(services: Services, user: User) -> dict[str, CourseNews]:
    """By course; a course without any is left out."""
    told = await _unread(services, user, UPDATE_PUBLISHED)
    idents = [_update_of(one) for one in told]
    found = await updates.find_many(services.db, idents)
    news: dict[str, CourseNews] = {}
    for one, ident in zip(told, idents, strict=True):
        if one.course is not None and (update := found.get(ident)):
            of_course = news.setdefault(one.course.id, CourseNews([], []))
            of_course.updates.append(NewUpdate.of(update, one.id))
    for one in await _unread(services, user, ENROLLMENT_NEW):
        if one.course is not None:
            news.setdefault(one.course.id, CourseNews([], [])).enrolled.append(one.id)
    return news


def _update_of(notice: NoticeNoun) -> str:
    return notice.url.rpartition("/")[2]


async def _unread(services: Services, user: User, kind: Kind) -> list[NoticeNoun]:
    page = await notice_lists.list_notices(
        services, user, category=kind.category, unread=True, limit=LOOKED_AT
    )
    return [one for one in page.notices if one.kind == kind.name]


async def new_updates(services: Services, user: User, course_id: str) -> list[str]:
    """The ids of a course's updates that are new to somebody."""
    told = await _unread(services, user, UPDATE_PUBLISHED)
    return [_update_of(one) for one in told if one.course and one.course.id == course_id]


async def mark_update(services: Services, act: Act, update_id: str) -> None:
    """It was on screen: what told of it is read. Old ones are news to nobody."""
    update = await require_update(services.db, act.user, update_id)
    topic = topics.course(update.course)
    page = (await services.newest_notices.newest([topic])).get(topic)
    told = [
        row.id
        for row in (page.rows if page else ())
        if row.data.notice.url == update.url and row.actor != act.user.id
    ]
    if told:
        await notifications.mark_read(services, act, ids=told)
