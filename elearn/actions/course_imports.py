"""A catalogue that was made elsewhere: each of its lines makes a course or changes one."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from elearn.actions.accounts import own_rights
from elearn.actions.act import Act, UnchangedError
from elearn.actions.courses import changed_course, new_course
from elearn.events.base import holds
from elearn.events.courses import CourseCreated
from elearn.log.new_events import NewEvent
from elearn.models import courses, users
from elearn.models.ids import new_id
from elearn.nouns.courses import Course
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics

CATALOGUE = User("0" * 24, "Catalogue", "admin")


class ImportedCourse(msgspec.Struct):
    """One line of an import: the importer's own id, all fields of a new course, those that the
    line itself holds (`columns`: the others of a known course stay), teachers' ids and names."""

    external_id: str
    values: dict[str, Any]
    columns: frozenset[str] = frozenset()
    teachers: list[tuple[str, str]] | None = None


class ImportResult(msgspec.Struct):
    created: int = 0
    updated: int = 0
    unchanged: int = 0


async def import_courses(
    services: Services, owner: User, batch: Sequence[ImportedCourse], *, write: bool = True
) -> ImportResult:
    """Create or update a batch. Each course is decided by itself, so that what somebody edits
    meanwhile stays; their rows share writes. Whom it gave a course hears that at once."""
    claimed = await _claims(services, batch, write)
    existing = await courses.find_many(services.db, claimed.values())
    result = ImportResult()
    changing = []
    for one in batch:
        course = existing.get(claimed[one.external_id])
        if course is not None and _merged(course, one) == course:
            result.unchanged += 1
        else:
            changing.append(one)
    if write:
        await _guess_heads(services, (existing.get(claimed[one.external_id]) for one in changing))
        changes = await asyncio.gather(
            *(_import_one(services, owner, one, claimed[one.external_id]) for one in changing)
        )
        await _tell_teachers(services, owner, {user for _, moved in changes for user in moved})
        outcomes = [outcome for outcome, _ in changes]
    else:
        outcomes = [
            "updated" if claimed[one.external_id] in existing else "created" for one in changing
        ]
    result.created += outcomes.count("created")
    result.updated += outcomes.count("updated")
    result.unchanged += outcomes.count("unchanged")
    return result


async def _guess_heads(services: Services, known: Iterable[Course | None]) -> None:
    """Most courses of an import have no row but their own: so one look for all of them."""
    positions = {topics.course(course.id): course.seq for course in known if course}
    await services.log.guess_heads(positions, applied=True)


async def _claims(
    services: Services, batch: Sequence[ImportedCourse], write: bool
) -> dict[str, str]:
    """The course of each line by the importer's id. Of two imports at once the first that claims
    an id names its course."""
    ids = [one.external_id for one in batch]
    known = await courses.find_external(services.db, ids)
    new = {one: new_id() for one in ids if one not in known}
    if not write or not new:
        return known | new
    for course_id in new.values():
        services.log.begin(topics.course(course_id))
    await courses.claim_external(services.db, new)
    return known | await courses.find_external(services.db, list(new))


async def _import_one(
    services: Services, owner: User, one: ImportedCourse, course_id: str
) -> tuple[str, set[str]]:
    """What became of it, and who teaches it that did not before, or no longer does."""
    moved: set[str] = set()

    async def decide() -> NewEvent:
        course = await courses.find(services.db, course_id)
        after = _merged(course, one) if course else _imported(services, owner, one, course_id)
        if course == after:
            raise UnchangedError  # somebody else made the same change first
        moved.update(set(after.teachers) ^ set(course.teachers if course else ()))
        act = Act(owner, new_id(), "")
        if course is not None:
            return changed_course(act, course, replace(after, updated_at=services.clock()))
        # Thousands at once are not announced to their owner one by one.
        return act.says(topics.course(course_id), CourseCreated(document=after, imported=True))

    try:
        row = await services.log.decide(topics.course(course_id), decide)
    except UnchangedError:
        return "unchanged", set()
    return "created" if holds(row, CourseCreated) else "updated", moved


async def _tell_teachers(services: Services, owner: User, moved: set[str]) -> None:
    """Their connections ask again what they may hear: once a batch, not once a course."""
    known = await users.find_many(services.db, moved) if moved else {}
    await services.log.append_all(
        [
            Act(owner, new_id(), "").says(topics.user(ident), own_rights(account), reacts=False)
            for ident, account in known.items()
        ]
    )


def _merged(course: Course, one: ImportedCourse) -> Course:
    """A known course with what its line holds."""
    return _taught(replace(course, **{name: one.values[name] for name in one.columns}), one)


def _imported(services: Services, owner: User, one: ImportedCourse, course_id: str) -> Course:
    course = new_course(owner, one.values, services.clock())
    course = replace(course, id=course_id, external_id=one.external_id)
    if owner == CATALOGUE:
        course = replace(course, teachers=[], teacher_names=[])
    return _taught(course, one)


def _taught(course: Course, one: ImportedCourse) -> Course:
    """By those whom its line names."""
    if not one.teachers:
        return course
    return replace(
        course,
        teachers=[user for user, _ in one.teachers],
        teacher_names=[name for _, name in one.teachers],
    )
