"""From a row of the log to the documents that pages read. Applying a row again changes nothing:
a document holds the `seq` of its last change, and an older row leaves it alone."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from elearn.models import (
    courses,
    enrollments,
    feed,
    marks,
    notice_states,
    rooms,
    start_topics,
    updates,
    users,
)
from elearn.models.courses import insert_missing
from elearn.models.enrollments import enrollment_id
from elearn.models.events import Database, Row
from elearn.models.rooms import membership_id

# What enrolments and feedback change, each with a row of its own.
_MOVED_BY_OTHERS = frozenset({"_id", "seq", "enrolled", "ratings", "stars"})

Projection = Callable[[Database, Sequence[Row]], Awaitable[None]]


def concern(topic: str, event: str) -> bool:
    """Whether there is something to apply. The same event on another topic is a copy: only the
    topic that decided is projected."""
    return (topic.partition(":")[0], event) in _PROJECTIONS


async def apply(db: Database, rows: Sequence[Row]) -> None:
    """Apply rows in order; neighbours of one kind share their writes."""
    start = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or _place(rows[end]) != _place(rows[start]):
            if (project := _PROJECTIONS.get(_place(rows[start]))) is not None:
                await project(db, rows[start:end])
            start = end


def _place(row: Row) -> tuple[str, str]:
    return row.topic.partition(":")[0], row.event


def own_room(course: dict[str, Any]) -> dict[str, Any]:
    """A course's own room: it has the course's id, and the enrolled are its members."""
    return {
        **_room(course["_id"], course["_id"], course["title"], "course", "general"),
        "created_at": course["created_at"],
    }


def _room(room: str, course: str, course_title: str, kind: str, name: str) -> dict[str, Any]:
    return {
        "_id": room,
        "course": course,
        "course_title": course_title,
        "name": name,
        "description": "",
        "kind": kind,
        "archived": False,
        "owner": None,
        "users": [],
        "members": 0,
        "seq": 0,
    }


async def _courses_created(db: Database, rows: Sequence[Row]) -> None:
    documents = [{**row.data["document"], "seq": row.seq} for row in rows]
    await courses.insert_many(db, documents)
    await rooms.insert_many(db, [own_room(document) for document in documents])
    await insert_missing(db.teaching, [each for course in documents for each in _teaching(course)])
    imported = [
        {"_id": document["external_id"], "course": document["_id"]}
        for document in documents
        if document["external_id"]
    ]
    await insert_missing(db.imported, imported)


def _teaching(course: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"_id": f"{course['_id']}/{user}", "course": course["_id"], "user": user}
        for user in course["teachers"]
    ]


async def _courses_changed(db: Database, rows: Sequence[Row]) -> None:
    known = await courses.find_many(db, {row.data["document"]["_id"] for row in rows})
    titles, changes = {}, []
    for row in rows:
        document = row.data["document"]
        before = known.get(document["_id"])
        if before is None or before["seq"] > row.seq:
            continue
        if row.data.get("rights"):
            await _teachers_changed(db, before, document)
        if before["title"] != document["title"]:
            titles[document["_id"]] = document["title"]
        fields = {k: v for k, v in document.items() if k not in _MOVED_BY_OTHERS}
        changes.append((document["_id"], row.seq, fields))
        known[document["_id"]] = {**document, "seq": row.seq}
    # The courses last: a crash in between leaves all of it to be done again.
    await rooms.rename_courses(db, titles)
    await courses.set_many_at(db, changes)


async def _teachers_changed(db: Database, before: dict[str, Any], document: dict[str, Any]) -> None:
    gone = set(before["teachers"]) - set(document["teachers"])
    await courses.remove_teaching(db, document["_id"], gone)
    await insert_missing(db.teaching, _teaching(document))


async def _enrollment_changed(db: Database, rows: Sequence[Row]) -> None:
    for row in rows:
        data = row.data
        course, user = data["course"], data["user"]
        await enrollments.put(
            db,
            {
                "_id": enrollment_id(course, user["id"]),
                "course": course,
                "user": user["id"],
                "since": row.seq - 1,
                "active": row.event == "enrollment.enrolled",
                "at": row.at,
                "by": row.actor,
                "seq": row.seq,
            },
        )
        await start_topics.add_course(db, user["id"], course)
        await courses.set_at(db, course, row.seq, {"enrolled": data["enrolled"]})


async def _rooms_created(db: Database, rows: Sequence[Row]) -> None:
    await rooms.insert_many(db, [{**row.data["document"], "seq": row.seq} for row in rows])
    for row in rows:
        document = row.data["document"]
        people = document["users"] or [document["owner"]]
        for user in people:
            role = "owner" if user == document["owner"] else "member"
            await rooms.put_membership(db, _membership(row, document["_id"], user, role, True))


def _membership(row: Row, room: str, user: str, role: str, active: bool) -> dict[str, Any]:
    return {
        "_id": membership_id(room, user),
        "room": room,
        "user": user,
        "role": role,
        "since": 0,  # these rooms show newcomers their whole history
        "active": active,
        "at": row.at,
        "seq": row.seq,
    }


async def _rooms_changed(db: Database, rows: Sequence[Row]) -> None:
    for row in rows:
        document = row.data["document"]
        fields = {name: document[name] for name in ("name", "description", "kind", "archived")}
        await rooms.set_at(db, document["_id"], row.seq, fields)


async def _membership_changed(db: Database, rows: Sequence[Row]) -> None:
    for row in rows:
        data = row.data
        active = row.event == "room.joined"
        await rooms.put_membership(
            db, _membership(row, data["room"], data["user"]["id"], data["role"], active)
        )
        await rooms.set_at(db, data["room"], row.seq, {"members": data["members"]})


async def _updates_published(db: Database, rows: Sequence[Row]) -> None:
    for row in rows:
        document = {**row.data["document"], "seq": row.seq}
        await updates.insert(db, document)
        thread = _room(
            document["_id"],
            document["course"],
            document["course_title"],
            "thread",
            document["title"],
        )
        thread["created_at"] = row.at
        await rooms.insert_many(db, [thread])


async def _feed_posted(db: Database, rows: Sequence[Row]) -> None:
    items = [
        {
            **row.data["item"],
            "_id": row.id,
            "topic": row.topic,
            "author": row.data["author"],
            "at": row.at,
            "seq": row.seq,
            "deleted_at": None,
        }
        for row in rows
    ]
    await feed.insert_many(db, items)
    for row in rows:
        item = row.data["item"]
        if item["kind"] == "feedback":
            await _feedback_given(db, row, item)


async def _feedback_given(db: Database, row: Row, item: dict[str, Any]) -> None:
    await feed.put_feedback(db, item["course"]["id"], row)
    await _rated(db, item["course"]["id"], row.seq, row.data["total"])


async def _rated(db: Database, course: str, seq: int, total: dict[str, int]) -> None:
    await courses.set_at(db, course, seq, {"ratings": total["count"], "stars": total["stars"]})


async def _feed_deleted(db: Database, rows: Sequence[Row]) -> None:
    for row in rows:
        await feed.mark_deleted(db, row.data["id"], row.at)
        if (total := row.data.get("total")) is not None:
            item = (await feed.find_many(db, [row.data["id"]]))[row.data["id"]]
            course = item["course"]["id"]
            await feed.uncount_feedback(db, course, item["author"], row.seq)
            await _rated(db, course, row.seq, total)


async def _chat_read(db: Database, rows: Sequence[Row]) -> None:
    await marks.move(
        db,
        [
            (
                row.topic.partition(":")[2],
                f"room:{row.data['room']}",
                row.data["seq"],
                row.data["n"],
            )
            for row in rows
        ],
    )


async def _notices_read(db: Database, rows: Sequence[Row]) -> None:
    for row in rows:
        user = row.topic.partition(":")[2]
        await notice_states.put(db, user, row.seq, row.data["topics"])


async def _standing_changed(db: Database, rows: Sequence[Row]) -> None:
    for row in rows:
        user = row.data["user"]
        fields = {"role": user["role"], "disabled": row.data["disabled"]}
        await users.set_at(db, user["id"], row.seq, fields)


_PROJECTIONS: dict[tuple[str, str], Projection] = {
    ("course", "course.created"): _courses_created,
    ("course", "course.updated"): _courses_changed,
    ("course", "course.withdrawn"): _courses_changed,
    ("course", "enrollment.enrolled"): _enrollment_changed,
    ("course", "enrollment.left"): _enrollment_changed,
    ("room", "room.created"): _rooms_created,
    ("room", "room.updated"): _rooms_changed,
    ("room", "room.archived"): _rooms_changed,
    ("room", "room.joined"): _membership_changed,
    ("room", "room.left"): _membership_changed,
    ("course", "update.published"): _updates_published,
    ("course", "feed.posted"): _feed_posted,
    ("user", "feed.posted"): _feed_posted,
    ("course", "feed.deleted"): _feed_deleted,
    ("user", "feed.deleted"): _feed_deleted,
    ("accounts", "user.updated"): _standing_changed,
    ("user", "chat.read"): _chat_read,
    ("user", "notification.read"): _notices_read,
}
