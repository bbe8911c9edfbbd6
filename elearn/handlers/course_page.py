"""The page of a course with its tabs; enrolling by a form."""

from typing import Any

from msgspec import structs

from elearn.access.courses import require_course
from elearn.actions import catch_up, enrollment, feed_lists, room_lists, updates
from elearn.actions.search_reports import searches_to_course
from elearn.errors import ClientError
from elearn.handlers.account_forms import FormHandler
from elearn.handlers.arguments import named_place, place
from elearn.handlers.base import BaseHandler
from elearn.handlers.courses import CourseNouns
from elearn.wire import topics

ROOMS, VOICES, NEWEST = 50, 5, 3
"""Of a list at first; its page goes on with the same command."""

Shown = dict[str, Any]


class CoursePage(CourseNouns):
    public = True

    async def get(self, course_id: str, tab: str | None = None) -> None:
        await self.show(course_id, tab or "overview", {})

    async def show(
        self, course_id: str, tab: str, errors: dict[str, str], status: int = 200
    ) -> None:
        topic, staff = topics.course(course_id), topics.staff(course_id)
        cursors = await self.pages.positions(self.user, topics.CATALOG, topic, staff)
        course = await require_course(self.services.db, self.user, course_id)
        noun = await self.course_noun(course)
        inside = noun.rights.inside
        if not inside:
            del cursors[topic]
        if not noun.rights.staff:
            del cursors[staff]
        shown: Shown = {
            "course": noun,
            "tab": tab,
            "updates": [],
            "rooms": [],
            "items": [],
            "people": [],
            "total_people": course.enrolled,
            "next": None,
            "feedback": {**structs.asdict(course.rating), "mine": None, "recent": [], "next": None},
        }
        if inside:
            await self._fill(shown, course_id, tab)
        await self.send_page(
            "course.html",
            status=status,
            title=course.title,
            errors=errors,
            cursors=cursors,
            state=shown,
            **shown,
        )

    async def _fill(self, shown: Shown, course_id: str, tab: str) -> None:
        """What only those inside see."""
        staff = shown["course"].rights.staff
        await _FILL[tab](self, shown, course_id)
        if staff:
            recent = await enrollment.list_people(self.services, self.asker, course_id, limit=5)
            shown["recent_enrollments"] = recent.enrollments

    async def _overview(self, shown: Shown, course_id: str) -> None:
        services, user = self.services, self.asker
        shown["updates"], _ = await updates.list_updates(services, user, course_id, limit=NEWEST)
        shown["new_updates"] = await catch_up.new_updates(services, user, course_id)
        shown["rooms"], shown["more_rooms"] = await room_lists.list_rooms(
            services, user, course_id, limit=ROOMS
        )
        voices, more = await feed_lists.list_items(
            services,
            user,
            "course",
            ident=course_id,
            kind="feedback",
            before=place(self, "voices"),
            limit=VOICES,
        )
        mine = await feed_lists.own_feedback(services, user, course_id)
        shown["feedback"] |= {"recent": voices, "next": more, "mine": mine}

    async def _updates(self, shown: Shown, course_id: str) -> None:
        services, user = self.services, self.asker
        shown["updates"], shown["next"] = await updates.list_updates(
            services, user, course_id, before=place(self, "before")
        )
        shown["new_updates"] = await catch_up.new_updates(services, user, course_id)

    async def _rooms(self, shown: Shown, course_id: str) -> None:
        shown["rooms"], shown["next"] = await room_lists.list_rooms(
            self.services, self.asker, course_id, before=named_place(self), limit=ROOMS
        )

    async def _feed(self, shown: Shown, course_id: str) -> None:
        shown["items"], shown["next"] = await feed_lists.list_items(
            self.services, self.asker, "course", ident=course_id, before=place(self, "before")
        )

    async def _people(self, shown: Shown, course_id: str) -> None:
        page = await enrollment.list_people(
            self.services, self.asker, course_id, before=named_place(self)
        )
        shown["people"], shown["next"] = page.enrollments, page.next
        shown["total_people"] = page.total
        if shown["course"].rights.staff:
            shown["searches"] = await searches_to_course(self.services, self.asker, course_id)


_FILL = {
    "overview": CoursePage._overview,
    "updates": CoursePage._updates,
    "rooms": CoursePage._rooms,
    "feed": CoursePage._feed,
    "people": CoursePage._people,
}


class EnrollForm(FormHandler, CoursePage):
    public = False

    async def post(self, course_id: str) -> None:
        given = self.form("enrollment_key")
        try:
            await enrollment.enroll_student(
                self.services,
                self.act("enroll", [course_id]),
                course_id,
                given["enrollment_key"] or None,
            )
        except ClientError as error:
            if error.field is not None:
                await self.show(course_id, "overview", self.refusal(error), error.status)
                return
            if error.code != "already_enrolled":
                raise
        self.redirect(f"/courses/{course_id}", status=303)


class LeaveForm(BaseHandler):
    async def post(self, course_id: str) -> None:
        await enrollment.leave_course(self.services, self.act("leave", [course_id]), course_id)
        self.redirect(f"/courses/{course_id}", status=303)


ROUTES = [
    (r"/courses/([0-9a-f]{24})", CoursePage),
    (r"/courses/([0-9a-f]{24})/enroll", EnrollForm),
    (r"/courses/([0-9a-f]{24})/leave", LeaveForm),
    (rf"/courses/([0-9a-f]{{24}})/({'|'.join(_FILL)})", CoursePage),
]
