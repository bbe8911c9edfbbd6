"""What follows from a row of the log: copies on other topics, notices, feed items.

Everything made has a key derived from the row, so that doing it twice changes nothing.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from elearn import views
from elearn.actions.act import ANONYMOUS
from elearn.actions.feed import feed_item
from elearn.appender import Draft
from elearn.models import courses, enrollments, feed, rooms, users
from elearn.models.events import Row
from elearn.rendering import excerpt
from elearn.services import Services
from elearn.ws import topics

Reaction = Callable[[Services, Row], Awaitable[list[Draft]]]


async def react(services: Services, row: Row) -> list[Draft]:
    """What a row causes, as drafts with keys derived from it."""
    reaction = _REACTIONS.get((row.topic.partition(":")[0], row.event))
    return await reaction(services, row) if reaction else []


def _draft(row: Row, topic: str, event: str, data: dict[str, Any], name: str) -> Draft:
    """What follows from a row: it happened when the row did, however late it is made."""
    key = f"{row.id}/{name}"
    return Draft(topic, event, data, row.actor, key, "reaction", reacts=False, at=row.at)


def _copy(row: Row, topic: str, data: dict[str, Any], event: str | None = None) -> Draft:
    """The row's act as seen on another topic."""
    return _draft(row, topic, event or row.event, data, topic)


def _notice(
    row: Row,
    topic: str,
    *,
    kind: str,
    category: str,
    title: str,
    body: str = "",
    url: str,
    actor: dict[str, Any] | None,
    course: dict[str, Any] | None,
) -> Draft:
    notice = {
        "kind": kind,
        "category": category,
        "title": title,
        "body": body,
        "url": url,
        "actor": actor,
        "course": course,
    }
    return _draft(row, topic, "notification.created", {"notice": notice}, f"notice/{topic}")


def _item(row: Row, topic: str, item: dict[str, Any], author: str) -> Draft:
    return _draft(row, topic, "feed.posted", {"item": item, "author": author}, "feed")


async def _course_changed(services: Services, row: Row) -> list[Draft]:
    document = row.data["document"]
    drafts = []
    if row.event == "course.created" and not row.data.get("imported"):
        drafts += [_copy(row, topics.user(t), {"document": document}) for t in document["teachers"]]
    before, now = row.data.get("was_published", False), document["published"]
    if now or before:
        event = "course.updated" if now and before else None
        if not now:
            event = "course.withdrawn"
        elif not before:
            event = "course.created"
        # The first row of a course holds all of it: nothing is read for each line of an import.
        found = None if row.seq == 1 else await courses.find(services.db, document["_id"])
        course = views.course_card(found or document)
        data = {"course": course if now else {"id": document["_id"]}}
        drafts.append(_copy(row, topics.CATALOG, data, event))
    return drafts


async def _enrolled(services: Services, row: Row) -> list[Draft]:
    data = row.data
    course = {"id": data["course"], "title": data["title"]}
    person, topic = data["user"], topics.course(data["course"])
    found = await courses.find(services.db, data["course"])
    if found is not None and found["published"]:
        _tell_seats(services, data)
    own = _copy(row, topics.user(person["id"]), data)
    if row.event == "enrollment.left":
        return [own, *await _rooms_left(services, row)]
    item = feed_item(
        "enrollment",
        person,
        title="joined the course",
        course=course,
        url=f"/courses/{course['id']}/people",
        order=feed.order(row.at, row.seq),
    )
    return [
        own,
        _notice(
            row,
            topics.user(person["id"]),
            kind="enrollment.own",
            category="enrollment",
            title=f"You are enrolled in {course['title']}",
            url=f"/courses/{course['id']}",
            actor=None,
            course=course,
        ),
        _notice(
            row,
            topics.staff(course["id"]),
            kind="enrollment.new",
            category="enrollment",
            title=f"{person['name']} enrolled in {course['title']}",
            url=f"/courses/{course['id']}/people",
            actor=person,
            course=course,
        ),
        _item(row, topic, item, person["id"]),
    ]


