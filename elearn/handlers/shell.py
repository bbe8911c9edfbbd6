"""What stands around every page: the side bar with courses and rooms, what the bell shows."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from elearn.actions import notice_lists, room_lists
from elearn.models import events
from elearn.nouns.people import User
from elearn.nouns.rooms import Room
from elearn.services import Services
from elearn.wire import topics


class SideRoom(msgspec.Struct, frozen=True, kw_only=True):
    """`at` is when its unread news came."""

    id: str
    name: str
    kind: str
    unread: int
    n: int
    at: datetime | None
    url: str
    mentions: int = 0


class SideCourse(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title: str
    unread: int
    rooms: list[SideRoom]


class Shell(msgspec.Struct, frozen=True, kw_only=True):
    courses: list[SideCourse]
    messages_unread: int
    unseen: int
    unread_notices: int


async def shell_of(services: Services, user: User) -> Shell:
    found, known, _ = await room_lists.rooms_of(services, user)
    lines = await _lines(services, user, found)
    counts = await notice_lists.count_notices(services, user)
    # Who is in a course has its own room; a line to its teachers is no place in it.
    inside = {room.course for room in found}
    courses = []
    for ident, course in known.items():
        if ident not in inside:
            continue
        rooms = [
            lines[room.id]
            for room in found
            if room.course == ident and room.kind != "thread" and not room.archived
        ]
        unread = sum(line.unread for line in rooms)
        in_order = sorted(rooms, key=_news_first)
        courses.append(SideCourse(id=ident, title=course.title, unread=unread, rooms=in_order))
    return Shell(
        courses=sorted(courses, key=_newest_first),
        messages_unread=sum(lines[room.id].unread for room in found if room.course is None),
        unseen=counts.unseen,
        unread_notices=counts.unread,
    )


async def _lines(services: Services, user: User, found: Sequence[Room]) -> dict[str, SideRoom]:
    names = [topics.room(room.id) for room in found]
    heads = await services.log.heads(names)
    marks = await services.read_marks.find(user.id, names)
    unread = {name: max(0, heads[name].visible_n - marks[name][1]) for name in names}
    newest = {name: topics.event_id(name, heads[name].visible) for name in names if unread[name]}
    rows = await events.find(services.db, list(newest.values())) if newest else {}
    lines = {}
    for room, name in zip(found, names, strict=True):
        row = rows.get(newest.get(name, ""))
        lines[room.id] = SideRoom(
            id=room.id,
            name=room.name,
            kind=room.kind,
            unread=unread[name],
            n=heads[name].visible_n,
            at=row.at if row else None,
            url=room.url,
        )
    return lines


def _news_first(line: SideRoom) -> tuple[float, bool, str]:
    return -_moment(line), line.kind != "course", line.name.casefold()


def _newest_first(course: SideCourse) -> tuple[float, str]:
    return -max(map(_moment, course.rooms), default=0.0), course.title.casefold()


def _moment(line: SideRoom) -> float:
    return line.at.timestamp() if line.at else 0.0
