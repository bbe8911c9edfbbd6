"""What was withdrawn is known until every index has followed, whatever order its rows come in."""

from datetime import UTC, datetime

import pytest

from elearn.caches.withdrawn import KEPT, Withdrawn
from elearn.models.events import Row


def row(seq: int, course: str, *, published: bool = False, topic: str = "catalog") -> Row:
    noun = {"id": course, "published": True} if published else {"id": course}
    data = {"course": noun} if topic == "catalog" else {}
    return Row(topic, seq, 0, "course.updated", data, "u", "", "", datetime.now(UTC), True)


@pytest.fixture
def withdrawn() -> Withdrawn:
    return Withdrawn()


def test_a_course_is_known_from_its_row_until_it_is_shown_again(withdrawn: Withdrawn) -> None:
    withdrawn.on_row(row(1, "a"))
    withdrawn.on_row(row(2, "b"))
    withdrawn.on_row(row(2, "c", topic="course:c"))
    assert withdrawn.ids == ("a", "b")
    withdrawn.on_row(row(3, "a", published=True))
    assert withdrawn.ids == ("b",)


def test_an_older_row_that_comes_late_neither_shows_nor_hides_it(withdrawn: Withdrawn) -> None:
    withdrawn.on_row(row(6, "a"))
    withdrawn.on_row(row(5, "a", published=True))
    withdrawn.on_row(row(8, "b", published=True))
    withdrawn.on_row(row(7, "b"))
    assert withdrawn.ids == ("a",)


def test_it_is_forgotten_one_look_after_every_index_has_read_its_row(withdrawn: Withdrawn) -> None:
    withdrawn.on_row(row(5, "a"))
    withdrawn.followed(4)
    withdrawn.followed(5)
    assert withdrawn.ids == ("a",), "what was read a moment ago may not be searched yet"
    withdrawn.followed(4)
    assert withdrawn.ids == ("a",), "an index that took over meanwhile is behind"
    withdrawn.followed(5)
    withdrawn.followed(6)
    assert withdrawn.ids == ()


def test_no_more_are_known_than_a_query_can_bear(withdrawn: Withdrawn) -> None:
    for number in range(KEPT + 2):
        withdrawn.on_row(row(number + 1, str(number)))
    assert len(withdrawn.ids) == KEPT
    assert withdrawn.ids[-1] == str(KEPT + 1), "the newest are the ones that an index has not read"
