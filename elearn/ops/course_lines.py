"""The lines of a file of courses, JSON lines or CSV, as columns or as what is wrong with them."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import msgspec

LINE_BYTES = 1024 * 1024
SEPARATORS = ",;\t|"
NEEDED = ("id", "title")

NO_TEXT = "this is not UTF-8 text"
NO_COLUMNS = (
    "the first line has to name the columns, id and title among them,"
    " with commas, semicolons or tabs between"
)
NO_END = (
    "a quotation mark is not closed, or stands alone within a quoted text (it is written twice"
    " there): this line and all after it are left out"
)
NO_COLUMN = (
    "there is more in this line than the first one has columns: a text with a separator in it"
    " needs quotation marks"
)

_TOLD = re.compile(r'"?sep=([^"\r\n])"?\s*', re.IGNORECASE)
"""How a spreadsheet says which separator it uses: in a line before all others."""


@dataclass(frozen=True)
class Line:
    """`number` is that of the file, of the first line where it goes over several; `wrong` is empty
    or says why there are no columns."""

    number: int
    columns: dict[str, Any] = field(default_factory=dict)
    wrong: str = ""


def read_lines(path: Path) -> Iterator[Line]:
    """All but the empty ones."""
    return _csv(path) if path.suffix.lower() in (".csv", ".tsv") else _json(path)


def _csv(path: Path) -> Iterator[Line]:
    with path.open(newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
        told = _TOLD.fullmatch(file.readline())
        number, head = 0, None
        for separator in told[1] if told else SEPARATORS:
            file.seek(0)
            rows = _rows(file, separator, skipped=1 if told else 0)
            number, head = next(rows, (0, None))
            columns = [_column(name) for name in head or ()]
            if set(NEEDED).issubset(columns):
                yield from _below(number, columns, rows)
                return
        if number:
            yield Line(number, wrong=NO_COLUMNS if _is_text(head or ()) else NO_TEXT)


def _rows(file: TextIO, separator: str, *, skipped: int) -> Iterator[tuple[int, list[str] | None]]:
    """The cells of each row that has any; None for the row from which on nothing can be read."""
    for _ in range(skipped):
        file.readline()
    reader = csv.reader(file, delimiter=separator, skipinitialspace=True, strict=True)
    end = skipped
    try:
        for cells in reader:
            number, end = end + 1, skipped + reader.line_num
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error:
        yield end + 1, None


def _below(
    number: int, columns: Sequence[str], rows: Iterable[tuple[int, list[str] | None]]
) -> Iterator[Line]:
    if twice := _twice(columns):
        yield Line(number, wrong=twice)
        return
    for at, cells in rows:
        if cells is None:
            yield Line(at, wrong=NO_END)
        elif any(cell.strip() for cell in cells[len(columns) :]):
            yield Line(at, wrong=NO_COLUMN)
        elif not _is_text(cells):
            yield Line(at, wrong=NO_TEXT)
        else:
            named = zip(columns, cells, strict=False)
            yield Line(at, {name: cell for name, cell in named if name and cell.strip()})


def _json(path: Path) -> Iterator[Line]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            text = line.removeprefix(codecs.BOM_UTF8).strip()
            if text:
                yield _json_line(number, text)


def _json_line(number: int, text: bytes) -> Line:
    if len(text) > LINE_BYTES:
        return Line(number, wrong=f"this is longer than {LINE_BYTES} bytes")
    try:
        record = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return Line(number, wrong="this is not JSON")
    if not isinstance(record, dict):
        return Line(number, wrong="this is not a JSON object")
    columns = [_column(name) for name in record]
    return Line(number, dict(zip(columns, record.values(), strict=True)), _twice(columns))


def _column(name: str) -> str:
    return name.strip().casefold()


def _twice(columns: Sequence[str]) -> str:
    named = [name for name in columns if name]
    twice = next((name for name in named if named.count(name) > 1), "")
    return f"two columns are called {twice}" if twice else ""


def _is_text(parts: Iterable[str]) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for part in parts for letter in part)
