"""What moves of found courses is read once, and anew when a row may have changed it."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

import msgspec
import pytest

from elearn.caches.course_cards import FRESH_S, KEPT, CourseCards
from elearn.events.base import Row
from elearn.events.enrollments import Enrolled
from elearn.events.listeners import Listeners
from elearn.models.enrollments import enrollment_id
from elearn.nouns.people import Person


class Collection:
    """Documents by id; `reads` holds the ids of each read."""

    def __init__(self, documents):
        self.documents = {document["_id"]: document for document in documents}
        self.reads = []
        self.gate = asyncio.Event()
        self.gate.set()

    def find(self, query):
        self.reads.append(ids := list(query["_id"]["$in"]))
        found = [self.documents[id] for id in ids if id in self.documents]
        return SimpleNamespace(to_list=lambda _: self._answer(found))

    async def _answer(self, found):
        await self.gate.wait()
        return found


def course(ident: str, enrolled: int = 0) -> dict:
    now = datetime.now(UTC)
    return {
        "_id": ident,
        **dict.fromkeys(("code", "title", "summary", "subject", "level", "language"), ident),
        "description": "long",
        "capacity": 10,
        "enrolled": enrolled,
        "published": True,
        "enrollment_key": "",
        **dict.fromkeys(("opens_at", "closes_at"), None),
        **dict.fromkeys(("created_at", "updated_at"), now),
        "teachers": ["t"],
        "teacher_names": ["Tove"],
    }


def enrollment(course: str, user: str, *, active: bool) -> dict:
    place = {"course": course, "user": user, "since": 0, "at": datetime.now(UTC), "by": user}
    return {"_id": enrollment_id(course, user), **place, "active": active}


def row(topic: str) -> Row:
    event = Enrolled(
        course="a", title="a", user=Person("u", "Una", "student"), enrolled=5, seats_left=5
    )
    return Row(topic, 2, 0, event, "u", "", "", datetime.now(UTC), True)


@pytest.fixture
def store():
    return SimpleNamespace(
        courses=Collection([course("a"), course("b")]),
        enrollments=Collection([enrollment("a", "u", active=True)]),
    )


@pytest.fixture
def clock():
    return SimpleNamespace(now=100.0)


@pytest.fixture
def cards(store, clock):
    return CourseCards(store, lambda: clock.now)


@pytest.fixture
def listeners(cards):
    listeners = Listeners()
    cards.listen(listeners)
    return listeners


async def test_a_course_is_read_once_and_without_its_description(cards, store):
    first = await cards.find(["a", "b", "missing"])
    assert {one: card.course.title for one, card in first.items()} == {"a": "a", "b": "b"}
    assert "description" not in msgspec.to_builtins(first["a"].course)
    assert await cards.find(["b", "a"]) == first
    assert store.courses.reads == [["a", "b", "missing"]]


async def test_a_row_of_a_course_drops_that_course_alone(cards, listeners, store):
    await cards.find(["a", "b"])
    await cards.enrolled("u", ["a", "b"])
    store.courses.documents["a"] = course("a", 5)
    store.enrollments.documents[enrollment_id("a", "u")]["active"] = False
    listeners.tell(row("room:a"))
    assert (await cards.find(["a"]))["a"].course.enrolled == 0
    listeners.tell(row("course:a"))
    assert (await cards.find(["a", "b"]))["a"].course.enrolled == 5
    assert await cards.enrolled("u", ["a", "b"]) == set()
    assert store.courses.reads == [["a", "b"], ["a"]]
    assert store.enrollments.reads[1:] == [[enrollment_id("a", "u")]]


async def test_enrolments_are_each_persons_own(cards):
    assert await cards.enrolled("u", ["a", "b"]) == {"a"}
    assert await cards.enrolled("v", ["a", "b"]) == set()
    assert await cards.enrolled("u", ["a", "b"]) == {"a"}


async def test_what_was_read_while_a_row_came_is_not_kept(cards, listeners, store):
    store.courses.gate.clear()
    reading = asyncio.ensure_future(cards.find(["a"]))
    await asyncio.sleep(0)
    listeners.tell(row("course:a"))
    store.courses.gate.set()
    await reading
    await cards.find(["a"])
    assert store.courses.reads == [["a"], ["a"]]


async def test_everything_is_read_anew_after_missed_rows_and_after_a_while(cards, store, clock):
    await cards.find(["a"])
    await cards.enrolled("u", ["a"])
    cards.forget()
    await cards.find(["a"])
    await cards.enrolled("u", ["a"])
    clock.now += FRESH_S
    await cards.find(["a"])
    await cards.enrolled("u", ["a"])
    assert len(store.courses.reads) == len(store.enrollments.reads) == 3


async def test_no_more_than_a_number_of_courses_is_kept(store, cards):
    many = [f"c{n}" for n in range(KEPT)]
    store.courses.documents |= {one: course(one) for one in many}
    await cards.find(["a"])
    await cards.find(many)
    await cards.find(["a"])
    assert store.courses.reads[0] == store.courses.reads[2] == ["a"]
