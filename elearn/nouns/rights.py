"""What somebody may do at a place, and if not, why and until when: the one answer that the action,
the page, the button and the words of a refusal are made from."""

from datetime import datetime

import msgspec


class Refusal(msgspec.Struct, frozen=True):
    """`code` is that of the error, `until` when it ends by itself."""

    code: str
    words: str
    until: datetime | None = None


class RoomRights(msgspec.Struct, frozen=True, kw_only=True):
    """`role` is owner, moderator, member or staff, and None for one who is not in the room.
    `writes` is by one's role, while the room is open. `why_not` says why one may not write, or not
    even read; `door` that one may know of the room, and who is in it, without being in it;
    `take_over` that nobody owns it, and one may."""

    role: str | None = None
    door: bool = False
    read: bool = False
    write: bool = False
    writes: bool = False
    join: bool = False
    leave: bool = False
    manage: bool = False
    take_over: bool = False
    why_not: Refusal | None = None


class CourseRights(msgspec.Struct, frozen=True, kw_only=True):
    """`why_not` says why one may not enrol, `why_no_line` why not write to its teachers."""

    enrolled: bool = False
    staff: bool = False
    enroll: bool = False
    why_not: Refusal | None = None
    line: bool = False
    why_no_line: Refusal | None = None

    @property
    def inside(self) -> bool:
        return self.enrolled or self.staff
