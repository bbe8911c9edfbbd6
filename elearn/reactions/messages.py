"""What follows from a chat message: who is told of it, and the day's first one in the feed."""

from typing import Any

from elearn import access
from elearn.log.new_events import NewEvent
from elearn.models import rooms
from elearn.models.events import Row
from elearn.reactions.derived import notice, posted
from elearn.rendering.excerpts import excerpt
from elearn.services import Services
from elearn.wire import topics


async def message_posted(services: Services, row: Row) -> list[NewEvent]:
    room = await rooms.find(services.db, row.topic.partition(":")[2])
    if room is None:
        return []
    author = row.data["author"]
    course = {"id": room["course"], "title": room["course_title"]} if room["course"] else None
    base = "/updates" if room["kind"] == "thread" else "/rooms"
    drafts = [
        notice(
            row,
            topics.user(user),
            kind=kind,
            title=f"{author['name']} {did}",
            body=excerpt(row.data["body"]),
            url=f"{base}/{room['_id']}/{row.seq}",
            actor=author,
            course=course,
        )
        for user, (kind, did) in _told(row, room).items()
        if await access.may_read(services.db, user, room["_id"])
    ]
    return drafts + _conversation_begun(services, row, room, course)


def _told(row: Row, room: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """By person the kind of notice and what the author did; a mention says more than the rest."""
    told = {}
    if room["kind"] == "direct":
        told = dict.fromkeys(room["users"], ("message.direct", "wrote to you"))
    elif reply := row.data["reply_to"]:
        told[reply["author"]["id"]] = ("message.reply", "replied to you")
    for person in row.data["mentions"]:
        told[person["id"]] = ("message.mention", "mentioned you")
    told.pop(row.data["author"]["id"], None)
    return told


def _conversation_begun(
    services: Services, row: Row, room: dict[str, Any], course: dict[str, Any] | None
) -> list[NewEvent]:
    """One feed item a room and day, but none of private rooms and threads."""
    if course is None or room["kind"] in ("private", "thread"):
        return []
    if not services.throttled.first_today(room["_id"], row.at, row.id):
        return []
    author = row.data["author"]
    draft = posted(
        row,
        kind="chat",
        title=f"started today's conversation in {room['name']}",
        body=excerpt(row.data["body"]),
        url=f"/rooms/{room['_id']}/{row.seq}",
        actor=author,
        course=course,
        author=author["id"],
    )
    draft.actor, draft.key = "system", f"{room['_id']}/chat/{row.at:%Y-%m-%d}"
    return [draft]
