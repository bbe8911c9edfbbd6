"""What was withdrawn is known until every index has followed, whatever order its rows come in."""

import pytest

from elearn.caches.withdrawn import KEPT, Withdrawn
from elearn.events.base import Row
from elearn.events.courses import CourseWithdrawn
from elearn.events.listeners import Listeners
from tests.catalogue import BEGINNING, a_course, named


def row(seq: int, course: str, *, published: bool = False) -> Row:
    return named(seq, a_course(course, published=published))


def row_of_its_own_topic(seq: int, course: str) -> Row:
    event = CourseWithdrawn(document=a_course(course))
    return Row(f"course:{course}", seq, 0, event, "u", "", "", BEGINNING, True)


@pytest.fixture
def withdrawn() -> Withdrawn:
    return Withdrawn()


@pytest.fixture
def listeners(withdrawn: Withdrawn) -> Listeners:
    listeners = Listeners()
    withdrawn.listen(listeners)
    return listeners


def test_a_course_is_known_from_its_row_until_it_is_shown_again(
    withdrawn: Withdrawn, listeners: Listeners
) -> None:
    listeners.tell(row(1, "a"))
    listeners.tell(row(2, "b"))
    listeners.tell(row_of_its_own_topic(2, "c"))
    assert withdrawn.ids == ("a", "b")
    listeners.tell(row(3, "a", published=True))
    assert withdrawn.ids == ("b",)


def test_an_older_row_that_comes_late_neither_shows_nor_hides_it(
    withdrawn: Withdrawn, listeners: Listeners
) -> None:
    listeners.tell(row(6, "a"))
    listeners.tell(row(5, "a", published=True))
    listeners.tell(row(8, "b", published=True))
    listeners.tell(row(7, "b"))
    assert withdrawn.ids == ("a",)


def test_it_is_forgotten_one_look_after_every_index_has_read_its_row(
    withdrawn: Withdrawn, listeners: Listeners
) -> None:
    listeners.tell(row(5, "a"))
    withdrawn.followed(4)
    withdrawn.followed(5)
    assert withdrawn.ids == ("a",), "what was read a moment ago may not be searched yet"
    withdrawn.followed(4)
    assert withdrawn.ids == ("a",), "an index that took over meanwhile is behind"
    withdrawn.followed(5)
    withdrawn.followed(6)
    assert withdrawn.ids == ()


def test_no_more_are_known_than_a_query_can_bear(
    withdrawn: Withdrawn, listeners: Listeners
) -> None:
    for number in range(KEPT + 2):
        listeners.tell(row(number + 1, str(number)))
    assert len(withdrawn.ids) == KEPT
    assert withdrawn.ids[-1] == str(KEPT + 1), "the newest are the ones that an index has not read"
