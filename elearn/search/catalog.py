"""The catalogue as an index reads it: rows in order, each of which names a course, and the courses
themselves."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence

import msgspec

from elearn.events.base import Row, holds
from elearn.events.courses import CatalogChange
from elearn.nouns.courses import Course
from elearn.search.backend import Changes
from elearn.search.documents import course_document

BATCH = 500
"""Rows that are read at once."""


async def _none_waits() -> int:
    return 0


class Catalog(msgspec.Struct, frozen=True):
    """Where courses come from, as functions of the store.

    `head` gives (epoch, newest seq); `read_rows(after, limit)` rows in order; `read_courses(ids)`
    the stored documents of those that exist; `all_courses()` every published course, in batches;
    `waiting()` how many changes at most have no row yet: without a server nobody writes them.
    """

    head: Callable[[], Awaitable[tuple[str, int]]]
    read_rows: Callable[[int, int], Awaitable[Sequence[Row]]]
    read_courses: Callable[[list[str]], Awaitable[Sequence[Course]]]
    all_courses: Callable[[], AsyncGenerator[Sequence[Course], None]]
    waiting: Callable[[], Awaitable[int]] = _none_waits

    async def tail(self, after: int) -> Changes | None:
        rows = await self.read_rows(after, BATCH)
        return await self.changes(rows) if rows else None

    async def changes(self, rows: Sequence[Row]) -> Changes:
        versions = newest_versions(rows)
        courses = await self.read_courses(list(versions))
        documents = tuple(
            course_document(course, versions[course.id]) for course in courses if course.published
        )
        kept = {document.id for document in documents}
        gone = tuple((id, version) for id, version in versions.items() if id not in kept)
        return Changes(documents, gone, rows[-1].seq, at_head=len(rows) < BATCH)


def newest_versions(rows: Iterable[Row]) -> dict[str, int]:
    """The newest seq of each course that the rows name; a row that names none is passed over."""
    versions: dict[str, int] = {}
    for row in rows:
        if holds(row, CatalogChange):
            versions[row.data.course.id] = row.seq
    return versions
