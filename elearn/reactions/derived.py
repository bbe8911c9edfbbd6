"""What reactions make, as new events: copies, notices, feed items, with keys derived from their
row."""

from typing import Any

from elearn.events.base import Event, Row
from elearn.events.feed import FeedPosted
from elearn.events.notices import NoticeCreated
from elearn.log.new_events import NewEvent
from elearn.models import feed, users
from elearn.nouns.courses import CourseBrief
from elearn.nouns.feed import ItemContent
from elearn.nouns.notices import NoticeContent
from elearn.nouns.people import Person
from elearn.services import Services
from elearn.wire import topics


def derived(row: Row, topic: str, event: Event, name: str) -> NewEvent:
    """What follows from a row: it happened when the row did, however late it is made."""
    key = derived_key(row.id, name)
    return NewEvent(topic, event, row.actor, key, "reaction", reacts=False, at=row.at)


def derived_key(row: str, name: str) -> str:
    return f"{row}/{name}"


def copied(row: Row, topic: str, event: Event | None = None) -> NewEvent:
    """The row's act as seen on another topic."""
    return derived(row, topic, event or row.data, topic)


def notice(row: Row, topic: str, content: NoticeContent) -> NewEvent:
    return derived(row, topic, NoticeCreated(notice=content), _NOTICE + topic)


_NOTICE = "notice/"


def notice_key(act: str, topic: str) -> str:
    """Of the notice that a topic got of an act."""
    return f"{act}/{_NOTICE}{topic}"


def posted(
    row: Row, course: CourseBrief, author: str, *, kind: str, actor: Person | None, **says: Any
) -> NewEvent:
    """An item of the course's feed; `says` are the other fields of its content."""
    content = ItemContent(
        kind=kind, actor=actor, course=course, order=feed.order(row.at, row.seq), **says
    )
    event = FeedPosted(item=content, author=author)
    return derived(row, topics.course(course.id), event, "feed")


async def person_of(services: Services, user: str) -> Person | None:
    found = await users.find(services.db, user)
    return found.person if found else None
