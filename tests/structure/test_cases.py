"""Each case that has to be survived has a test by its number, where docs/testing.md says it is."""

import re

import pytest

from tests.faults.cases import groups
from tests.faults.nodes import ROOT

NUMBERS = [f"A{n}" for n in range(1, 13)] + [f"B{n}" for n in range(1, 12)] + ["C3", "C4", "C5"]
ROW = re.compile(r"^\| ([A-D]\d+) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def told() -> dict[str, tuple[set[str], bool]]:
    """By case: the files of its tests, and whether the harness plays it."""
    rows = ROW.findall((ROOT / "docs/testing.md").read_text())
    return {case: (set(re.findall(r"`([^`]+)`", files)), full != "–") for case, files, full in rows}


def test_the_document_names_every_case_and_where_it_is_tested(
    told: dict[str, tuple[set[str], bool]],
) -> None:
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for number in re.findall(r"def test_([a-d]\d+)_", path.read_text()):
            found.setdefault(number.upper(), set()).add(str(path.relative_to(ROOT / "tests")))
    assert list(told) == NUMBERS
    assert {case: files for case, (files, _) in told.items()} == {
        case: found.get(case, set()) for case in NUMBERS
    }


def test_the_document_says_which_cases_the_harness_plays(
    told: dict[str, tuple[set[str], bool]],
) -> None:
    played = {name.split()[0] for group in groups(1) for name in group} & set(NUMBERS)
    assert {case for case, (_, full) in told.items() if full} == played
