"""Whether the search index says what the catalogue says: counts, and a sample of versions."""

import random
from collections.abc import Awaitable, Callable, Iterable, Sequence

import msgspec

from elearn.search.backend import Held, SearchBackend
from elearn.search.documents import course_document
from elearn.search.indexer import BATCH, Catalog, continues, newest_versions

SAMPLE = 500
SETTLE_S = 3.0
"""A difference that is gone after this was on its way."""

Pause = Callable[[float], Awaitable[None]]


class Differences(msgspec.Struct):
    """Titles, or ids of courses that the catalogue does not show. `behind` counts the rows that
    the index has not read, `waiting` changes that have no row yet."""

    compared: int = 0
    behind: int = 0
    waiting: int = 0
    absent: bool = False
    other_life: bool = False
    missing: list[str] = []
    older: list[str] = []
    surplus: int = 0

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


async def compare(
    index: SearchBackend, catalog: Catalog, published: Sequence[str], chance: random.Random
) -> Differences:
    """`published`: the ids of all courses that the catalogue shows."""
    epoch, head = await catalog.head()
    cursor = await index.cursor()
    if cursor is None or index.needs_rebuild:
        return Differences(absent=True)
    if not continues(cursor, epoch, head):
        return Differences(other_life=True)
    found = Differences(behind=head - cursor.seq, waiting=await catalog.waiting())
    if found.behind or found.waiting:
        return found
    rows = await catalog.read_rows(max(0, head - BATCH), BATCH)
    versions = newest_versions(rows)
    shown = set(published)
    sample = {*versions, *chance.sample(published, min(SAMPLE, len(published)))}
    if await index.count() != len(published):
        sample |= shown
    for ids in _batches(sorted(sample)):
        await _compare_some(index, catalog, ids, versions, found)
    total = await index.count()
    found.surplus = max(found.surplus, total - (len(published) - len(found.missing)))
    found.compared = len(sample)
    return found


async def _compare_some(
    index: SearchBackend,
    catalog: Catalog,
    ids: list[str],
    versions: dict[str, int],
    found: Differences,
) -> None:
    held = await index.held(ids)
    courses = {str(one["_id"]): one for one in await catalog.read_courses(ids)}
    for id in ids:
        course = courses.get(id)
        if course is None or not course.get("published"):
            found.surplus += id in held
        elif id not in held:
            found.missing.append(str(course["title"]))
        elif _is_older(held[id], versions.get(id, 0), course_document(course, 0).digest):
            found.older.append(str(course["title"]))


def _is_older(held: Held, version: int, digest: int) -> bool:
    return held.version < version or held.digest != digest


def _batches(ids: Sequence[str]) -> Iterable[list[str]]:
    return (list(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))


async def compare_settled(look: Callable[[], Awaitable[Differences]], pause: Pause) -> Differences:
    """Writes go on meanwhile: what differs is looked at again."""
    found = await look()
    if found.words or found.behind:
        await pause(SETTLE_S)
        found = await look()
    return found
