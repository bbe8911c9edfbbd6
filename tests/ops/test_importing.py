"""A catalogue from a file: what goes in, what is refused by number, what a repeat changes."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from rich.console import Console

from elearn.config import Config
from elearn.events.courses import CourseUpdated
from elearn.log.new_events import NewEvent
from elearn.models import courses, events, rooms
from elearn.nouns.courses import Course
from elearn.ops.importing import Report, import_file
from elearn.projections import applying as projections
from elearn.services import Services, open_services
from elearn.wire import topics
from tests.live import Live
from tests.logbook import row_of_another

QUIET = Console(quiet=True)
CATALOGUE = Path(__file__).parents[3] / "shared" / "data" / "courses_stolaf.jsonl"

Json = dict[str, Any]


async def bring_in(live: Live, file: Path, **options: Any) -> Report:
    given = {"teacher": None, "published": True, "dry_run": False, **options}
    return await import_file(live.services, file, console=QUIET, **given)


def json_lines(tmp_path: Path, *records: Json | str | bytes) -> Path:
    lines = [
        one
        if isinstance(one, bytes)
        else (one if isinstance(one, str) else json.dumps(one)).encode()
        for one in records
    ]
    file = tmp_path / "courses.jsonl"
    file.write_bytes(b"\n".join(lines) + b"\n")
    return file


def csv_file(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "courses.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


async def imported(live: Live, external_id: str) -> Course | None:
    """The stored course of the importer's id."""
    known = await courses.find_external(live.services.db, [external_id])
    return await courses.find(live.services.db, known[external_id]) if known else None


async def counted(live: Live) -> int:
    return len(await live.services.db.courses.find({}).to_list(None))


async def test_the_columns_of_a_line_become_the_course(live: Live, tmp_path: Path) -> None:
    line = {
        "id": 7,
        "code": "BIO 1",
        "title": "Cells",
        "subject": "Biology",
        "level": 200,
        "language": "English",
        "description": "Small rooms. And what is in them.",
        "capacity": 12,
        "credits": 1.0,
    }
    await bring_in(live, json_lines(tmp_path, line))
    course = await imported(live, "7")
    assert course is not None
    assert {name: getattr(course, name) for name in ("code", "title", "subject", "language")} == {
        name: line[name] for name in ("code", "title", "subject", "language")
    }
    assert (course.level, course.capacity, course.published) == ("200", 12, True)
    assert course.summary == "Small rooms."


