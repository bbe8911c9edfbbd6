"""What follows from changes of a room and of who is in it."""

from typing import Any

from elearn import access
from elearn.log.new_events import NewEvent
from elearn.models import courses, enrollments, rooms, users
from elearn.models.events import Row
from elearn.reactions.derived import copied, notice, person_of, posted
from elearn.services import Services
from elearn.wire import topics


async def room_changed(services: Services, row: Row) -> list[NewEvent]:
    document = row.data["document"]
    course = document["course"]
    if document["kind"] == "direct":
        return [
            copied(row, topics.user(user), {"document": document}) for user in document["users"]
        ]
    drafts = []
    shown_before = row.data.get("was", document["kind"]) != "private"
    if document["kind"] != "private":
        event = row.event if shown_before else "room.created"
        drafts.append(copied(row, topics.course(course), {"document": document}, event))
    elif shown_before and "was" in row.data:
        hidden = {"room": {"id": document["_id"], "archived": True}}
        drafts.append(copied(row, topics.course(course), hidden, "room.archived"))
    if document["kind"] == "private":
        async for some in rooms.members_in_pages(services.db, document["_id"]):
            people = await _still_inside(services, course, some)
            drafts += [copied(row, topics.user(user), {"document": document}) for user in people]
    elif row.event == "room.created":
        drafts.append(copied(row, topics.user(row.actor), {"document": document}))
    if row.event == "room.created" and document["kind"] != "private":
        drafts += await _room_told(services, row, document)
    return drafts


async def _still_inside(services: Services, course_id: str, people: set[str]) -> set[str]:
    """Membership counts only while one is in the course (admins are in all)."""
    course = await courses.find(services.db, course_id)
    if course is None:
        return set()
    inside = await enrollments.find_of_users(services.db, course_id, people)
    others = await users.find_many(services.db, people - inside)
    return inside | {
        ident for ident, one in others.items() if access.is_staff(access.user_of(one), course)
    }


async def _room_told(services: Services, row: Row, document: dict[str, Any]) -> list[NewEvent]:
    course = {"id": document["course"], "title": document["course_title"]}
    maker = await person_of(services, row.actor)
    url = f"/rooms/{document['_id']}"
    return [
        notice(
            row,
            topics.course(course["id"]),
            kind="room.created",
            title=f"New room: {document['name']}",
            body=document["description"],
            url=url,
            actor=maker,
            course=course,
        ),
        posted(
            row,
            kind="room",
            title=f"opened the room {document['name']}",
            body=document["description"],
            url=url,
            actor=maker,
            course=course,
            author=row.actor,
        ),
    ]


async def membership_changed(services: Services, row: Row) -> list[NewEvent]:
    data = row.data
    drafts = [copied(row, topics.user(data["user"]["id"]), data)]
    room = await rooms.find(services.db, data["room"])
    if room is None:
        return drafts
    if room["kind"] != "private":
        drafts.append(copied(row, topics.course(room["course"]), data))
    if row.event == "room.joined" and row.actor != data["user"]["id"]:
        drafts.append(
            notice(
                row,
                topics.user(data["user"]["id"]),
                kind="room.invited",
                title=f"You were added to the room {room['name']}",
                url=f"/rooms/{room['_id']}",
                actor=await person_of(services, row.actor),
                course={"id": room["course"], "title": room["course_title"]},
            )
        )
    return drafts
