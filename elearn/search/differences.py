"""Whether the search index says what the catalogue says: courses, versions and content."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing

import msgspec

from elearn.nouns.courses import Course
from elearn.search.backend import Held, SearchBackend
from elearn.search.catalog import BATCH, Catalog, newest_versions
from elearn.search.documents import course_document
from elearn.search.indexer import continues

SETTLE_S = 3.0
"""A difference that is gone after this was on its way."""

Pause = Callable[[float], Awaitable[None]]


class Differences(msgspec.Struct):
    """Titles, or ids of courses that the catalogue does not show. `compared` counts the published
    courses, `held` those in the index, `behind` the rows that it has not read, `waiting` changes
    that have no row yet."""

    compared: int = 0
    held: int = 0
    behind: int = 0
    waiting: int = 0
    absent: bool = False
    other_life: bool = False
    missing: list[str] = []
    older: list[str] = []
    surplus: int = 0

    @property
    def counts(self) -> str:
        return f"{self.compared} published, {self.held} in the index"

    @property
    def words(self) -> list[str]:
        if self.other_life:
            return ["it belongs to another life of the store"]
        kinds: tuple[tuple[int, str, list[str]], ...] = (
            (len(self.missing), "missing in it", self.missing),
            (len(self.older), "there in an older version", self.older),
            (self.surplus, "there and should not be", []),
        )
        return [
            f"{count} course{'s are' if count > 1 else ' is'} {what}"
            + (f" (“{names[0]}”)" if names else "")
            for count, what, names in kinds
            if count
        ]

    @property
    def on_its_way(self) -> str:
        """What a server will do by itself."""
        rows = self.behind + self.waiting
        return f"{rows} change{'s are' if rows > 1 else ' is'} not in it yet" if rows else ""


async def compare(index: SearchBackend, catalog: Catalog) -> Differences:
    """Every course of the catalogue, a page at a time."""
    epoch, head = await catalog.head()
    cursor = await index.cursor()
    if cursor is None or index.needs_rebuild:
        return Differences(absent=True)
    if not continues(cursor, epoch, head):
        return Differences(other_life=True)
    found = Differences(behind=head - cursor.seq, waiting=await catalog.waiting())
    if found.behind or found.waiting:
        return found
    versions = newest_versions(await catalog.read_rows(max(0, head - BATCH), BATCH))
    async with aclosing(catalog.all_courses()) as pages:
        async for courses in pages:
            held = await index.held([one.id for one in courses])
            for course in courses:
                _compare_one(course, held.get(course.id), versions, found)
    found.held = await index.count()
    # What is there besides has no course that shows it.
    found.surplus = max(0, found.held - (found.compared - len(found.missing)))
    return found


def _compare_one(
    course: Course, held: Held | None, versions: dict[str, int], found: Differences
) -> None:
    if not course.published:
        return
    found.compared += 1
    version = versions.get(course.id, 0)
    if held is None:
        found.missing.append(course.title)
    elif _is_older(held, version, course_document(course, 0).digest):
        found.older.append(course.title)


def _is_older(held: Held, version: int, digest: int) -> bool:
    return held.version < version or held.digest != digest


async def compare_settled(look: Callable[[], Awaitable[Differences]], pause: Pause) -> Differences:
    """Writes go on meanwhile: what differs is looked at again."""
    found = await look()
    if found.words or found.behind:
        await pause(SETTLE_S)
        found = await look()
    return found