async def test_only_an_id_and_a_title_are_needed(live: Live, tmp_path: Path) -> None:
    report = await bring_in(live, json_lines(tmp_path, {"id": "a", "title": "Algebra"}))
    assert (report.result.created, report.bad) == (1, [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{broken", "not JSON"),
        ('{"id": "x", "title": "\\ud800"}', "not JSON"),
        (b'{"id": "x", "title": "\xff"}', "not JSON"),
        ('["id", "title"]', "not a JSON object"),
        ({"title": "No id"}, "id"),
        ({"id": "", "title": "Empty id"}, "id"),
        ({"id": True, "title": "No id"}, "id"),
        ({"id": "x"}, "title"),
        ({"id": "x", "title": "  "}, "title"),
        ({"id": "x", "title": "T" * 201}, "title"),
        ({"id": "x", "title": "Bell\u0007"}, "title"),
        ({"id": "x", "title": 5}, "title"),
        ({"id": "x", "title": "T", "capacity": 0}, "capacity"),
        ({"id": "x", "title": "T", "capacity": "many"}, "capacity"),
        ({"id": "x", "title": "T", "level": ["200"]}, "level"),
        ({"id": "x", "title": "T", "teachers": "nobody@example.org"}, "nobody@example.org"),
        ({"id": "x", "title": "T", "teachers": 5}, "teachers"),
        ({"id": "a", "title": "Again"}, "line 1"),
    ],
)
async def test_a_bad_line_is_named_by_its_number_and_the_rest_goes_in(
    live: Live, tmp_path: Path, line: Any, reason: str
) -> None:
    good = {"id": "a", "title": "Algebra"}, {"id": "b", "title": "Botany"}
    report = await bring_in(live, json_lines(tmp_path, good[0], line, "", good[1]))
    assert [number for number, _ in report.bad] == [2]
    assert reason in report.bad[0][1]
    assert report.result.created == await counted(live) == 2


async def test_the_same_id_far_below_in_the_file_is_a_bad_line(live: Live, tmp_path: Path) -> None:
    many = [{"id": str(number), "title": f"Course {number}"} for number in range(250)]
    report = await bring_in(live, json_lines(tmp_path, *many, {"id": "0", "title": "Again"}))
    assert [number for number, _ in report.bad] == [251]
    course = await imported(live, "0")
    assert course is not None
    assert course.title == "Course 0"


async def test_a_second_import_changes_nothing(live: Live, tmp_path: Path) -> None:
    file = json_lines(tmp_path, {"id": "a", "title": "Algebra"}, {"id": "b", "title": "Botany"})
    await bring_in(live, file)
    before = await imported(live, "a")
    report = await bring_in(live, file)
    assert (report.result.created, report.result.updated, report.result.unchanged) == (0, 0, 2)
    assert await imported(live, "a") == before


async def test_a_changed_line_updates_its_course_alone(live: Live, tmp_path: Path) -> None:
    await bring_in(live, json_lines(tmp_path, {"id": "a", "title": "A"}, {"id": "b", "title": "B"}))
    changed = json_lines(tmp_path, {"id": "a", "title": "A2"}, {"id": "b", "title": "B"})
    report = await bring_in(live, changed)
    assert (report.result.updated, report.result.unchanged) == (1, 1)
    course = await imported(live, "a")
    assert course is not None
    assert course.title == "A2"


@pytest.fixture
def alone(beside: Callable[..., Services]) -> Services:
    """A command without a server."""
    return beside(serving=False)


async def test_changed_courses_are_not_read_one_by_one(
    alone: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: Json = {"teacher": None, "published": True, "dry_run": False, "console": QUIET}
    for title in ("Course", "Better course"):
        lines = [{"id": str(n), "title": f"{title} {n}"} for n in range(50)]
        report = await import_file(alone, json_lines(tmp_path, *lines), **options)
        alone.log._heads.forget(alone.log._heads.topics)
        for read in ("newest", "unreacted_of"):
            monkeypatch.setattr(events, read, None)
    assert report.result.updated == 50


async def test_changes_that_are_applied_together_are_as_if_one_came_after_the_other(
    live: Live, tmp_path: Path
) -> None:
    await bring_in(live, json_lines(tmp_path, {"id": "a", "title": "Algebra"}))
    before = await imported(live, "a")
    assert before is not None
    db, topic = live.services.db, topics.course(before.id)
    rows = []
    for seq, (title, teacher) in enumerate([("Botany", "ann"), ("Algebra", "bob")], 5):
        after = replace(before, title=title, teachers=[teacher], teacher_names=[teacher])
        draft = NewEvent(topic, CourseUpdated(document=after, rights=True), "ops", title)
        rows.append(row_of_another(draft, seq))
    for some in (rows, rows[:1]):  # and an older one again
        await projections.apply(db, some)
        course, room = await courses.find(db, before.id), await rooms.find(db, before.id)
        assert course is not None
        assert room is not None
        assert (course.title, room.course_title, course.seq) == ("Algebra", "Algebra", 6)
        assert await courses.taught_ids(db, "ann", 9) == []
        assert await courses.taught_ids(db, "bob", 9) == [before.id]


async def test_a_second_import_leaves_what_the_file_does_not_hold(
    live: Live, tmp_path: Path
) -> None:
    teacher = await live.teacher()
    file = json_lines(tmp_path, {"id": "a", "title": "Algebra", "description": "Letters."})
    await bring_in(live, file, teacher=teacher.email)
    course = await imported(live, "a")
    assert course is not None
    changes = {"published": False, "enrollment_key": "sesame", "summary": "My own words"}
    await teacher.api("PATCH", f"/api/courses/{course.id}", changes)
    report = await bring_in(live, file, teacher=teacher.email)
    assert report.result.unchanged == 1
    after = await imported(live, "a")
    assert after is not None
    assert {name: getattr(after, name) for name in changes} == changes


async def test_what_is_edited_during_an_import_stays(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = await live.teacher()
    line = {"id": "a", "title": "Algebra", "description": "Letters."}
    await bring_in(live, json_lines(tmp_path, line), teacher=teacher.email)
    course = await imported(live, "a")
    assert course is not None
    await live.search_follows()  # the index reads courses too
    read = courses.find_many

    async def read_before_the_edit(*args: Any) -> Any:
        found = await read(*args)
        monkeypatch.undo()
        edits = {"description": "My own words", "capacity": 7}
        await teacher.api("PATCH", f"/api/courses/{course.id}", edits)
        return found

    monkeypatch.setattr(courses, "find_many", read_before_the_edit)
    changed = json_lines(tmp_path, {"id": "a", "title": "Algebra II"})
    assert (await bring_in(live, changed, teacher=teacher.email)).result.updated == 1
    after = await imported(live, "a")
    assert after is not None
    found = (after.title, after.description, after.capacity)
    assert found == ("Algebra II", "My own words", 7)


@pytest.fixture
def terminal(live: Live, beside: Callable[..., Services]) -> Services:
    """A command beside the server."""
    return beside(serving=False)


async def test_two_imports_of_one_file_at_once_make_each_course_once(
    live: Live, terminal: Services, tmp_path: Path
) -> None:
    lines = [{"id": str(number), "title": f"Course {number}"} for number in range(300)]
    file = json_lines(tmp_path, *lines)
    options = {"teacher": None, "published": True, "dry_run": False, "console": QUIET}
    reports = await asyncio.gather(
        *(import_file(services, file, **options) for services in (live.services, terminal))
    )
    assert sum(report.result.created for report in reports) == 300
    assert await counted(live) == 300


async def test_an_import_that_was_cut_after_its_claim_is_made_whole_by_the_next(
    live: Live, tmp_path: Path
) -> None:
    await courses.claim_external(live.services.db, {"a": "0123456789abcdef01234567"})
    report = await bring_in(live, json_lines(tmp_path, {"id": "a", "title": "Algebra"}))
    assert report.result.created == 1
    course = await imported(live, "a")
    assert course is not None
    assert (course.title, await counted(live)) == ("Algebra", 1)


async def test_one_whom_an_import_makes_a_teacher_hears_the_course_at_once(
    live: Live, terminal: Services, tmp_path: Path
) -> None:
    ada = await live.teacher("Ada")
    desk = await ada.connect()
    options = {"teacher": None, "published": True, "dry_run": False, "console": QUIET}
    for line in (
        {"id": "old", "title": "Algebra"},
        {"id": "old", "title": "Algebra", "teachers": ada.email},
        {"id": "new", "title": "Biology", "teachers": ada.email},
    ):
        await import_file(terminal, json_lines(tmp_path, line), **options)
        course = await imported(live, line["id"])
        assert course is not None
        topics = {f"{kind}:{course.id}" for kind in ("course", "staff")}
        if "teachers" in line:
            told = {(await desk.expect("server.subscribed"))["data"]["topic"] for _ in range(2)}
            assert told == topics
            await (await live.student()).enroll(course.id)
            await desk.expect("enrollment.enrolled", topic=f"course:{course.id}")


async def test_unpublished_leaves_new_courses_as_drafts(live: Live, tmp_path: Path) -> None:
    await bring_in(live, json_lines(tmp_path, {"id": "a", "title": "Algebra"}), published=False)
    course = await imported(live, "a")
    assert course is not None
    assert course.published is False


async def test_a_dry_run_counts_and_writes_nothing(live: Live, tmp_path: Path) -> None:
    await bring_in(live, json_lines(tmp_path, {"id": "a", "title": "A"}, {"id": "b", "title": "B"}))
    file = json_lines(
        tmp_path, {"id": "a", "title": "A2"}, {"id": "b", "title": "B"}, {"id": "c", "title": "C"}
    )
    done = (await bring_in(live, file, dry_run=True)).result
    assert (done.created, done.updated, done.unchanged) == (1, 1, 1)
    assert await counted(live) == 2


async def test_teachers_of_a_line_teach_the_course_and_the_owner_the_others(
    live: Live, tmp_path: Path
) -> None:
    owner, one, two = [await live.teacher() for _ in range(3)]
    await bring_in(
        live,
        json_lines(
            tmp_path,
            {"id": "a", "title": "A", "teachers": [one.email.upper(), two.email]},
            {"id": "b", "title": "B"},
        ),
        teacher=owner.email,
    )
    found = [await imported(live, name) for name in ("a", "b")]
    assert [one and one.teachers for one in found] == [[one.id, two.id], [owner.id]]


async def test_a_student_cannot_be_a_lines_teacher(live: Live, tmp_path: Path) -> None:
    student = await live.student()
    line = {"id": "a", "title": "A", "teachers": student.email}
    report = await bring_in(live, json_lines(tmp_path, line))
    assert report.bad == [(1, f"teachers: there is no teacher {student.email}")]


async def test_without_a_teacher_a_course_names_nobody(live: Live, tmp_path: Path) -> None:
    await bring_in(live, json_lines(tmp_path, {"id": "a", "title": "Algebra"}))
    course = await imported(live, "a")
    assert course is not None
    assert (course.teachers, course.teacher_names) == ([], [])
    student = await live.student()
    shown = await student.api("GET", f"/api/courses/{course.id}")
    assert shown["course"]["teachers"] == []


async def test_csv_has_the_same_columns(live: Live, tmp_path: Path) -> None:
    teacher = await live.teacher()
    file = csv_file(
        tmp_path,
        "\ufeffid,title,level,capacity,description,teachers,room\r\n"
        f'a,Algebra,100,12,"Two\nlines, one ""quoted""",{teacher.email},7\r\n'
        "b,,100,,,,\r\n"
        "c,Chemistry,,,,,\r\n",
    )
    report = await bring_in(live, file)
    assert report.result.created == 2
    assert [number for number, _ in report.bad] == [4]
    course = await imported(live, "a")
    assert course is not None
    assert (course.level, course.capacity) == ("100", 12)
    assert course.description == 'Two\nlines, one "quoted"'
    assert course.teachers == [teacher.id]


async def test_a_csv_line_that_is_no_text_is_a_bad_line(live: Live, tmp_path: Path) -> None:
    report = await bring_in(live, csv_file(tmp_path, b"id,title\na,\xff\xfe\nb,Botany\n"))
    assert report.bad == [(2, "this is not UTF-8 text")]
    assert report.result.created == 1


async def test_a_csv_field_without_end_stops_there_and_says_where(
    live: Live, tmp_path: Path
) -> None:
    file = csv_file(tmp_path, 'id,title\na,Algebra\nb,"' + "x" * 140_000 + "\n")
    report = await bring_in(live, file)
    assert report.result.created == 1
    assert report.bad[0][0] == 3


@pytest.mark.parametrize(
    "line",
    ['b,"Botany', 'b,"Botany\nand, more, of, it', 'b,"The "green" world"', 'b,"Botany"\'s world'],
)
async def test_a_quotation_mark_out_of_place_is_named_by_its_line_and_ends_the_import(
    live: Live, tmp_path: Path, line: str
) -> None:
    file = csv_file(tmp_path, f'id,title\na,Algebra\n{line}\nc,"Chemistry"\nd,Dance\n')
    report = await bring_in(live, file)
    assert [number for number, _ in report.bad] == [3]
    assert "quotation mark" in report.bad[0][1]
    assert report.result.created == await counted(live) == 1


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("told", [False, True], ids=["found", "told"])
@pytest.mark.parametrize("quoted", [False, True], ids=["plain", "quoted"])
async def test_separators_are_found_and_a_line_that_tells_one_counts_as_a_line(
    live: Live, tmp_path: Path, separator: str, told: bool, quoted: bool
) -> None:
    rows = [["id", "description", "title"], ["a", "One, two; three", "Algebra"], ["b", "", ""]]
    lines = [
        separator.join(f'"{cell}"' if quoted or "," in cell else cell for cell in row)
        for row in rows
    ]
    if told:
        lines.insert(0, f"sep={separator}")
    report = await bring_in(live, csv_file(tmp_path, "\r\n".join(lines)))
    assert [number for number, _ in report.bad] == [3 + told]
    course = await imported(live, "a")
    assert course is not None
    assert (course.title, course.description) == ("Algebra", "One, two; three")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a,Algebra\nb,Botany\n", "first line"),
        ("id/title\na/Algebra\nb/Botany\n", "first line"),
        ("id,name\na,Algebra\nb,Botany\n", "first line"),
        ("sep=;\nid,title\na,Algebra\n", "first line"),
        ("id,title,ID\na,Algebra,b\n", "two columns are called id"),
        ("id,title\na,Algebra\n".encode("utf-16"), "not UTF-8"),
    ],
)
async def test_a_file_whose_columns_are_not_named_has_one_line_that_says_so(
    live: Live, tmp_path: Path, text: str | bytes, reason: str
) -> None:
    report = await bring_in(live, csv_file(tmp_path, text))
    assert len(report.bad) == 1
    assert reason in report.bad[0][1]
    assert await counted(live) == 0


@pytest.mark.parametrize(
    "head", ["ID,Title,Capacity", "id, title, capacity", '" Id ","TITLE",capaCITY']
)
async def test_names_of_columns_count_in_any_case_and_without_blanks_around_them(
    live: Live, tmp_path: Path, head: str
) -> None:
    await bring_in(live, csv_file(tmp_path, f'{head}\na, "Algebra, again", 12 \n'))
    await bring_in(live, json_lines(tmp_path, {"ID": "b", " Title ": "Botany", "CAPACITY": 12}))
    found = [await imported(live, name) for name in ("a", "b")]
    assert [one and (one.title, one.capacity) for one in found] == [
        ("Algebra, again", 12),
        ("Botany", 12),
    ]


async def test_a_line_is_counted_as_an_editor_counts_it(live: Live, tmp_path: Path) -> None:
    text = '\n id,title,description\n\na,Algebra,"\n\n"\n , ,\nb,,\n\n\nc,Chemistry,x,more\n'
    report = await bring_in(live, csv_file(tmp_path, text))
    assert [number for number, _ in report.bad] == [8, 11]
    assert report.result.created == 1


@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff"])
@pytest.mark.parametrize("name", ["courses.csv", "courses.jsonl", "heads.csv"])
async def test_a_file_without_a_course_is_not_a_success(
    live: Live, tmp_path: Path, text: str, name: str
) -> None:
    file = tmp_path / name
    file.write_text("id,title\n" + text.strip("\ufeff") if name == "heads.csv" else text)
    report = await bring_in(live, file)
    assert report.bad == [(1, "there is no course in this file")]


@pytest.mark.parametrize("capacity", ["x", "0", "-1", "1.5", "1e3", "٣", "9" * 40, True, [7], {}])
async def test_a_bad_capacity_is_told_in_words(
    live: Live, tmp_path: Path, capacity: object
) -> None:
    line = {"id": "a", "title": "Algebra", "capacity": capacity}
    report = await bring_in(live, json_lines(tmp_path, line))
    assert report.bad == [(1, "capacity: a capacity is a whole number from 1 to 1,000,000")]


@pytest.mark.parametrize(
    "column", ["code", "title", "summary", "subject", "level", "language", "description"]
)
async def test_a_column_that_is_no_text_is_told_in_words(
    live: Live, tmp_path: Path, column: str
) -> None:
    line = {"id": "a", "title": "Algebra", column: True}
    report = await bring_in(live, json_lines(tmp_path, line))
    assert report.bad == [(1, f"{column}: this is a text, in quotation marks")]


async def test_an_import_reaches_the_search_of_the_server_beside_it(
    live: Live, tmp_path: Path
) -> None:
    client = await (await live.student()).connect()
    await bring_in(live, json_lines(tmp_path, {"id": "a", "title": "Ornithology"}))
    await live.search_follows()
    found = await client.do("search.suggest", q="ornithlogy")
    assert [hit["title"] for hit in found["hits"]] == ["Ornithology"]


@pytest.mark.skipif(
    not CATALOGUE.exists(), reason=f"there is no {CATALOGUE.name} beside the project"
)
async def test_the_real_catalogue_goes_in_whole(config: Config) -> None:
    async with open_services(config, serving=False) as services:
        options: Json = {"teacher": None, "published": True, "dry_run": False, "console": QUIET}
        report = await import_file(services, CATALOGUE, **options)
        assert report.bad == []
        stored = await services.db.courses.find({"published": True}, {"_id": 1}).to_list(None)
        assert report.result.created == len(stored) == 3_762
        again = await import_file(services, CATALOGUE, **options)
        assert again.result.unchanged == 3_762
