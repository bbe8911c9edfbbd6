"""What pages say of a course's seats: the same cases hold the script (catalogue.test.js)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from elearn.handlers.seats import WORDS, is_offered, is_scarce, said_of_course

CASES = json.loads((Path(__file__).parent / "browser" / "js" / "seats.json").read_text("utf-8"))
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
COURSE = {"seats_left": None, "needs_key": False, "opens_at": None, "closes_at": None}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['text']} {case['course']}")
def test_a_list_says_of_a_course_what_the_cases_say(case: dict[str, Any]) -> None:
    course = {**COURSE, **case["course"]}
    said = said_of_course(course, NOW)
    text = WORDS[said].replace("{}", "{}" if said == "early" else str(course["seats_left"]))
    assert (text, is_offered(course, NOW), is_scarce(course)) == (
        case["text"],
        case["offered"],
        case["scarce"],
    )
