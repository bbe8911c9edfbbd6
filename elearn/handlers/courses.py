"""Courses over HTTP: the JSON calls, the course page with its tabs, enrolling by a form."""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, UnsetType, structs

from elearn.access.courses import find_rights, require_course
from elearn.actions import courses, enrollment, feed_lists, room_lists, search, updates
from elearn.actions.search import Viewer
from elearn.actions.search_reports import searches_to_course
from elearn.errors import ClientError, InvalidField, SearchUnavailable
from elearn.handlers.account_forms import FormHandler
from elearn.handlers.base import BaseHandler
from elearn.models import courses as stored
from elearn.nouns.courses import Course, CourseCard, CourseChanges, CourseFields, CourseNoun
from elearn.nouns.rights import CourseRights
from elearn.search.backend import SORTS, Filters, SearchRequest
from elearn.wire import protocol, topics

ROOMS = 50
TABS = ("overview", "updates", "rooms", "feed", "people")


class SeenCourseNoun(CourseNoun, frozen=True, kw_only=True, omit_defaults=False):
    """A course in whole, with what its viewer is to it and may do; the key for the staff alone."""

    viewer: Viewer
    rights: CourseRights
    enrollment_key: str | None | UnsetType = UNSET


class CourseNouns(BaseHandler):
    async def course_noun(self, course: Course) -> SeenCourseNoun:
        rights = await find_rights(self.services.db, self.user, course, self.services.clock())
        return SeenCourseNoun(
            **structs.asdict(CourseNoun.of(course)),
            viewer=Viewer(rights.enrolled, rights.staff),
            rights=rights,
            enrollment_key=course.enrollment_key if rights.staff else UNSET,
        )

    def search_request(self) -> SearchRequest:
        page = self.get_query_argument("page", "1")
        sort = self.get_query_argument("sort", "") or "relevance"
        if not is_number(page, most=500):
            raise InvalidField("page is a number from 1 to 500.", field="page")
        if sort not in SORTS:
            raise InvalidField("There is no such order.", field="sort")
        return SearchRequest(
            q=self.get_query_argument("q", ""),
            filters=Filters(
                self._chosen("subject"),
                self._chosen("level"),
                self._chosen("language"),
                self._chosen("teacher"),
                self.get_query_argument("open", "") in ("1", "on", "true"),
            ),
            sort=sort,
            page=int(page),
            facets=True,
        )

    def _chosen(self, name: str) -> tuple[str, ...]:
        return tuple(value for value in self.get_query_arguments(name) if value)


class CoursesHandler(CourseNouns):
    public = True

    async def get(self) -> None:
        self.send_json(await search.search_courses(self.services, self.user, self.search_request()))

    async def post(self) -> None:
        given = self.json_body()
        fields = protocol.convert_args(given, CourseFields)
        row = await courses.create_course(
            self.services, self.act("POST /api/courses", given), fields
        )
        course = await require_course(self.services.db, self.asker, row.about)
        self.send_json({"course": await self.course_noun(course)}, 201)


class CourseHandler(CourseNouns):
    public = True

    async def get(self, course_id: str) -> None:
        course = await require_course(self.services.db, self.user, course_id)
        self.send_json({"course": await self.course_noun(course)})

    async def patch(self, course_id: str) -> None:
        given = self.json_body()
        changes = protocol.convert_args(given, CourseChanges)
        act = self.act(f"PATCH /api/courses/{course_id}", given)
        await courses.update_course(self.services, act, course_id, changes)
        await self.get(course_id)


class CoursePage(CourseNouns):
    public = True

    async def get(self, course_id: str, tab: str | None = None) -> None:
        await self.show(course_id, tab or "overview", {})

    async def show(
        self, course_id: str, tab: str, errors: dict[str, str], status: int = 200
    ) -> None:
        topic = topics.course(course_id)
        cursors = await self.pages.positions(self.user, topics.CATALOG, topic)
        course = await require_course(self.services.db, self.user, course_id)
        noun = await self.course_noun(course)
        inside = noun.rights.inside
        if not inside:
            del cursors[topic]
        shown: dict[str, Any] = {
            "course": noun,
            "tab": tab,
            "updates": [],
            "rooms": [],
            "items": [],
            "people": [],
            "total_people": course.enrolled,
            "next": None,
            "feedback": {**structs.asdict(course.rating), "mine": None, "recent": []},
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

    async def _fill(self, shown: dict[str, Any], course_id: str, tab: str) -> None:
        services, user = self.services, self.asker
        if tab in ("overview", "updates"):
            limit = 3 if tab == "overview" else 20
            shown["updates"], shown["next"] = await updates.list_updates(
                services, user, course_id, limit=limit
            )
        if tab in ("overview", "rooms"):
            found, more = await room_lists.list_rooms(services, user, course_id, limit=ROOMS)
            shown["rooms"], shown["more_rooms"] = found, more
        if tab == "feed":
            shown["items"], shown["next"] = await feed_lists.list_items(
                services, user, "course", ident=course_id
            )
        staff = shown["course"].rights.staff
        if staff:
            recent = await enrollment.list_people(services, user, course_id, limit=5)
            shown["recent_enrollments"] = recent.enrollments
        if tab == "people":
            page = await enrollment.list_people(services, user, course_id)
            shown["people"], shown["next"] = page.enrollments, page.next
            shown["total_people"] = page.total
            if staff:
                shown["searches"] = await searches_to_course(services, user, course_id)
        if tab == "overview":
            voices, _ = await feed_lists.list_items(
                services, user, "course", ident=course_id, kind="feedback", limit=5
            )
            shown["feedback"]["recent"] = voices
            shown["feedback"]["mine"] = await feed_lists.own_feedback(services, user, course_id)


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


def is_number(text: str, *, most: int) -> bool:
    """Whether it is one from 1 to `most`; a longer text is no number to Python."""
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    return plain and 1 <= int(text) <= most


async def popular_courses(
    handler: BaseHandler, limit: int = 6
) -> Sequence[search.HitNoun | CourseCard]:
    """What a visitor without an account sees first."""
    request = SearchRequest(sort="popular", size=limit)
    try:
        found = await search.search_courses(handler.services, handler.user, request)
        hits: Sequence[search.HitNoun] = found["hits"]
    except SearchUnavailable:
        return [CourseCard.of(one) for one in await stored.newest(handler.services.db, limit)]
    return hits


ROUTES = [
    (r"/api/courses", CoursesHandler),
    (r"/api/courses/([^/]+)", CourseHandler),
    (r"/courses/([0-9a-f]{24})", CoursePage),
    (r"/courses/([0-9a-f]{24})/enroll", EnrollForm),
    (r"/courses/([0-9a-f]{24})/leave", LeaveForm),
    (rf"/courses/([0-9a-f]{{24}})/({'|'.join(TABS)})", CoursePage),
]