async def _rooms_left(services: Services, row: Row) -> list[Draft]:
    """Who leaves a course leaves its rooms: coming back does not open a private one again."""
    person, course = row.data["user"], row.data["course"]
    memberships = {
        one["room"]: one for one in await rooms.find_memberships(services.db, person["id"])
    }
    found = await rooms.find_many(services.db, memberships)
    return [
        _draft(
            row,
            topics.room(room["_id"]),
            "room.left",
            {
                "room": room["_id"],
                "user": person,
                "role": memberships[room["_id"]]["role"],
                "members": max(0, room["members"] - 1),
                "course": course,
            },
            f"left/{room['_id']}",
        )
        for room in found.values()
        if room["course"] == course and room["kind"] in rooms.KINDS
    ]


def _tell_seats(services: Services, data: dict[str, Any]) -> None:
    services.tellings.offer(
        f"seats/{data['course']}",
        topics.CATALOG,
        "course.seats",
        {k: data[k] for k in ("course", "enrolled", "seats_left")},
    )


async def _room_changed(services: Services, row: Row) -> list[Draft]:
    document = row.data["document"]
    course = document["course"]
    if document["kind"] == "direct":
        return [_copy(row, topics.user(user), {"document": document}) for user in document["users"]]
    drafts = []
    shown_before = row.data.get("was", document["kind"]) != "private"
    if document["kind"] != "private":
        event = row.event if shown_before else "room.created"
        drafts.append(_copy(row, topics.course(course), {"document": document}, event))
    elif shown_before and "was" in row.data:
        hidden = {"room": {"id": document["_id"], "archived": True}}
        drafts.append(_copy(row, topics.course(course), hidden, "room.archived"))
    if document["kind"] == "private":
        members = await rooms.find_members(services.db, document["_id"], 1_000)
        people = await _still_inside(
            services, course, {one["user"] for one in members} | {document["owner"]}
        )
        drafts += [_copy(row, topics.user(user), {"document": document}) for user in people]
    elif row.event == "room.created":
        drafts.append(_copy(row, topics.user(row.actor), {"document": document}))
    if row.event == "room.created" and document["kind"] != "private":
        drafts += await _room_told(services, row, document)
    return drafts


async def _still_inside(services: Services, course_id: str, people: set[str]) -> set[str]:
    """Membership counts only while one is in the course (admins are in all)."""
    course = await courses.find(services.db, course_id)
    if course is None:
        return set()
    inside = people & set(course["teachers"])
    inside |= await enrollments.find_of_users(services.db, course_id, people - inside)
    others = await users.find_many(services.db, people - inside)
    return inside | {ident for ident, one in others.items() if one["role"] == "admin"}


async def _room_told(services: Services, row: Row, document: dict[str, Any]) -> list[Draft]:
    course = {"id": document["course"], "title": document["course_title"]}
    maker = await _person(services, row.actor)
    url = f"/rooms/{document['_id']}"
    item = feed_item(
        "room",
        maker,
        title=f"opened the room {document['name']}",
        body=document["description"],
        course=course,
        url=url,
        order=feed.order(row.at, row.seq),
    )
    return [
        _notice(
            row,
            topics.course(course["id"]),
            kind="room.created",
            category="rooms",
            title=f"New room: {document['name']}",
            body=document["description"],
            url=url,
            actor=maker,
            course=course,
        ),
        _item(row, topics.course(course["id"]), item, row.actor),
    ]


async def _person(services: Services, user: str) -> dict[str, Any] | None:
    found = await users.find(services.db, user)
    return views.person(found) if found else None


async def _membership_changed(services: Services, row: Row) -> list[Draft]:
    data = row.data
    drafts = [_copy(row, topics.user(data["user"]["id"]), data)]
    room = await rooms.find(services.db, data["room"])
    if room is None:
        return drafts
    if room["kind"] != "private":
        drafts.append(_copy(row, topics.course(room["course"]), data))
    if row.event == "room.joined" and row.actor != data["user"]["id"]:
        drafts.append(
            _notice(
                row,
                topics.user(data["user"]["id"]),
                kind="room.invited",
                category="rooms",
                title=f"You were added to the room {room['name']}",
                url=f"/rooms/{room['_id']}",
                actor=await _person(services, row.actor),
                course={"id": room["course"], "title": room["course_title"]},
            )
        )
    return drafts


