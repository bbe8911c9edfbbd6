"""What follows from a chat message: who is told of it, and the day's first one in the feed."""

from typing import Any

from elearn import access
from elearn.actions.feed import feed_item
from elearn.log.drafts import Draft
from elearn.models import feed, rooms
from elearn.models.events import Row
from elearn.reactions.drafts import notice, posted
from elearn.rendering import excerpt
from elearn.services import Services
from elearn.ws import topics


async def message_posted(services: Services, row: Row) -> list[Draft]:
    room = await rooms.find(services.db, row.topic.partition(":")[2])
    if room is None:
        return []
    author, data = row.data["author"], row.data
    told: dict[str, tuple[str, str]] = {}
    if room["kind"] == "direct":
        for user in room["users"]:
            told[user] = ("message.direct", f"{author['name']} wrote to you")
    elif data["reply_to"]:
        told[data["reply_to"]["author"]["id"]] = (
            "message.reply",
            f"{author['name']} replied to you",
        )
    for person in data["mentions"]:
        told[person["id"]] = ("message.mention", f"{author['name']} mentioned you")
    told.pop(author["id"], None)
    course = {"id": room["course"], "title": room["course_title"]} if room["course"] else None
    base = "/updates" if room["kind"] == "thread" else "/rooms"
    drafts = [
        notice(
            row,
            topics.user(user),
            kind=kind,
            category="messages",
            title=title,
            body=excerpt(data["body"]),
            url=f"{base}/{room['_id']}/{row.seq}",
            actor=author,
            course=course,
        )
        for user, (kind, title) in told.items()
        if await access.may_read(services.db, user, room["_id"])
    ]
    return drafts + _conversation_begun(services, row, room, course)


def _conversation_begun(
    services: Services, row: Row, room: dict[str, Any], course: dict[str, Any] | None
) -> list[Draft]:
    """One feed item a room and day, but none of private rooms and threads."""
    if course is None or room["kind"] in ("private", "thread"):
        return []
    if not services.tellings.first_today(room["_id"], row.at, row.id):
        return []
    item = feed_item(
        "chat",
        row.data["author"],
        title=f"started today's conversation in {room['name']}",
        body=excerpt(row.data["body"]),
        course=course,
        url=f"/rooms/{room['_id']}/{row.seq}",
        order=feed.order(row.at, row.seq),
    )
    draft = posted(row, topics.course(course["id"]), item, row.data["author"]["id"])
    draft.actor, draft.key = "system", f"{room['_id']}/chat/{row.at:%Y-%m-%d}"
    return [draft]
