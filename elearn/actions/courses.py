"""Courses: made, edited, published, withdrawn, imported. The truth is each course's own topic;
what is published is copied to `catalog` by a reaction."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec.structs import replace

from elearn.access.courses import require_staff
from elearn.access.people import require_teacher
from elearn.actions import fields
from elearn.actions.accounts import own_rights
from elearn.actions.act import Act, UnchangedError, keyed
from elearn.errors import InvalidField
from elearn.events.base import Row, holds
from elearn.events.courses import CourseCreated, CourseUpdated, CourseWithdrawn
from elearn.log.new_events import NewEvent
from elearn.models import courses, users
from elearn.models.ids import new_id
from elearn.nouns.courses import Course
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics

# Who imports when no teacher is named: not a person, so the courses are the admins' alone.
CATALOGUE = User("0" * 24, "Catalogue", "admin")

MOST_SEATS = 1_000_000
Capacity = Annotated[int, msgspec.Meta(ge=1, le=MOST_SEATS)]


class CourseFields(msgspec.Struct, forbid_unknown_fields=False):
    """What a teacher says of a course."""

    title: str
    code: str = ""
    summary: str = ""
    description: str = ""
    subject: str = ""
    level: str = ""
    language: str = ""
    capacity: Capacity | None = None
    enrollment_key: str | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    published: bool = False


class CourseChanges(msgspec.Struct):
    """What is to change; what is absent stays."""

    title: str | msgspec.UnsetType = msgspec.UNSET
    code: str | msgspec.UnsetType = msgspec.UNSET
    summary: str | msgspec.UnsetType = msgspec.UNSET
    description: str | msgspec.UnsetType = msgspec.UNSET
    subject: str | msgspec.UnsetType = msgspec.UNSET
    level: str | msgspec.UnsetType = msgspec.UNSET
    language: str | msgspec.UnsetType = msgspec.UNSET
    capacity: Capacity | None | msgspec.UnsetType = msgspec.UNSET
    enrollment_key: str | None | msgspec.UnsetType = msgspec.UNSET
    opens_at: datetime | None | msgspec.UnsetType = msgspec.UNSET
    closes_at: datetime | None | msgspec.UnsetType = msgspec.UNSET
    published: bool | msgspec.UnsetType = msgspec.UNSET


_CHECKS = {
    "title": lambda text: fields.title(text),
    "code": lambda text: fields.one_line(text, "code", most=40, least=0),
    "summary": lambda text: fields.one_line(text, "summary", most=fields.LINE_CHARACTERS, least=0),
    "description": lambda text: fields.body(text, "description", least=0),
    "subject": lambda text: fields.one_line(text, "subject", most=80, least=0),
    "level": lambda text: fields.one_line(text, "level", most=40, least=0),
    "language": lambda text: fields.one_line(text, "language", most=40, least=0),
}


def checked(values: dict[str, Any]) -> dict[str, Any]:
    """The fields of a course, each by its rule."""
    found = {
        name: _CHECKS[name](value) if name in _CHECKS else value for name, value in values.items()
    }
    if (key := found.get("enrollment_key")) is not None:
        found["enrollment_key"] = fields.one_line(key, "enrollment_key", most=80, least=0) or None
    for name in ("opens_at", "closes_at"):
        if name in found:
            found[name] = fields.moment(values[name], name)
    return found


def _check_window(course: Course) -> None:
    opens, closes = course.opens_at, course.closes_at
    if opens is not None and closes is not None and closes <= opens:
        raise InvalidField("Enrolment has to close after it opens.", field="closes_at")


def _new_course(owner: User, values: dict[str, Any], now: datetime) -> Course:
    course = Course(
        id=new_id(),
        **values,
        teachers=[owner.id],
        teacher_names=[owner.name],
        owner=owner.id,
        created_at=now,
        updated_at=now,
    )
    _check_window(course)
    return course


@keyed
async def create_course(services: Services, act: Act, given: CourseFields) -> Row:
    """Stores `course.created` on the course's new topic; its own room comes with it."""
    require_teacher(act.user)
    course = _new_course(act.user, checked(msgspec.structs.asdict(given)), services.clock())
    topic = topics.course(course.id)
    services.log.begin(topic)
    row = await services.log.append(act.says(topic, CourseCreated(document=course)))
    await services.log.reacted(row)
    return row


@keyed
async def update_course(
    services: Services, act: Act, course_id: str, given: CourseChanges
) -> Row | None:
    """Stores `course.updated`, or `course.withdrawn` when it is no longer published; nothing, and
    None, when all is so already."""
    changes = checked(
        {k: v for k, v in msgspec.structs.asdict(given).items() if v is not msgspec.UNSET}
    )

    async def decide() -> NewEvent:
        course = await require_staff(services.db, act.user, course_id)
        if replace(course, **changes) == course:
            raise UnchangedError
        after = replace(course, **changes, updated_at=services.clock())
        _check_window(after)
        return _change(act, course, after)

    try:
        row = await services.log.decide(topics.course(course_id), decide)
    except UnchangedError:
        return None
    await services.log.reacted(row)
    return row


def _change(act: Act, before: Course, after: Course) -> NewEvent:
    withdrawn = before.published and not after.published
    changed = (CourseWithdrawn if withdrawn else CourseUpdated)(
        document=after,
        was_published=before.published,
        rights=before.published != after.published or before.teachers != after.teachers,
    )
    return act.says(topics.course(after.id), changed)


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
        await _tell_teachers(services, owner, {user for _, gained in changes for user in gained})
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
    """What became of it, and who teaches it that did not before."""
    gained: set[str] = set()

    async def decide() -> NewEvent:
        course = await courses.find(services.db, course_id)
        after = _merged(course, one) if course else _imported(services, owner, one, course_id)
        if course == after:
            raise UnchangedError  # somebody else made the same change first
        gained.update(set(after.teachers) - set(course.teachers if course else ()))
        act = Act(owner, new_id(), "")
        if course is not None:
            return _change(act, course, replace(after, updated_at=services.clock()))
        # Thousands at once are not announced to their owner one by one.
        return act.says(topics.course(course_id), CourseCreated(document=after, imported=True))

    try:
        row = await services.log.decide(topics.course(course_id), decide)
    except UnchangedError:
        return "unchanged", set()
    return "created" if holds(row, CourseCreated) else "updated", gained


async def _tell_teachers(services: Services, owner: User, gained: set[str]) -> None:
    """Their connections ask again what they may hear: once a batch, not once a course."""
    known = await users.find_many(services.db, gained) if gained else {}
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
    course = _new_course(owner, one.values, services.clock())
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
