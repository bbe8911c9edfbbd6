"""Pages of conversations: a room, an update with its thread, the direct ones."""

from typing import Any

from msgspec.structs import asdict

from elearn.access.courses import is_staff, require_inside, taught_ids
from elearn.access.rooms import SeenRoom, require_door, require_room
from elearn.actions import catch_up, chat, memberships, room_lists, updates
from elearn.actions.search import Viewer
from elearn.handlers.arguments import named_place, place
from elearn.handlers.base import BaseHandler
from elearn.handlers.message_forms import MessageForm
from elearn.nouns.courses import Course, CourseCard
from elearn.nouns.people import User
from elearn.nouns.rooms import SeenRoomNoun
from elearn.wire import topics

MEMBERS, CONVERSATIONS = 50, 50
"""Of a list at first; its page goes on with the same command."""


class SeenCourseCard(CourseCard, frozen=True, kw_only=True):
    """A course, with what its viewer is to it."""

    viewer: Viewer


def _seen_course(user: User, course: Course) -> SeenCourseCard:
    """To one who is inside."""
    staff = is_staff(user, course)
    return SeenCourseCard(**asdict(CourseCard.of(course)), viewer=Viewer(not staff, staff))


class RoomPage(MessageForm):
    async def get(self, room_id: str, seq: str | None = None) -> None:
        seen = await require_door(self.services.db, self.asker, room_id)
        if seen.rights.door:
            await self._show_door(seen)
            return
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

    async def _show_door(self, seen: SeenRoom) -> None:
        """To one who may come in, and has not."""
        assert seen.course is not None
        ident, course = seen.room.id, seen.course
        cursors = await self.pages.positions(self.user, topics.course(course.id))
        room = await room_lists.room_noun(self.services, self.asker, ident)
        members, total, more_members = await room_lists.list_members(
            self.services, self.asker, ident, before=place(self, "members"), limit=MEMBERS
        )
        shown: dict[str, Any] = {
            "room": room,
            "rights": seen.rights,
            "members": [one.user for one in members],
            "total_members": total,
            "more_members": more_members,
        }
        await self.send_page(
            "door.html",
            title=room.name,
            course=_seen_course(self.asker, course),
            cursors=cursors,
            state=shown,
            current={"course": course.id, "room": ident},
            **shown,
        )


class JoinForm(BaseHandler):
    async def post(self, room_id: str) -> None:
        await memberships.join_room(self.services, self.act("join", [room_id]), room_id)
        self.redirect(f"/rooms/{room_id}", status=303)


class TakeOverForm(BaseHandler):
    async def post(self, room_id: str) -> None:
        await memberships.take_over(self.services, self.act("take over", [room_id]), room_id)
        self.redirect(f"/rooms/{room_id}", status=303)


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
    noun = await room_lists.room_noun(services, user, room_id)
    page = await _history(handler, noun, highlight)
    members, total, more_members = await room_lists.list_members(
        services, user, room_id, before=place(handler, "members"), limit=MEMBERS
    )
    shown = {
        "room": noun,
        "messages": page.messages,
        "more_before": page.more_before,
        "more_after": page.more_after,
        "highlight": highlight,
        "read_seq": noun.read_seq if noun.unread else None,
        "members": [one.user for one in members],
        "owners": [one.user.id for one in members if one.role == "owner"],
        "staff": [one.user for one in members if one.role == "staff"],
        "total_members": total,
        "more_members": more_members,
        "rights": seen.rights,
    }
    return shown, cursors


async def _history(
    handler: BaseHandler, room: SeenRoomNoun, highlight: int | None
) -> chat.HistoryPage:
    """The part of the room that the address asks for; else where its reader left off."""
    before, after, around = place(handler, "before"), place(handler, "after"), None
    if highlight is not None:
        before, after, around = None, None, highlight
    elif before is not None:
        after = None
    elif after is None and room.unread:
        around = room.read_seq
    return await chat.read_history(
        handler.services, handler.asker, room.id, before=before, after=after, around=around
    )


class UpdatePage(MessageForm):
    async def get(self, update_id: str, seq: str | None = None) -> None:
        update = await updates.find_update(self.services, self.asker, update_id)
        shown, cursors = await room_state(self, update_id, seq)
        shown["update"] = update
        shown["new_updates"] = await catch_up.new_updates(
            self.services, self.asker, update.course.id
        )
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
        taught = await taught_ids(self.services.db, self.asker)
        cursors = await self.pages.positions(self.user, *map(topics.staff, taught))
        found, more = await room_lists.list_rooms(
            self.services,
            self.asker,
            kind="direct",
            before=named_place(self),
            limit=CONVERSATIONS,
        )
        shown: dict[str, Any] = {"rooms": found, "next": more}
        await self.send_page(
            "messages.html", title="Messages", cursors=cursors, state=shown, **shown
        )


ROUTES = [
    (r"/rooms/([0-9a-f]{24})", RoomPage),
    (r"/rooms/([0-9a-f]{24})/join", JoinForm),
    (r"/rooms/([0-9a-f]{24})/take-over", TakeOverForm),
    (r"/rooms/([0-9a-f]{24})/([1-9][0-9]{0,14})", RoomPage),
    (r"/updates/([0-9a-f]{24})", UpdatePage),
    (r"/updates/([0-9a-f]{24})/([1-9][0-9]{0,14})", UpdatePage),
    (r"/messages", MessagesPage),
]
