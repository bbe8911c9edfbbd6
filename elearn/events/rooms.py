"""What happens to rooms and to who is in them."""

from datetime import datetime
from typing import Any

import msgspec

from elearn.events.base import Event, RowOf, Subject, event
from elearn.nouns.people import Person
from elearn.nouns.rooms import MembershipNoun, Room, RoomNoun, RoomRef


class RoomTold(msgspec.Struct, frozen=True):
    room: RoomNoun | RoomRef


class RoomChange(Event, frozen=True, kw_only=True):
    """The room after it; on `course:`, `staff:` and `user:` a copy. `was` is the kind that it
    had."""

    document: Room
    was: str | None = None
    rights: bool = False

    def told(self, row: RowOf[Any]) -> RoomTold:
        return RoomTold(RoomNoun.of(self.document, own=row.kind == "user"))

    def subject(self, row: RowOf[Any]) -> Subject | None:
        return Subject("room", self.document.id)

    def acts_on_rights(self, kind: str) -> bool:
        return self.rights


@event("room.created", "room", "course", "staff", "user")
class RoomCreated(RoomChange, frozen=True, kw_only=True):
    def acts_on_rights(self, kind: str) -> bool:
        return kind == "user"


@event("room.updated", "room", "course", "staff", "user")
class RoomUpdated(RoomChange, frozen=True, kw_only=True):
    pass


@event("room.archived", "room", "user")
class RoomArchived(RoomChange, frozen=True, kw_only=True):
    pass


@event("room.archived", "course")
class RoomGone(Event, frozen=True, kw_only=True):
    """A room of the course was archived or opened again, or became private: then `room` says no
    more than its id."""

    document: Room | None = None
    room: RoomRef | None = None

    def told(self, row: RowOf[Any]) -> RoomTold:
        if self.document is not None:
            return RoomTold(RoomNoun.of(self.document))
        assert self.room is not None
        return RoomTold(self.room)

    def subject(self, row: RowOf[Any]) -> Subject | None:
        shown = self.document or self.room
        return Subject("room", shown.id) if shown else None


class MembershipChange(Event, frozen=True, kw_only=True):
    """`room` and `course` are ids, `members` how many are in the room after it."""

    room: str
    user: Person
    role: str
    members: int
    course: str | None = None

    def acts_on_rights(self, kind: str) -> bool:
        return kind == "user"


@event("room.joined", "room", "course", "staff", "user")
class RoomJoined(MembershipChange, frozen=True, kw_only=True):
    """`undone`: that somebody had gone was taken back, so that nothing is new about it."""

    undone: bool = False


@event("room.moderated", "room", "staff", "user")
class RoomModerated(Event, frozen=True, kw_only=True):
    """What somebody who is in a room is there from then on."""

    membership: MembershipNoun

    def acts_on_rights(self, kind: str) -> bool:
        return kind == "user"


@event("room.left", "room", "course", "user")
class RoomLeft(MembershipChange, frozen=True, kw_only=True):
    pass


@event("room.activity", "course", stored=False)
class RoomActivity(Event, frozen=True, kw_only=True):
    """Something was said in a room that those in the course may know of: how many messages there
    are, and when and by whom (an id) the last one came. Not its words: not everybody who hears this
    may read the room."""

    room: str
    messages: int
    last_at: datetime
    by: str
