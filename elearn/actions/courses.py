"""Courses: made, edited, published, withdrawn. The truth is each course's own topic; what is
published is copied to `catalog` by a reaction."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from elearn.access.courses import require_staff
from elearn.access.people import require_teacher
from elearn.actions import fields
from elearn.actions.act import Act, UnchangedError, keyed
from elearn.errors import InvalidField
from elearn.events.base import Row
from elearn.events.courses import CourseCreated, CourseUpdated, CourseWithdrawn
from elearn.log.new_events import NewEvent
from elearn.models.ids import new_id
from elearn.nouns.changes import given_of
from elearn.nouns.courses import Course, CourseFields
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics

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


def new_course(owner: User, values: dict[str, Any], now: datetime) -> Course:
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
    course = new_course(act.user, checked(msgspec.structs.asdict(given)), services.clock())
    topic = topics.course(course.id)
    services.log.begin(topic)
    row = await services.log.append(act.says(topic, CourseCreated(document=course)))
    await services.log.reacted(row)
    return row


@keyed
async def update_course(
    services: Services, act: Act, course_id: str, given: msgspec.Struct
) -> Row | None:
    """`given`: `CourseChanges`. Stores `course.updated`, or `course.withdrawn` when it is no longer
    published; nothing, and None, when all is so already."""
    changes = checked(given_of(given))

    async def decide() -> NewEvent:
        course = await require_staff(services.db, act.user, course_id)
        if replace(course, **changes) == course:
            raise UnchangedError
        after = replace(course, **changes, updated_at=services.clock())
        _check_window(after)
        return changed_course(act, course, after)

    try:
        row = await services.log.decide(topics.course(course_id), decide)
    except UnchangedError:
        return None
    await services.log.reacted(row)
    return row


def changed_course(act: Act, before: Course, after: Course) -> NewEvent:
    withdrawn = before.published and not after.published
    changed = (CourseWithdrawn if withdrawn else CourseUpdated)(
        document=after,
        was_published=before.published,
        rights=before.published != after.published or before.teachers != after.teachers,
        moved=tuple(sorted({*before.teachers} ^ {*after.teachers})),
    )
    return act.says(topics.course(after.id), changed)
