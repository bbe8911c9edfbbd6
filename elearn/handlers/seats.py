"""What is said of a course's seats to its reader; `models/course.js` says the same of what moves.
Both keep to `tests/browser/js/seats.json`."""

from datetime import datetime
from typing import Any

SCARCE = 5
WORDS = {
    "gone": "no longer offered",
    "taught": "you teach this",
    "enrolled": "enrolled",
    "early": "opens {}",
    "late": "enrolment closed",
    "key": "needs a key",
    "open": "open",
    "full": "full",
    "one": "1 seat left",
    "some": "{} seats left",
}

Course = dict[str, Any]


def said_of_seats(course: Course) -> str:
    left = course["seats_left"]
    if left is None:
        return "open"
    return "full" if left <= 0 else "one" if left == 1 else "some"


def said_of_course(course: Course, now: datetime) -> str:
    """A word of `WORDS`, in the order of what matters most to the reader."""
    viewer = course.get("viewer") or {}
    if viewer.get("staff"):
        return "taught"
    if viewer.get("enrolled"):
        return "enrolled"
    out = _out_of_time(course, now)
    return out or ("key" if course["needs_key"] else said_of_seats(course))


def is_offered(course: Course, now: datetime) -> bool:
    """Whether one click in a list enrols."""
    return said_of_course(course, now) in ("open", "one", "some")


def is_scarce(course: Course) -> bool:
    return course["seats_left"] is not None and 0 < course["seats_left"] <= SCARCE


def _out_of_time(course: Course, now: datetime) -> str | None:
    """Before its time or after it nobody gets in, whatever the seats."""
    opens, closes = course["opens_at"], course["closes_at"]
    if opens and datetime.fromisoformat(opens) > now:
        return "early"
    return "late" if closes and datetime.fromisoformat(closes) <= now else None
