"""The nouns of the wire, from documents and rows: the same shapes on the socket, over HTTP and in
pages. Nothing here reads the store."""

from collections.abc import Callable, Mapping
from typing import Any

from elearn.models.events import Row
from elearn.rendering.texts import render, render_message

Noun = dict[str, Any]

# Events on a person's own topic after which their connections ask again what they may hear.
_RIGHTS_EVENTS = frozenset(
    {
        "session.ended",
        "user.updated",
        "enrollment.enrolled",
        "enrollment.left",
        "course.created",
        "room.created",
        "room.joined",
        "room.left",
    }
)


def changes_rights(row: Row) -> bool:
    """Whether connections on the row's topic have to ask again. On a shared topic only rows that
    say so: everyone there asking for every change would be a stampede."""
    if row.topic.startswith("user:"):
        return row.event in _RIGHTS_EVENTS
    return row.data.get("rights") is True


def person(user: Mapping[str, Any]) -> Noun:
    return {"id": user["_id"], "name": user["name"], "role": user["role"]}


def standing(user: Mapping[str, Any]) -> Noun:
    """What a `user.updated` on the person's own topic holds when it acts on their rights."""
    return {
        "user": person(user),
        "invisible": user.get("invisible", False),
        "disabled": user.get("disabled", False),
        "rights": True,
    }


def profile(user: Mapping[str, Any]) -> Noun:
    return {
        **person(user),
        "about": user["about"],
        "about_html": render(user["about"]),
        "created_at": user["created_at"],
    }


def me(user: Mapping[str, Any]) -> Noun:
    return {
        **profile(user),
        "email": user["email"],
        "timezone": user["timezone"],
        "invisible": user.get("invisible", False),
    }


def seats_left(course: Mapping[str, Any]) -> int | None:
    capacity = course["capacity"]
    return None if capacity is None else max(0, capacity - course["enrolled"])


def course_card(course: Mapping[str, Any]) -> Noun:
    """A course in a list: all but its description."""
    return {
        "id": course["_id"],
        "code": course["code"],
        "title": course["title"],
        "summary": course["summary"],
        "subject": course["subject"],
        "level": course["level"],
        "language": course["language"],
        "capacity": course["capacity"],
        "enrolled": course["enrolled"],
        "seats_left": seats_left(course),
        "published": course["published"],
        "needs_key": bool(course["enrollment_key"]),
        "opens_at": course["opens_at"],
        "closes_at": course["closes_at"],
        "teachers": [
            {"id": user, "name": name, "role": "teacher"}
            for user, name in zip(course["teachers"], course["teacher_names"], strict=True)
        ],
        "rating": rating(course),
        "created_at": course["created_at"],
        "updated_at": course["updated_at"],
    }


def rating(course: Mapping[str, Any]) -> Noun:
    """`{average, count}` of the feedback; `average` is None without any."""
    return _rating(course.get("ratings", 0), course.get("stars", 0))


def _rating(count: int, stars: int) -> Noun:
    return {"average": round(stars / count, 1) if count else None, "count": count}


def course(course: Mapping[str, Any]) -> Noun:
    return {
        **course_card(course),
        "description": course["description"],
        "description_html": render(course["description"]),
    }


def course_brief(course: Mapping[str, Any]) -> Noun:
    return {"id": course["_id"], "title": course["title"]}


def room(room: Mapping[str, Any], course: Mapping[str, Any] | None = None) -> Noun:
    of_course = course_brief(course) if course else None
    if of_course is None and room["course"]:
        of_course = {"id": room["course"], "title": room["course_title"]}
    return {
        "id": room["_id"],
        "course": of_course,
        "name": room["name"],
        "description": room["description"],
        "kind": room["kind"],
        "archived": room["archived"],
        "members": _members(room, course),
        "created_at": room["created_at"],
        "url": f"/updates/{room['_id']}" if room["kind"] == "thread" else f"/rooms/{room['_id']}",
    }


