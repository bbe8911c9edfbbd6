"""Courses: made, edited, published, withdrawn, imported. The truth is each course's own topic;
what is published is copied to `catalog` by a reaction."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec

from elearn import access, views
from elearn.actions import fields
from elearn.actions.act import Act, keyed
from elearn.errors import InvalidField
from elearn.log.new_events import NewEvent
from elearn.models import courses, users
from elearn.models.events import Row
from elearn.models.ids import new_id
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
        at: Any = found.get(name)
        if at is not None and at.tzinfo is None:
            raise InvalidField("A time needs its zone, as in 2026-09-01T08:00:00Z.", field=name)
    return found


def _check_window(course: dict[str, Any]) -> None:
    opens, closes = course["opens_at"], course["closes_at"]
    if opens is not None and closes is not None and closes <= opens:
        raise InvalidField("Enrolment has to close after it opens.", field="closes_at")


def _document(owner: User, values: dict[str, Any], now: datetime) -> dict[str, Any]:
    document = {
        "_id": new_id(),
        **values,
        "teachers": [owner.id],
        "teacher_names": [owner.name],
        "owner": owner.id,
        "enrolled": 0,
        "external_id": None,
        "created_at": now,
        "updated_at": now,
    }
    _check_window(document)
    return document


@keyed
async def create_course(services: Services, act: Act, given: CourseFields) -> Row:
    """Stores `course.created` on the course's new topic; its own room comes with it."""
    access.require_teacher(act.user)
    document = _document(act.user, checked(msgspec.structs.asdict(given)), services.clock())
    topic = topics.course(document["_id"])
    services.log.begin(topic)
    row = await services.log.append(act.draft(topic, "course.created", {"document": document}))
    await services.log.reacted(row)
    return row


@keyed
async def update_course(services: Services, act: Act, course_id: str, given: CourseChanges) -> Row:
    """Stores `course.updated`, or `course.withdrawn` when it is no longer published."""
    changes = checked(
        {k: v for k, v in msgspec.structs.asdict(given).items() if v is not msgspec.UNSET}
    )

    async def decide() -> NewEvent:
        course = await access.require_staff(services.db, act.user, course_id)
        after = {**course, **changes, "updated_at": services.clock()}
        _check_window(after)
        return _change(act, course, after)

    row = await services.log.decide(topics.course(course_id), decide)
    await services.log.reacted(row)
    return row


def _change(act: Act, before: dict[str, Any], after: dict[str, Any]) -> NewEvent:
    withdrawn = before["published"] and not after["published"]
    data: dict[str, Any] = {"document": after, "was_published": before["published"]}
    if any(before[name] != after[name] for name in ("published", "teachers")):
        data["rights"] = True
    event = "course.withdrawn" if withdrawn else "course.updated"
    return act.draft(topics.course(after["_id"]), event, data)


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


async def _guess_heads(services: Services, known: Iterable[dict[str, Any] | None]) -> None:
    """Most courses of an import have no row but their own: so one look for all of them."""
    positions = {topics.course(course["_id"]): course["seq"] for course in known if course}
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
            raise _UnchangedError
        gained.update(set(after["teachers"]) - set(course["teachers"] if course else ()))
        act = Act(owner, new_id(), "")
        if course is not None:
            return _change(act, course, {**after, "updated_at": services.clock()})
        # Thousands at once are not announced to their owner one by one.
        data = {"document": after, "imported": True}
        return act.draft(topics.course(course_id), "course.created", data)

    try:
        row = await services.log.decide(topics.course(course_id), decide)
    except _UnchangedError:
        return "unchanged", set()
    return "created" if row.event == "course.created" else "updated", gained


class _UnchangedError(Exception):
    """Somebody else made the same change first."""


async def _tell_teachers(services: Services, owner: User, gained: set[str]) -> None:
    """Their connections ask again what they may hear: once a batch, not once a course."""
    known = await users.find_many(services.db, gained) if gained else {}
    await services.log.append_all(
        [
            Act(owner, new_id(), "").draft(
                topics.user(ident), "user.updated", views.standing(user), reacts=False
            )
            for ident, user in known.items()
        ]
    )


def _merged(course: dict[str, Any], one: ImportedCourse) -> dict[str, Any]:
    """A known course with what its line holds."""
    after = {**course, **{name: one.values[name] for name in one.columns}}
    _set_teachers(after, one)
    return after


def _imported(
    services: Services, owner: User, one: ImportedCourse, course_id: str
) -> dict[str, Any]:
    document = _document(owner, one.values, services.clock())
    document |= {"_id": course_id, "external_id": one.external_id}
    if owner == CATALOGUE:
        document |= {"teachers": [], "teacher_names": []}
    _set_teachers(document, one)
    return document


def _set_teachers(document: dict[str, Any], one: ImportedCourse) -> None:
    if one.teachers:
        document["teachers"] = [user for user, _ in one.teachers]
        document["teacher_names"] = [name for _, name in one.teachers]
