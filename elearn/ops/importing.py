"""Import of a catalogue from a file: lines are checked one by one, courses go in by the batch."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from elearn.actions import courses
from elearn.actions.course_imports import (
    CATALOGUE,
    ImportedCourse,
    ImportResult,
    import_courses,
)
from elearn.errors import ClientError, InvalidField, NotFound
from elearn.models import users
from elearn.nouns.courses import MOST_SEATS, CourseFields
from elearn.nouns.people import Account, User
from elearn.ops.course_lines import read_lines
from elearn.services import Services
from elearn.wire import protocol

BATCH = 200
TEACHERS = 20
_SEATS = re.compile(r"[0-9]{1,9}")
TEXTS = ("code", "title", "summary", "subject", "level", "language", "description")


@dataclass
class Report:
    """What an import came to; `bad` holds `(line, what is wrong)`."""

    result: ImportResult = field(default_factory=ImportResult)
    bad: list[tuple[int, str]] = field(default_factory=list)
    dry_run: bool = False

    def summary(self) -> str:
        done = self.result
        verb = "would be" if self.dry_run else "were"
        lines = [f"line {number}: {reason}" for number, reason in self.bad]
        lines.append(
            f"{done.created} courses {verb} created, {done.updated} updated,"
            f" {done.unchanged} unchanged; {len(self.bad)} bad lines were skipped"
        )
        return "\n".join(lines)


async def import_file(
    services: Services,
    path: Path,
    *,
    teacher: str | None,
    published: bool,
    dry_run: bool,
    console: Console,
) -> Report:
    """Read, check and write the file. Good lines go in whatever the bad ones are."""
    owner = await _owner(services, teacher)
    report = Report(dry_run=dry_run)
    with _progress(console) as progress:
        bar = progress.add_task("import", total=_lines(path))
        batch: list[ImportedCourse] = []
        first_lines: dict[str, int] = {}
        teachers = Teachers(services)
        line = None
        for line in read_lines(path):
            progress.update(bar, completed=line.number)
            if line.wrong:
                report.bad.append((line.number, line.wrong))
                continue
            try:
                course = await _course(line.columns, published, teachers)
                _require_new(course, line.number, first_lines)
            except ClientError as error:
                report.bad.append((line.number, _reason(error)))
                continue
            batch.append(course)
            if len(batch) == BATCH:
                await _write(services, owner, batch, report)
                batch = []
        await _write(services, owner, batch, report)
        if line is None:
            report.bad.append((1, "there is no course in this file"))
        progress.update(bar, completed=progress.tasks[0].total)
    report.bad.sort()
    return report


def _progress(console: Console) -> Progress:
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console)


def _require_new(course: ImportedCourse, number: int, first_lines: dict[str, int]) -> None:
    first = first_lines.setdefault(course.external_id, number)
    if first != number:
        raise InvalidField(f"{course.external_id} stands in line {first} already", field="id")


async def _owner(services: Services, teacher: str | None) -> User:
    """Who the courses belong to: without a name, to the catalogue itself."""
    if teacher is None:
        return CATALOGUE
    account = await users.find_by_email(services.db, teacher)
    if account is None or account.role == "student":
        raise NotFound(
            f"there is no teacher {teacher}: make the account with"
            f" `elearn create-user {teacher} --name NAME --role teacher`"
        )
    return account.user


async def _write(
    services: Services, owner: User, batch: list[ImportedCourse], report: Report
) -> None:
    if not batch:
        return
    done = await import_courses(services, owner, batch, write=not report.dry_run)
    report.result.created += done.created
    report.result.updated += done.updated
    report.result.unchanged += done.unchanged


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


async def _course(record: dict[str, Any], published: bool, teachers: "Teachers") -> ImportedCourse:
    """A line as a course; `InvalidField` names the column that is wrong."""
    external_id = _external_id(record.get("id"))
    given = {name: value for name, value in record.items() if value is not None}
    values: dict[str, Any] = {name: _text(given[name], name) for name in TEXTS if name in given}
    if "capacity" in given:
        values["capacity"] = _capacity(given["capacity"])
    columns = frozenset(values)
    course = protocol.convert_args({**values, "published": published}, CourseFields)
    fields = {name: getattr(course, name) for name in CourseFields.__struct_fields__}
    if not fields["summary"]:
        fields["summary"] = _first_sentence(fields["description"])
    found = await teachers.of(record.get("teachers"))
    return ImportedCourse(external_id, courses.checked(fields), columns, found)


def _external_id(given: object) -> str:
    if not isinstance(given, (str, int)) or isinstance(given, bool):
        raise InvalidField("an id is needed", field="id")
    text = str(given).strip()
    if not 1 <= len(text) <= 200:
        raise InvalidField("an id has 1 to 200 characters", field="id")
    return text


def _text(given: object, column: str) -> str:
    if column == "level" and isinstance(given, (int, float)) and not isinstance(given, bool):
        return str(given)
    if not isinstance(given, str):
        raise InvalidField("this is a text, in quotation marks", field=column)
    return given


def _capacity(given: object) -> int:
    text = str(given).strip()
    number = int(text) if not isinstance(given, bool) and _SEATS.fullmatch(text) else 0
    if not 1 <= number <= MOST_SEATS:
        raise InvalidField(
            f"a capacity is a whole number from 1 to {MOST_SEATS:,}", field="capacity"
        )
    return number


def _first_sentence(text: str) -> str:
    line = " ".join(text.split())
    head, dot, _ = line.partition(". ")
    sentence = head + dot.strip()
    return sentence if len(sentence) <= 240 else sentence[:239].rsplit(" ", 1)[0] + "…"


class Teachers:
    """The accounts that lines name by e-mail, each looked up once."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: dict[str, Account | None] = {}

    async def of(self, given: object) -> list[tuple[str, str]] | None:
        """Ids and names; None where a line names nobody."""
        if not given:
            return None
        if isinstance(given, str):
            given = [part for part in given.replace(";", ",").split(",") if part.strip()]
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            raise InvalidField("this is a list of e-mail addresses", field="teachers")
        if len(given) > TEACHERS:
            raise InvalidField(f"a course has at most {TEACHERS} teachers", field="teachers")
        return list(dict.fromkeys([await self._find(email) for email in given])) or None

    async def _find(self, email: str) -> tuple[str, str]:
        address = users.email_key(email)
        if address not in self._known:
            self._known[address] = await users.find_by_email(self._services.db, address)
        account = self._known[address]
        if account is None or account.role == "student":
            raise InvalidField(f"there is no teacher {email.strip()}", field="teachers")
        return account.id, account.name


def _reason(error: ClientError) -> str:
    return f"{error.field}: {error.message}" if error.field else error.message