def _members(room: Mapping[str, Any], course: Mapping[str, Any] | None) -> int:
    """In a course's own room and its threads are all who are in the course, teachers included."""
    if course is None or room["kind"] not in ("course", "thread"):
        return int(room["members"])
    return int(course["enrolled"]) + len(course["teachers"])


def message(row: Row) -> Noun:
    data = row.data
    deleted = data["deleted_at"] is not None
    body = "" if deleted else data["body"]
    return {
        "id": row.id,
        "room": row.topic.partition(":")[2],
        "seq": row.seq,
        "author": data["author"],
        "body": body,
        "html": render_message(body, data["mentions"]) if body else "",
        "reply_to": data["reply_to"],
        "files": [] if deleted else data["files"],
        "reactions": data["reactions"],
        "mentions": data["mentions"],
        "key": row.key,
        "created_at": row.at,
        "edited_at": data["edited_at"],
        "deleted_at": data["deleted_at"],
    }


def update(update: Mapping[str, Any], messages: int = 0) -> Noun:
    return {
        "id": update["_id"],
        "course": {"id": update["course"], "title": update["course_title"]},
        "kind": update["kind"],
        "title": update["title"],
        "body": update["body"],
        "html": render(update["body"]),
        "link": update["link"],
        "author": update["author"],
        "published_at": update["published_at"],
        "edited_at": update["edited_at"],
        "room": update["_id"],
        "messages": messages,
        "url": f"/updates/{update['_id']}",
    }


def notice(row: Row, *, seen: bool = False, read: bool = False) -> Noun:
    return {
        "id": row.id,
        "topic": row.topic,
        "seq": row.seq,
        **row.data["notice"],
        "at": row.at,
        "seen": seen,
        "read": read,
    }


def item(item: Mapping[str, Any]) -> Noun:
    """A feed item; `order` is what `feed.list` pages by."""
    return {
        "id": item["_id"],
        "kind": item["kind"],
        "actor": item["actor"],
        "course": item["course"],
        "title": item["title"],
        "body": item["body"],
        "html": render(item["body"]) if item["body"] else "",
        "url": item["url"],
        "stars": item["stars"],
        "visibility": item["visibility"],
        "at": item["at"],
        "order": item["order"],
        "deleted_at": item["deleted_at"],
    }


def _item_row(row: Row) -> Noun:
    from_row = {**row.data["item"], "_id": row.id, "at": row.at, "deleted_at": None}
    return {"item": item(from_row), **_moved_rating(row)}


def _moved_rating(row: Row) -> Noun:
    """What the course's feedback comes to with this row, where the row changes it."""
    total = row.data.get("total")
    return {"rating": _rating(total["count"], total["stars"])} if total else {}


_PUSHED: dict[str, Callable[[Row], Noun]] = {
    "chat.posted": lambda row: {"message": message(row)},
    "notification.created": lambda row: {**row.data, "notice": notice(row)},
    "feed.posted": _item_row,
    "feed.deleted": lambda row: {"id": row.data["id"], **_moved_rating(row)},
}


def data(row: Row) -> Noun:
    """What a push's `data` holds. A document in a row is the store's, and never leaves as such."""
    if (build := _PUSHED.get(row.event)) is not None:
        return build(row)
    if "document" not in row.data:
        return row.data
    kind = row.event.partition(".")[0]
    rest = {name: value for name, value in row.data.items() if name != "document"}
    return {kind: _DOCUMENTS[kind](row.data["document"]), **rest}


def push(row: Row) -> Noun:
    return {
        "push": row.event,
        "topic": row.topic,
        "data": data(row),
        "seq": row.seq,
        "n": row.n,
        "at": row.at,
        "actor": row.actor,
    }


_DOCUMENTS: dict[str, Callable[[Any], Noun]] = {
    "course": course_card,
    "room": room,
    "update": update,
}
