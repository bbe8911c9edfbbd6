"""What follows from the acts in a course: changes of it, enrolments, updates, feedback."""

from contextlib import suppress
from functools import partial
from typing import Any

from elearn import views
from elearn.actions.act import ANONYMOUS
from elearn.log.new_events import NewEvent
from elearn.models import courses, rooms
from elearn.models.events import Row
from elearn.reactions.derived import copied, derived, notice, person_of, posted
from elearn.rendering.excerpts import excerpt
from elearn.services import Services
from elearn.wire import topics


async def course_changed(services: Services, row: Row) -> list[NewEvent]:
    document = row.data["document"]
    drafts = []
    if row.event == "course.created" and not row.data.get("imported"):
        drafts += [
            copied(row, topics.user(t), {"document": document}) for t in document["teachers"]
        ]
    if (copy := await _copy_for_all(services, row)) is not None:
        drafts.append(copy)
    return drafts


async def _copy_for_all(services: Services, row: Row) -> NewEvent | None:
    """The course as it is now. What is hidden, perhaps by a later row, is told by its id alone."""
    document, before = row.data["document"], row.data.get("was_published", False)
    # The first row of a course holds all of it: nothing is read for each line of an import.
    found = None if row.seq == 1 else await courses.find(services.db, document["_id"])
    course = found or document
    now = document["published"] and course["published"]
    if not now and not before:
        return None
    event = "course.withdrawn" if not now else "course.updated" if before else "course.created"
    data = {"course": views.course_card(course) if now else {"id": document["_id"]}}
    return copied(row, topics.CATALOG, data, event)


async def enrollment_changed(services: Services, row: Row) -> list[NewEvent]:
    data = row.data
    course = {"id": data["course"], "title": data["title"]}
    person = data["user"]
    _tell_seats(services, data)
    own = copied(row, topics.user(person["id"]), data)
    if row.event == "enrollment.left":
        await _leave_rooms(services, row)
        return [own]
    return [own, *_told_of_enrollment(row, person, course)]


def _told_of_enrollment(row: Row, person: dict[str, Any], course: dict[str, Any]) -> list[NewEvent]:
    return [
        notice(
            row,
            topics.user(person["id"]),
            kind="enrollment.own",
            title=f"You are enrolled in {course['title']}",
            url=f"/courses/{course['id']}",
            actor=None,
            course=course,
        ),
        notice(
            row,
            topics.staff(course["id"]),
            kind="enrollment.new",
            title=f"{person['name']} enrolled in {course['title']}",
            url=f"/courses/{course['id']}/people",
            actor=person,
            course=course,
        ),
        posted(
            row,
            kind="enrollment",
            title="joined the course",
            url=f"/courses/{course['id']}/people",
            actor=person,
            course=course,
            author=person["id"],
        ),
    ]


async def _leave_rooms(services: Services, row: Row) -> None:
    """Who leaves a course leaves its rooms: coming back does not open a private one again. Each is
    decided on its room, where others leave and join at the same time."""
    user = row.data["user"]["id"]
    joined = [one["room"] for one in await rooms.find_memberships(services.db, user)]
    for room in (await rooms.find_many(services.db, joined)).values():
        if room["course"] == row.data["course"] and room["kind"] in rooms.KINDS:
            with suppress(_GoneError):
                await services.log.decide(
                    topics.room(room["_id"]), partial(_left, services, row, room["_id"])
                )


async def _left(services: Services, row: Row, room_id: str) -> NewEvent:
    person, room = row.data["user"], await rooms.find(services.db, room_id)
    membership = await rooms.find_membership(services.db, room_id, person["id"])
    if room is None or membership is None:
        raise _GoneError
    data = {
        "room": room_id,
        "user": person,
        "role": membership["role"],
        "members": max(0, room["members"] - 1),
        "course": row.data["course"],
    }
    return derived(row, topics.room(room_id), "room.left", data, f"left/{room_id}")


class _GoneError(Exception):
    """They left the room themselves meanwhile, or this was done before."""


def _tell_seats(services: Services, data: dict[str, Any]) -> None:
    services.throttled.offer(
        f"seats/{data['course']}",
        topics.CATALOG,
        "course.seats",
        {k: data[k] for k in ("course", "enrolled", "seats_left")},
        lambda: _is_published(services, data["course"]),
    )


async def _is_published(services: Services, course_id: str) -> bool:
    course = await courses.find(services.db, course_id)
    return course is not None and bool(course["published"])


async def update_published(services: Services, row: Row) -> list[NewEvent]:
    update = views.update(row.data["document"])
    course = update["course"]
    return [
        notice(
            row,
            topics.course(course["id"]),
            kind="update.published",
            title=update["title"],
            body=excerpt(update["body"]),
            url=update["url"],
            actor=update["author"],
            course=course,
        ),
        posted(
            row,
            kind="update",
            title=update["title"],
            body=excerpt(update["body"], 300),
            url=update["url"],
            actor=update["author"],
            course=course,
            author=row.actor,
        ),
    ]


async def feedback_given(services: Services, row: Row) -> list[NewEvent]:
    """The staff hear of feedback, and who stands behind an anonymous one."""
    item, author = row.data["item"], await person_of(services, row.data["author"])
    if item["kind"] != "feedback" or author is None:
        return []
    course = item["course"]
    replaced = row.data.get("replaces")
    gone = [derived(row, row.topic, "feed.deleted", {"id": replaced}, "gone")] if replaced else []
    for draft in gone:
        draft.actor = ANONYMOUS  # the replaced one may have been without a name
    hidden = " (without their name to the course)" if item["actor"] is None else ""
    stars = "1 star" if item["stars"] == 1 else f"{item['stars']} stars"
    return [
        *gone,
        notice(
            row,
            topics.staff(course["id"]),
            kind="feedback.new",
            title=f"{author['name']} gave {course['title']} {stars}{hidden}",
            body=excerpt(item["body"]),
            url=f"/courses/{course['id']}",
            actor=author,
            course=course,
        ),
    ]
