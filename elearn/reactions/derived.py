"""What reactions make, as drafts: copies, notices, feed items, with keys derived from their row."""

from typing import Any

from elearn import views
from elearn.actions.feed import feed_item
from elearn.log.new_events import NewEvent
from elearn.models import feed, users
from elearn.models.events import Row
from elearn.services import Services
from elearn.wire import topics

_CATEGORIES = {
    "message": "messages",
    "update": "courses",
    "feedback": "courses",
    "room": "rooms",
    "enrollment": "enrollment",
}


def derived(row: Row, topic: str, event: str, data: dict[str, Any], name: str) -> NewEvent:
    """What follows from a row: it happened when the row did, however late it is made."""
    key = f"{row.id}/{name}"
    return NewEvent(topic, event, data, row.actor, key, "reaction", reacts=False, at=row.at)


def copied(row: Row, topic: str, data: dict[str, Any], event: str | None = None) -> NewEvent:
    """The row's act as seen on another topic."""
    return derived(row, topic, event or row.event, data, topic)


def notice(
    row: Row,
    topic: str,
    *,
    kind: str,
    title: str,
    body: str = "",
    url: str,
    actor: dict[str, Any] | None,
    course: dict[str, Any] | None,
) -> NewEvent:
    content = {
        "kind": kind,
        "category": _CATEGORIES[kind.partition(".")[0]],
        "title": title,
        "body": body,
        "url": url,
        "actor": actor,
        "course": course,
    }
    return derived(row, topic, "notification.created", {"notice": content}, f"notice/{topic}")


def posted(
    row: Row,
    *,
    kind: str,
    title: str,
    body: str = "",
    url: str,
    actor: dict[str, Any] | None,
    course: dict[str, Any],
    author: str,
) -> NewEvent:
    """An item of the course's feed."""
    order = feed.order(row.at, row.seq)
    item = feed_item(kind, actor, title=title, body=body, course=course, url=url, order=order)
    data = {"item": item, "author": author}
    return derived(row, topics.course(course["id"]), "feed.posted", data, "feed")


async def person_of(services: Services, user: str) -> dict[str, Any] | None:
    found = await users.find(services.db, user)
    return views.person(found) if found else None
