"""The judge itself: what it must not let pass."""

from pathlib import Path
from typing import Any

import pytest

from tests.faults.ledger import Judgement, Ledger, judge

Lines = list[dict[str, Any]]


def line(what: str, number: int, **more: Any) -> dict[str, Any]:
    return {"what": what, "key": f"k{number}", "id": f"room:r.{number}", "seq": number, **more}


def judged(folder: Path, *, acked: Lines, stored: Lines, received: Lines) -> Judgement:
    files: dict[str, Lines] = {
        "writer": [{"duplicate": False, **each} for each in acked],
        "store": stored,
        "reader": [{"what": "listens", "cursor": 0}, *received],
    }
    for name, lines in files.items():
        ledger = Ledger(folder, name)
        for facts in lines:
            ledger.write(**facts)
        ledger.close()
    return judge(folder)


def rows(what: str, *numbers: int) -> Lines:
    return [line(what, number) for number in numbers]


def test_whole_ledgers_are_clean_and_counted(tmp_path: Path) -> None:
    found = judged(
        tmp_path,
        acked=rows("acked", 1, 2, 3),
        stored=rows("stored", 1, 2, 3),
        received=rows("received", 1, 2, 3),
    )
    assert found.clean
    assert (found.acked, found.stored, found.delivered) == (3, 3, 3)


@pytest.mark.parametrize(
    ("what", "acked", "stored", "received"),
    [
        ("a reader missed one", (1, 2, 3), (1, 2, 3), (1, 3)),
        ("a reader missed the last", (1, 2, 3), (1, 2, 3), (1, 2)),
        ("a reader got one twice", (1, 2, 3), (1, 2, 3), (1, 2, 2, 3)),
        ("a reader got them in another order", (1, 2, 3), (1, 2, 3), (2, 1, 3)),
        ("an acknowledged one is not stored", (1, 2, 3), (1, 2), (1, 2)),
        ("a reader got what is not stored", (1, 2), (1, 2), (1, 2, 3)),
        ("the store has a hole", (1, 3), (1, 3), (1, 3)),
    ],
)
def test_what_is_not_whole_is_said(
    tmp_path: Path,
    what: str,
    acked: tuple[int, ...],
    stored: tuple[int, ...],
    received: tuple[int, ...],
) -> None:
    found = judged(
        tmp_path,
        acked=rows("acked", *acked),
        stored=rows("stored", *stored),
        received=rows("received", *received),
    )
    assert found.wrong, what


def test_one_key_under_two_ids_is_said(tmp_path: Path) -> None:
    again = {**line("acked", 2), "key": "k1"}
    found = judged(
        tmp_path,
        acked=[line("acked", 1), again],
        stored=[line("stored", 1), {**line("stored", 2), "key": "k1"}],
        received=rows("received", 1),
    )
    assert any("two ids" in wrong for wrong in found.wrong)
    assert any("stored twice" in wrong for wrong in found.wrong)


def test_a_refusal_without_a_time_to_try_again_is_said(tmp_path: Path) -> None:
    refused = {"what": "refused", "key": "k1", "code": "unavailable", "retry_after_ms": None}
    found = judged(tmp_path, acked=[], stored=[], received=[])
    assert found.clean
    ledger = Ledger(tmp_path, "other")
    ledger.write(**refused)
    ledger.close()
    assert judge(tmp_path).wrong
