"""The other pages: home, notices, help."""

from typing import Any

from elearn.actions import catch_up, feed_lists, notice_lists
from elearn.errors import InvalidField, NotFound
from elearn.handlers.arguments import place
from elearn.handlers.base import BaseHandler
from elearn.handlers.courses import popular_courses
from elearn.handlers.guides import find_guide, list_guides
from elearn.nouns.notices import CATEGORIES
from elearn.wire import topics


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
        news = await catch_up.find_news(self.services, self.user)
        items, more = await feed_lists.list_items(
            self.services, self.user, "me", before=place(self, "before")
        )
        shown: dict[str, Any] = {"items": items, "next": more, "news": news}
        await self.send_page("home.html", title="Home", cursors=cursors, state=shown, **shown)


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
