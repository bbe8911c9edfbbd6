"""The page of a person."""

from typing import Any

from elearn.access.courses import taught_ids
from elearn.access.people import require_person
from elearn.actions import enrollment, feed_lists, notice_lists, room_lists
from elearn.handlers.arguments import place
from elearn.handlers.base import BaseHandler
from elearn.models import courses
from elearn.nouns.courses import CourseLine
from elearn.nouns.notices import NoticeNoun
from elearn.nouns.people import Account, ProfileNoun
from elearn.nouns.rooms import SeenRoomNoun
from elearn.wire import topics

MOST_TAUGHT = 500


class ProfilePage(BaseHandler):
    async def get(self, user_id: str) -> None:
        cursors = await self.pages.positions(self.user, topics.CATALOG, topics.person(user_id))
        person = await require_person(self.services.db, user_id)
        is_self = user_id == self.asker.id
        items, more = await feed_lists.list_items(
            self.services, self.asker, "user", ident=user_id, before=place(self, "before")
        )
        notices: list[NoticeNoun] = []
        if is_self:
            notices = (await notice_lists.list_notices(self.services, self.asker, limit=5)).notices
        shown: dict[str, Any] = {
            "person": ProfileNoun.of(person),
            "courses": await self._courses(person),
            "shared_rooms": await self._shared_rooms(person),
            "items": items,
            "next": more,
            "notices": notices,
            "is_self": is_self,
        }
        await self.send_page(
            "profile.html", title=person.name, cursors=cursors, state=shown, **shown
        )

    async def _courses(self, person: Account) -> list[CourseLine]:
        """Courses that the person teaches, and those attended that the viewer is in too."""
        inside = await feed_lists.courses_inside(self.services, self.asker)
        taught = await taught_ids(self.services.db, person.user, MOST_TAUGHT)
        attended = await enrollment.attended_ids(self.services, person.id)
        known = await courses.find_many(self.services.db, {*taught, *(set(attended) & inside)})
        return [
            CourseLine(course.id, course.title, course.code)
            for course in sorted(known.values(), key=lambda one: one.title)
            if course.published or course.id in inside
        ]

    async def _shared_rooms(self, person: Account) -> list[SeenRoomNoun]:
        if person.id == self.asker.id:
            return []
        mine = await room_lists.all_rooms(self.services, self.asker)
        other, known = person.user, [room.id for room in mine]
        shared = await room_lists.rooms_with(self.services, other, known)
        return [room for room in mine if room.id in shared and room.course is not None]


ROUTES = [
    (r"/users/([0-9a-f]{24})", ProfilePage),
]