async def _update_published(services: Services, row: Row) -> list[Draft]:
    update = views.update(row.data["document"])
    course = update["course"]
    item = feed_item(
        "update",
        update["author"],
        title=update["title"],
        body=excerpt(update["body"], 300),
        course=course,
        url=update["url"],
        order=feed.order(row.at, row.seq),
    )
    return [
        _notice(
            row,
            topics.course(course["id"]),
            kind="update.published",
            category="courses",
            title=update["title"],
            body=excerpt(update["body"]),
            url=update["url"],
            actor=update["author"],
            course=course,
        ),
        _item(row, topics.course(course["id"]), item, row.actor),
    ]


async def _message_posted(services: Services, row: Row) -> list[Draft]:
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
        _notice(
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
        if await _may_still_read(services, room, user)
    ]
    return drafts + _conversation_begun(services, row, room, course)


async def _may_still_read(services: Services, room: dict[str, Any], user: str) -> bool:
    if room["course"] is None:
        return True
    course = await courses.find(services.db, room["course"])
    if course is None:
        return False
    teaches = user in course["teachers"]
    if teaches and room["kind"] != "private":
        return True
    if not teaches and not await enrollments.find(services.db, course["_id"], user):
        return False
    return room["kind"] in rooms.OF_COURSE or bool(
        await rooms.find_membership(services.db, room["_id"], user)
    )


def _conversation_begun(
    services: Services, row: Row, room: dict[str, Any], course: dict[str, Any] | None
) -> list[Draft]:
    """One feed item a room and day, but none of private rooms and threads."""
    if course is None or room["kind"] in ("private", "thread"):
        return []
    if not services.tellings.first_today(room["_id"], row.at):
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
    draft = _item(row, topics.course(course["id"]), item, row.data["author"]["id"])
    draft.actor, draft.key = "system", f"{room['_id']}/chat/{row.at:%Y-%m-%d}"
    return [draft]


async def _feedback_given(services: Services, row: Row) -> list[Draft]:
    """The staff hear of feedback, and who stands behind an anonymous one."""
    item, author = row.data["item"], await _person(services, row.data["author"])
    if item["kind"] != "feedback" or author is None:
        return []
    course = item["course"]
    replaced = row.data.get("replaces")
    gone = [_draft(row, row.topic, "feed.deleted", {"id": replaced}, "gone")] if replaced else []
    for draft in gone:
        draft.actor = ANONYMOUS  # the replaced one may have been without a name
    hidden = " (without their name to the course)" if item["actor"] is None else ""
    stars = "1 star" if item["stars"] == 1 else f"{item['stars']} stars"
    return [
        *gone,
        _notice(
            row,
            topics.staff(course["id"]),
            kind="feedback.new",
            category="courses",
            title=f"{author['name']} gave {course['title']} {stars}{hidden}",
            body=excerpt(item["body"]),
            url=f"/courses/{course['id']}",
            actor=author,
            course=course,
        ),
    ]


async def _user_updated(services: Services, row: Row) -> list[Draft]:
    """A new name is seen where the person is seen: in their courses."""
    user = row.data["user"]["id"]
    inside = {one["course"] for one in await enrollments.find_of_user(services.db, user)}
    inside |= set(await courses.taught_ids(services.db, user, 64))
    told = {"user": row.data["user"]}
    return [_copy(row, topics.course(course), told) for course in sorted(inside)]


_REACTIONS: dict[tuple[str, str], Reaction] = {
    ("course", "course.created"): _course_changed,
    ("course", "course.updated"): _course_changed,
    ("course", "course.withdrawn"): _course_changed,
    ("course", "enrollment.enrolled"): _enrolled,
    ("course", "enrollment.left"): _enrolled,
    ("course", "update.published"): _update_published,
    ("course", "feed.posted"): _feedback_given,
    ("room", "room.created"): _room_changed,
    ("room", "room.updated"): _room_changed,
    ("room", "room.archived"): _room_changed,
    ("room", "room.joined"): _membership_changed,
    ("room", "room.left"): _membership_changed,
    ("room", "chat.posted"): _message_posted,
    ("user", "user.updated"): _user_updated,
}
