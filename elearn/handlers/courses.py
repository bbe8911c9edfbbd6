"""Courses over HTTP: the JSON calls, and what the pages of courses share."""

from collections.abc import Sequence

from msgspec import UNSET, UnsetType, structs

from elearn.access.courses import find_rights, require_course
from elearn.actions import courses, search
from elearn.actions.search import Viewer
from elearn.errors import InvalidField, SearchUnavailable
from elearn.handlers.base import BaseHandler
from elearn.models import courses as stored
from elearn.nouns.courses import Course, CourseCard, CourseChanges, CourseFields, CourseNoun
from elearn.nouns.rights import CourseRights
from elearn.search.backend import SORTS, Filters, SearchRequest
from elearn.wire import protocol


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
        page = self.get_query_argument("page", "") or "1"
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
    takes = frozenset({"q", "subject", "level", "language", "teacher", "open", "sort", "page"})

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
]
