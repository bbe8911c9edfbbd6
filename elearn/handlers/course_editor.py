"""The editor of a course: new or known, one form, which works without a script."""

from datetime import datetime
from typing import Any

from msgspec import structs

from elearn.access.courses import require_staff
from elearn.access.people import require_teacher
from elearn.actions import courses
from elearn.errors import ClientError, InvalidField
from elearn.handlers.account_forms import FormHandler
from elearn.handlers.courses import CourseNouns, SeenCourseNoun, is_number
from elearn.nouns.courses import MOST_SEATS, CourseChanges, CourseFields
from elearn.rendering.budget import TEXT_CHARACTERS
from elearn.rendering.texts import render
from elearn.wire import protocol


class EditorPage(FormHandler, CourseNouns):
    """New course and editing: one form, which works without a script."""

    async def get(self, course_id: str | None = None) -> None:
        await self._show(await self._course(course_id), {})

    async def _course(self, course_id: str | None) -> SeenCourseNoun | None:
        if course_id is None:
            require_teacher(self.user)
            return None
        course = await require_staff(self.services.db, self.asker, course_id)
        return await self.course_noun(course)

    async def post(self, course_id: str | None = None) -> None:
        course = await self._course(course_id)
        given: dict[str, Any] = self.form(*CourseFields.__struct_fields__)
        try:
            saved = await self._save(course_id, given)
        except ClientError as error:
            if error.status not in (409, 422):
                raise
            html = _shown(given["description"])
            form = {**(structs.asdict(course) if course else {}), **given, "description_html": html}
            await self._show(course, self.refusal(error), error.status, form)
            return
        self.redirect(f"/courses/{saved}", status=303)

    async def _save(self, course_id: str | None, given: dict[str, Any]) -> str:
        values = _from_form(given)
        act = self.act(f"editor {course_id}", given)
        if course_id is not None:
            changes = protocol.convert_args(values, CourseChanges)
            await courses.update_course(self.services, act, course_id, changes)
            return course_id
        row = await courses.create_course(
            self.services, act, protocol.convert_args(values, CourseFields)
        )
        return row.about

    async def _show(
        self,
        course: SeenCourseNoun | None,
        errors: dict[str, str],
        status: int = 200,
        form: dict[str, Any] | None = None,
    ) -> None:
        """`form`: what was sent and refused, to be mended where it stands."""
        cursors = await self.pages.positions(self.user)
        await self.send_page(
            "course_edit.html",
            status=status,
            title="Edit the course" if course else "New course",
            course=course,
            form=form,
            errors=errors,
            cursors=cursors,
        )


def _shown(description: str) -> str:
    """What was refused is measured before it is drawn."""
    return render(description) if len(description) <= TEXT_CHARACTERS else ""


def _from_form(given: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = dict(given)
    capacity = given["capacity"].strip()
    if capacity and not is_number(capacity, most=MOST_SEATS):
        raise InvalidField(
            f"Seats are a whole number from 1 to {MOST_SEATS:,}, or empty for no limit.",
            field="capacity",
        )
    values["capacity"] = int(capacity) if capacity else None
    values["enrollment_key"] = given["enrollment_key"].strip() or None
    values["published"] = given["published"] in ("1", "on", "true")
    for name in ("opens_at", "closes_at"):
        values[name] = _moment(given[name].strip(), name)
    return values


def _moment(text: str, field: str) -> str | None:
    """A date-time field of a form, which the page says is in UTC."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        raise InvalidField("This is not a date and time.", field=field) from None
    return f"{at.replace(tzinfo=None).isoformat()}Z"


ROUTES = [
    (r"/courses/new", EditorPage),
    (r"/courses/([0-9a-f]{24})/edit", EditorPage),
]
