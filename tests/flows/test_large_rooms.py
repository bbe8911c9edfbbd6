"""Private rooms with more members than are told in one go."""

import pytest

from elearn.log import log
from elearn.models import enrollments, rooms
from elearn.models.documents import insert_missing
from elearn.nouns.courses import Enrollment
from elearn.nouns.rooms import Membership
from tests.live import Live

AT_ONCE = 20
MEMBERS = 2 * AT_ONCE + 1


async def test_every_member_of_a_large_private_room_hears_of_its_changes(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "PAGE", AT_ONCE)
    monkeypatch.setattr(log, "TOGETHER_ROWS", AT_ONCE)
    teacher = await live.teacher()
    course = (await teacher.make_course())["id"]
    made = await teacher.command("room.create", course=course, name="hall", kind="private")
    room, db = made["room"]["id"], live.services.db
    people = [f"{number:024x}" for number in range(MEMBERS)]
    at = live.services.clock()
    memberships = [
        Membership(
            id=rooms.membership_id(room, one), room=room, user=one, role="member", at=at, seq=2
        )
        for one in people
    ]
    enrolled = [
        Enrollment(
            id=enrollments.enrollment_id(course, one),
            course=course,
            user=one,
            since=0,
            active=True,
            at=at,
            by=one,
            seq=2,
        )
        for one in people
    ]
    await insert_missing(db.memberships, memberships)
    await insert_missing(db.enrollments, enrolled)
    await teacher.command("room.update", room=room, name="the great hall")
    await live.settled()
    heads = await live.services.log.heads([f"user:{one}" for one in people])
    assert [topic for topic, head in heads.items() if head.visible != 1] == []
