"""Import of a catalogue from a file: lines are checked one by one, courses go in by the batch."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from elearn.access import User
from elearn.actions import courses
from elearn.actions.courses import CourseFields, ImportedCourse, ImportResult
from elearn.errors import ClientError, InvalidField, NotFound
from elearn.models import users
from elearn.services import Services
from elearn.ws import protocol

BATCH = 200
LINE_BYTES = 1024 * 1024


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
    progress = Progress(
        TextColumn("importing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    with progress:
        bar = progress.add_task("import", total=_lines(path))
        batch: dict[str, ImportedCourse] = {}
        teachers: dict[str, tuple[str, str] | None] = {}
        for number, record in _records(path, report):
            progress.update(bar, completed=number)
            try:
                course = _course(record, published)
                course.teachers = await _teachers(services, record, teachers)
            except ClientError as error:
                report.bad.append((number, _reason(error)))
                continue
            if course.external_id in batch:
                report.bad.append((number, f"the id {course.external_id} stands twice"))
                continue
            batch[course.external_id] = course
            if len(batch) == BATCH:
                await _write(services, owner, list(batch.values()), report)
                batch.clear()
        await _write(services, owner, list(batch.values()), report)
        progress.update(bar, completed=progress.tasks[0].total)
    report.bad.sort()
    return report


async def _owner(services: Services, teacher: str | None) -> User:
    """Who the courses belong to. Without a name they belong to the first import's own account."""
    if teacher is None:
        return User("0" * 24, "Catalogue", "admin")
    user = await users.find_by_email(services.db, teacher)
    if user is None or user["role"] == "student":
        raise NotFound(f"there is no teacher {teacher}: make one with `elearn create-user`")
    return User(user["_id"], user["name"], user["role"])


async def _write(
    services: Services, owner: User, batch: list[ImportedCourse], report: Report
) -> None:
    if not batch:
        return
    if report.dry_run:
        known = await courses.known_external_ids(services, [one.external_id for one in batch])
        report.result.updated += len(known)
        report.result.created += len(batch) - len(known)
        return
    done = await courses.import_courses(services, owner, batch)
    report.result.created += done.created
    report.result.updated += done.updated
    report.result.unchanged += done.unchanged


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _records(path: Path, report: Report) -> Iterator[tuple[int, dict[str, Any]]]:
    if path.suffix.lower() == ".csv":
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            reader = csv.DictReader(file)
            for row in reader:
                yield reader.line_num, {k: v for k, v in row.items() if k and v not in (None, "")}
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line[:LINE_BYTES].decode())
            except (ValueError, RecursionError):
                report.bad.append((number, "this is not JSON"))
                continue
            if not isinstance(record, dict):
                report.bad.append((number, "this is not a JSON object"))
                continue
            yield number, record


def _course(record: dict[str, Any], published: bool) -> ImportedCourse:
    external_id = record.get("id")
    if not isinstance(external_id, (str, int)) or isinstance(external_id, bool):
        raise InvalidField("an id is needed", field="id")
    if not str(external_id).strip() or len(str(external_id)) > 200:
        raise InvalidField("an id has 1 to 200 characters", field="id")
    values: dict[str, Any] = {
        name: record[name]
        for name in ("code", "title", "summary", "subject", "language", "description")
        if record.get(name) is not None
    }
    if (level := record.get("level")) is not None:
        values["level"] = str(level) if isinstance(level, (int, float)) else level
    if (capacity := record.get("capacity")) is not None:
        values["capacity"] = _capacity(capacity)
    given = protocol.convert_args({**values, "published": published}, CourseFields)
    fields = {name: getattr(given, name) for name in CourseFields.__struct_fields__}
    if not fields["summary"]:
        fields["summary"] = _first_sentence(fields["description"])
    return ImportedCourse(str(external_id).strip(), courses.checked(fields))


def _capacity(given: object) -> object:
    if isinstance(given, str) and given.isascii() and given.isdigit():
        return int(given)
    return given


def _first_sentence(text: str) -> str:
    line = " ".join(text.split())
    head, dot, _ = line.partition(". ")
    sentence = head + dot.strip()
    return sentence if len(sentence) <= 240 else sentence[:239].rsplit(" ", 1)[0] + "…"


async def _teachers(
    services: Services, record: dict[str, Any], known: dict[str, tuple[str, str] | None]
) -> list[tuple[str, str]] | None:
    """Ids and names of the teachers that a line names by e-mail; each looked up once."""
    emails = record.get("teachers")
    if not emails:
        return None
    if isinstance(emails, str):
        emails = [part for part in emails.replace(";", ",").split(",") if part.strip()]
    if not isinstance(emails, list) or not all(isinstance(one, str) for one in emails):
        raise InvalidField("teachers is a list of e-mail addresses", field="teachers")
    found = []
    for email in emails[:20]:
        address = users.email_key(email)
        if address not in known:
            user = await users.find_by_email(services.db, address)
            known[address] = (user["_id"], user["name"]) if user else None
        teacher = known[address]
        if teacher is None:
            raise InvalidField(f"there is no account {email.strip()}", field="teachers")
        found.append(teacher)
    return found


def _reason(error: ClientError) -> str:
    return f"{error.field}: {error.message}" if error.field else error.message
