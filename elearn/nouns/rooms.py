"""Rooms and memberships: as stored, as told, and for one viewer."""

from datetime import datetime
from typing import Any

import msgspec

from elearn.nouns.courses import Course, CourseBrief
from elearn.nouns.messages import MessageBrief
from elearn.nouns.people import Person

MADE_BY_PEOPLE = ("open", "private", "announce")
JOINABLE = ("open", "announce")
"""Kinds that one enters by oneself."""
OF_COURSE = frozenset({"course", "thread"})
"""Kinds whose members are all who are in the course: they have no membership documents."""


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """The document. `users` are the people of a direct conversation, for ever the same. With
    `staff_of` it is a line to whoever teaches that course: then `users` is who began it, `name`
    their name."""

    id: str = msgspec.field(name="_id")
    course: str | None = None
    course_title: str = ""
    name: str = ""
    description: str = ""
    kind: str
    archived: bool = False
    owner: str | None = None
    users: list[str] = []
    staff_of: str | None = None
    members: int = 0
    created_at: datetime
    seq: int = 0

    @property
    def of_course(self) -> bool:
        return self.kind in OF_COURSE

    @property
    def course_brief(self) -> CourseBrief | None:
        return CourseBrief(self.course, self.course_title) if self.course else None

    @property
    def line_to(self) -> CourseBrief | None:
        return CourseBrief(self.staff_of, self.course_title) if self.staff_of else None

    @property
    def url(self) -> str:
        return f"/updates/{self.id}" if self.kind == "thread" else f"/rooms/{self.id}"


def line_name(course: str, beginner: str | None) -> str:
    """How a line to a course's teachers is headed: without its beginner's name for themselves."""
    if beginner is None:
        return f"Teachers of {course}"
    return f"{beginner}, to the teachers of {course}"


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """The document: a person's place in a room, ended ones too. Of the room's topic they may see
    what comes above `since`; `role` is owner, moderator or member. `by` made it so, at `at`."""

    id: str = msgspec.field(name="_id")
    room: str
    user: str
    role: str
    since: int = 0
    active: bool = True
    at: datetime
    by: str = ""
    seq: int = 0


class RoomRef(msgspec.Struct, frozen=True):
    """A room of which nothing but its id may be told: it became private."""

    id: str
    archived: bool = True


class RoomNoun(msgspec.Struct, frozen=True, kw_only=True):
    """A room as everyone on a topic may see it. `staff_of` is the course with whose teachers the
    conversation is."""

    id: str
    course: CourseBrief | None
    name: str
    description: str
    kind: str
    archived: bool
    members: int
    created_at: datetime
    url: str
    staff_of: CourseBrief | None = None

    @classmethod
    def of(cls, room: Room, course: Course | None = None, *, own: bool = False) -> "RoomNoun":
        """`own`: as told to who began it, where that makes a difference."""
        fields = room_fields(room, course)
        if room.staff_of:
            fields["name"] = line_name(room.course_title, None if own else room.name)
        return cls(**fields)


def room_fields(room: Room, course: Course | None) -> dict[str, Any]:
    return {
        "id": room.id,
        "course": course.brief if course else room.course_brief,
        "name": room.name,
        "description": room.description,
        "kind": room.kind,
        "archived": room.archived,
        "members": members_of(room, course),
        "created_at": room.created_at,
        "url": room.url,
        "staff_of": room.line_to,
    }


def members_of(room: Room, course: Course | None) -> int:
    """In a course's own room and its threads are all who are in the course, teachers included."""
    if course is None or not room.of_course:
        return room.members
    return course.enrolled + len(course.teachers)


class SeenRoomNoun(RoomNoun, frozen=True, kw_only=True):
    """A room for one viewer. `people` are those on the other side of a conversation as they are
    now, `partner` is the one person there, where it is one. `take_over`: nobody owns it, and the
    viewer may."""

    joined: bool
    unread: int
    read_seq: int
    last_message: MessageBrief | None
    partner: Person | None = msgspec.field(name="with")
    people: list[Person] = []
    take_over: bool = False


class MemberNoun(msgspec.Struct, frozen=True):
    user: Person
    role: str


class MembershipNoun(msgspec.Struct, frozen=True):
    """What an invitation or a removal made of somebody's place."""

    room: str
    user: Person
    role: str
    active: bool
