"""The other pages: home, rooms, updates, messages, notices, profiles, help."""

from typing import Any

from msgspec.structs import asdict

from elearn.access.courses import is_staff, require_inside, taught_ids
from elearn.access.rooms import require_room
from elearn.actions import chat, enrollment, feed, notifications, room_lists, updates
from elearn.actions.search import Viewer
from elearn.errors import InvalidField, NotFound
from elearn.handlers.base import BaseHandler
from elearn.handlers.courses import popular_courses
from elearn.handlers.guides import find_guide, list_guides
from elearn.models import courses, users
from elearn.nouns.courses import Course, CourseCard, CourseLine
from elearn.nouns.notices import CATEGORIES, NoticeNoun
from elearn.nouns.people import Account, ProfileNoun, User
from elearn.nouns.rooms import SeenRoomNoun
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
        inside = sorted(await feed.courses_inside(self.services, self.user))[:64]
        cursors = await self.pages.positions(self.user, *map(topics.course, inside))
        items, more = await feed.list_items(self.services, self.user, "me")
        shown: dict[str, Any] = {"items": items, "next": more, "catchup": await self._catch_up()}
        await self.send_page("home.html", title="Home", cursors=cursors, state=shown, **shown)

    async def _catch_up(self) -> list[dict[str, Any]]:
        """Courses with something unread, with their newest update."""
        found = await room_lists.list_rooms(self.services, self.asker)
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


class RoomPage(BaseHandler):
    async def get(self, room_id: str, seq: str | None = None) -> None:
        seen = await require_room(self.services.db, self.asker, room_id)
        if seen.room.kind == "thread":
            self.redirect(f"/updates/{room_id}" + (f"/{seq}" if seq else ""))
            return
        shown, cursors = await room_state(self, room_id, seq)
        latest = None
        if seen.course is not None:
            found, _ = await updates.list_updates(
                self.services, self.asker, seen.course.id, limit=1
            )
            latest = found[0] if found else None
        shown["latest_update"] = latest
        course = _seen_course(self.asker, seen.course) if seen.course else None
        await self.send_page(
            "room.html",
            title=shown["room"].name,
            course=course,
            cursors=cursors,
            state=shown,
            current={"course": seen.room.course, "room": room_id},
            **shown,
        )


class SeenCourseCard(CourseCard, frozen=True, kw_only=True):
    """A course, with what its viewer is to it."""

    viewer: Viewer


def _seen_course(user: User, course: Course) -> SeenCourseCard:
    """To one who is inside."""
    staff = is_staff(user, course)
    return SeenCourseCard(**asdict(CourseCard.of(course)), viewer=Viewer(not staff, staff))


async def room_state(
    handler: BaseHandler, room_id: str, seq: str | None
) -> tuple[dict[str, Any], dict[str, int]]:
    """What a room's page shows, and the positions read before it."""
    services, user = handler.services, handler.asker
    seen = await require_room(services.db, user, room_id)
    watched = [topics.room(room_id)]
    if seen.room.course:
        watched.append(topics.course(seen.room.course))
    cursors = await handler.pages.positions(user, *watched)
    highlight = int(seq) if seq else None
    page = await _history(handler, room_id, highlight)
    members, total = await room_lists.list_members(services, user, room_id, limit=50)
    noun = await room_lists.room_noun(services, user, room_id)
    shown = {
        "room": noun,
        "messages": page.messages,
        "more_before": page.more_before,
        "more_after": page.more_after,
        "highlight": highlight,
        "read_seq": noun.read_seq,
        "members": [one.user for one in members],
        "owners": [one.user.id for one in members if one.role == "owner"],
        "total_members": total,
        "rights": seen.rights,
    }
    return shown, cursors


async def _history(handler: BaseHandler, room_id: str, highlight: int | None) -> chat.HistoryPage:
    """The part of the room that the address asks for."""
    before = _place(handler.get_query_argument("before", ""), "before")
    after = _place(handler.get_query_argument("after", ""), "after")
    if highlight is not None:
        before = after = None
    elif before is not None:
        after = None
    return await chat.read_history(
        handler.services, handler.asker, room_id, before=before, after=after, around=highlight
    )


def _place(text: str, field: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise InvalidField("This is not a place in the room.", field=field)
    return int(text)


class UpdatePage(BaseHandler):
    async def get(self, update_id: str, seq: str | None = None) -> None:
        update = await updates.find_update(self.services, self.asker, update_id)
        shown, cursors = await room_state(self, update_id, seq)
        shown["update"] = update
        course = await require_inside(self.services.db, self.asker, update.course.id)
        await self.send_page(
            "update.html",
            title=update.title,
            course=_seen_course(self.asker, course),
            cursors=cursors,
            state=shown,
            current={"course": update.course.id, "room": None},
            **shown,
        )


class MessagesPage(BaseHandler):
    async def get(self) -> None:
        cursors = await self.pages.positions(self.user)
        found = await room_lists.list_rooms(self.services, self.asker)
        direct = [room for room in found if room.kind == "direct"]
        await self.send_page(
            "messages.html",
            title="Messages",
            rooms=direct,
            cursors=cursors,
            state={"rooms": direct},
        )


class NotificationsPage(BaseHandler):
    async def get(self) -> None:
        cursors = await self.pages.positions(self.user)
        category = self.get_query_argument("category", "") or None
        if category is not None and category not in CATEGORIES:
            raise InvalidField("There is no such category.", field="category")
        unread_only = self.get_query_argument("unread", "") in ("1", "on")
        page = await notifications.list_notices(
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


class ProfilePage(BaseHandler):
    async def get(self, user_id: str) -> None:
        person = await users.find(self.services.db, user_id)
        if person is None:
            raise NotFound("There is no such person.")
        cursors = await self.pages.positions(self.user)
        is_self = user_id == self.asker.id
        items, more = await feed.list_items(self.services, self.asker, "user", ident=user_id)
        notices: list[NoticeNoun] = []
        if is_self:
            notices = (await notifications.list_notices(self.services, self.asker, limit=5)).notices
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
        inside = await feed.courses_inside(self.services, self.asker)
        taught = await taught_ids(self.services.db, person.user)
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
        mine = await room_lists.list_rooms(self.services, self.asker)
        other, known = person.user, [room.id for room in mine]
        shared = await room_lists.rooms_with(self.services, other, known)
        return [room for room in mine if room.id in shared]


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
    (r"/rooms/([0-9a-f]{24})", RoomPage),
    (r"/rooms/([0-9a-f]{24})/([1-9][0-9]{0,14})", RoomPage),
    (r"/updates/([0-9a-f]{24})", UpdatePage),
    (r"/updates/([0-9a-f]{24})/([1-9][0-9]{0,14})", UpdatePage),
    (r"/messages", MessagesPage),
    (r"/notifications", NotificationsPage),
    (r"/users/([0-9a-f]{24})", ProfilePage),
    (r"/help", HelpPage),
    (r"/help/([a-z-]+)", HelpPage),
]
