"""The other pages: home, notices, help."""

from typing import Any

from elearn.actions import feed_lists, notice_lists, room_lists, updates
from elearn.errors import InvalidField, NotFound
from elearn.handlers.arguments import place
from elearn.handlers.base import BaseHandler
from elearn.handlers.courses import popular_courses
from elearn.handlers.guides import find_guide, list_guides
from elearn.nouns.notices import CATEGORIES
from elearn.wire import topics

CATCH_UP_COURSES = 8


class HomePage(BaseHandler):
    public = True

    async def get(self) -> None:
        if self.user is None:
            cursors = await self.pages.positions(None, topics.CATALOG)
            popular = await popular_courses(self)
            await self.send_page(
                "welcome.html",
                title="elearn",
                popular=popular,
                cursors=cursors,
                state={"courses": popular},
            )
            return
        inside = sorted(await feed_lists.courses_inside(self.services, self.user))[:64]
        cursors = await self.pages.positions(self.user, *map(topics.course, inside))
        items, more = await feed_lists.list_items(
            self.services, self.user, "me", before=place(self, "before")
        )
        shown: dict[str, Any] = {"items": items, "next": more, "catchup": await self._catch_up()}
        await self.send_page("home.html", title="Home", cursors=cursors, state=shown, **shown)

    async def _catch_up(self) -> list[dict[str, Any]]:
        """Courses with something unread, with their newest update."""
        found = await room_lists.all_rooms(self.services, self.asker)
        by_course: dict[str, dict[str, Any]] = {}
        for room in found:
            if room.course is None or not room.unread:
                continue
            entry = by_course.setdefault(
                room.course.id,
                {"course": room.course, "updates": [], "unread": 0, "rooms": [], "joined": 0},
            )
            entry["unread"] += room.unread
            entry["rooms"].append(room)
        entries = list(by_course.values())[:CATCH_UP_COURSES]
        for entry in entries:
            entry["updates"], _ = await updates.list_updates(
                self.services, self.asker, entry["course"].id, limit=1
            )
        return entries


class NotificationsPage(BaseHandler):
    async def get(self) -> None:
        cursors = await self.pages.positions(self.user)
        category = self.get_query_argument("category", "") or None
        if category is not None and category not in CATEGORIES:
            raise InvalidField("There is no such category.", field="category")
        unread_only = self.get_query_argument("unread", "") in ("1", "on")
        page = await notice_lists.list_notices(
            self.services,
            self.asker,
            before=self.get_query_argument("before", "") or None,
            category=category,
            unread=unread_only,
        )
        shown: dict[str, Any] = {
            "notices": page.notices,
            "next": page.next,
            "category": category,
            "unread_only": unread_only,
            "unseen": page.unseen,
            "unread": page.unread,
        }
        await self.send_page(
            "notifications.html", title="Notifications", cursors=cursors, state=shown, **shown
        )


class HelpPage(BaseHandler):
    public = True

    async def get(self, slug: str | None = None) -> None:
        guide = find_guide(slug) if slug else None
        if slug and guide is None:
            raise NotFound("There is no such guide.")
        cursors = await self.pages.positions(self.user)
        await self.send_page(
            "help.html",
            title=guide["title"] if guide else "Help",
            guides=list_guides(),
            guide=guide,
            cursors=cursors,
        )


ROUTES = [
    (r"/", HomePage),
    (r"/notifications", NotificationsPage),
    (r"/help", HelpPage),
    (r"/help/([a-z-]+)", HelpPage),
]
