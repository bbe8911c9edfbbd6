"""What follows from changes of a room and of who is in it."""

from collections.abc import Iterable
from contextlib import aclosing

from elearn.access.courses import is_staff
from elearn.access.rooms import owners_of
from elearn.events.base import Event, Row, RowOf
from elearn.events.feed import FeedDeleted
from elearn.events.notices import NoticeCreated
from elearn.events.rooms import (
    MembershipChange,
    RoomArchived,
    RoomChange,
    RoomCreated,
    RoomGone,
    RoomJoined,
    RoomLeft,
    RoomModerated,
    RoomUpdated,
)
from elearn.log.new_events import NewEvent
from elearn.models import courses, enrollments, feed, rooms, users
from elearn.notices import kinds
from elearn.nouns.addresses import room_at
from elearn.nouns.rooms import Room, RoomRef
from elearn.reactions import withdrawals
from elearn.reactions.derived import copied, derived, notice, person_of, posted
from elearn.reactions.table import follows
from elearn.services import Services
from elearn.wire import topics

FEED_ITEMS = 200


@follows(RoomCreated, on=["room"])
async def created(services: Services, row: RowOf[RoomCreated]) -> list[NewEvent]:
    room = row.data.document
    told = RoomCreated(document=room)
    if room.kind == "direct":
        return _told_to_both_sides(row, told)
    if room.kind == "private":
        return await _told_to_members(services, row, told)
    made = [
        copied(row, topics.course(room.course or ""), told),
        copied(row, topics.user(row.actor), told),
    ]
    now = await rooms.find(services.db, room.id)
    if now is not None and now.kind == "private":  # it became so before this was told
        return made
    return made + await _announced(services, row, room)


def _told_to_both_sides(row: RowOf[RoomChange], told: RoomChange) -> list[NewEvent]:
    """Of a conversation; the staff on a line hear it on their own topic, whoever they are."""
    room = told.document
    sides = [topics.user(user) for user in room.users]
    if room.staff_of:
        sides.append(topics.staff(room.staff_of))
    return [copied(row, side, told) for side in sides]


async def _announced(services: Services, row: RowOf[RoomCreated], room: Room) -> list[NewEvent]:
    course = room.course_brief
    assert course is not None
    maker = await person_of(services, row.actor)
    return [
        notice(row, topics.course(course.id), kinds.of_new_room(room, maker)),
        posted(
            row,
            course,
            row.actor,
            kind="room",
            actor=maker,
            title=f"opened the room {room.name}",
            body=room.description,
            url=room.url,
        ),
    ]


@follows(RoomUpdated, RoomArchived, on=["room"])
async def changed(services: Services, row: RowOf[RoomChange]) -> list[NewEvent]:
    """A room that becomes private ends for its course; one that no longer is begins there."""
    room = row.data.document
    if room.kind == "direct":
        return _told_to_both_sides(row, row.data)
    course, was_private = topics.course(room.course or ""), row.data.was == "private"
    if room.kind == "private":
        told = await _told_to_members(services, row, type(row.data)(document=room))
        if row.data.was not in (None, "private"):
            told.insert(0, copied(row, course, RoomGone(room=RoomRef(room.id))))
            told += await withdrawals.with_private_room(services, row, room)
            told += await _taken_from_feed(services, row, room)
        return told
    return [copied(row, course, _for_course(row.data, room, begins=was_private))]


async def _taken_from_feed(
    services: Services, row: RowOf[RoomChange], room: Room
) -> list[NewEvent]:
    """The room's name and what was said there stand in the course's feed: they go."""
    course = topics.course(room.course or "")
    made = []
    before: int | None = None
    while True:
        items = await feed.page(services.db, "topic", course, limit=FEED_ITEMS, before=before)
        made += [
            derived(row, course, FeedDeleted(id=item.id), f"gone/{item.id}")
            for item in items
            if item.deleted_at is None and room_at(item.url) == room.id
        ]
        if len(items) < FEED_ITEMS:
            return made
        before = items[-1].order


def _for_course(change: RoomChange, room: Room, *, begins: bool) -> Event:
    if begins:
        return RoomCreated(document=room)
    if isinstance(change, RoomArchived):
        return RoomGone(document=room)
    return RoomUpdated(document=room)


async def _told_to_members(
    services: Services, row: RowOf[RoomChange], told: RoomChange
) -> list[NewEvent]:
    made = []
    room = told.document
    async with aclosing(rooms.members_in_pages(services.db, room.id)) as pages:
        async for some in pages:
            people = await _still_inside(services, room.course or "", some)
            made += [copied(row, topics.user(user), told) for user in people]
    return made


async def _still_inside(services: Services, course_id: str, people: set[str]) -> set[str]:
    """Membership counts only while one is in the course (admins are in all)."""
    course = await courses.find(services.db, course_id)
    if course is None:
        return set()
    inside = await enrollments.find_of_users(services.db, course_id, people)
    others = await users.find_many(services.db, people - inside)
    return inside | {ident for ident, one in others.items() if is_staff(one.user, course)}


@follows(RoomJoined, RoomLeft, on=["room"])
async def membership_changed(services: Services, row: RowOf[MembershipChange]) -> list[NewEvent]:
    data = row.data
    own = topics.user(data.user.id)
    made = [copied(row, own)]
    if isinstance(data, RoomJoined) and not data.undone:
        # What was said before they came is not unread.
        services.read_marks.move(data.user.id, row.topic, row.seq, row.n)
    room = await rooms.find(services.db, data.room)
    if room is None:
        return made
    if room.kind != "private":
        made.append(copied(row, topics.course(room.course or "")))
    if data.role == "owner":
        if isinstance(data, RoomJoined):
            made.append(copied(row, topics.staff(room.course or "")))
        else:
            made += await unowned(services, row, [room])
    if isinstance(data, RoomJoined) and row.actor != data.user.id and not data.undone:
        inviting = await person_of(services, row.actor)
        made.append(notice(row, own, kinds.of_invitation(room, inviting)))
    if isinstance(data, RoomLeft):
        made += await withdrawals.with_room(services, row, data.user.id, room.id)
    return made


@follows(RoomModerated, on=["room"])
async def moderated(services: Services, row: RowOf[RoomModerated]) -> list[NewEvent]:
    room = await rooms.find(services.db, row.about)
    told = [topics.user(row.data.membership.user.id)]
    if room is not None and room.course is not None:
        told.append(topics.staff(room.course))
    return [copied(row, topic) for topic in told]


async def unowned(services: Services, row: Row, of: Iterable[Room]) -> list[NewEvent]:
    """The staff are told of rooms that have lost their last owner: they can take them over."""
    made = []
    for room in of:
        course = await courses.find(services.db, room.course) if room.course else None
        if course is None or room.archived or await owners_of(services.db, room, course):
            continue
        told = NoticeCreated(notice=kinds.of_unowned_room(room))
        made.append(derived(row, topics.staff(course.id), told, f"unowned/{room.id}"))
    return made
