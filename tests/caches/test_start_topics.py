"""What people come back to: read for many together, and never older than the log."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from elearn.events.notices import NoticesRead
from elearn.log.heads import Heads
from elearn.log.new_events import NewEvent
from elearn.models import enrollments, events, sessions, start_topics
from elearn.models.ids import new_id
from elearn.models.sessions import LIFE
from elearn.nouns.courses import Enrollment
from elearn.nouns.people import User
from elearn.services import Services, utc_now
from elearn.wire import topics
from tests.live import Live, until


@pytest.fixture
def services(beside: Callable[..., Services]) -> Services:
    return beside()


def somebody() -> User:
    return User(new_id(), "Ada", "student")


def told(user: User) -> NewEvent:
    read = NoticesRead(topics={}, unseen=0, unread=0)
    return NewEvent(topics.user(user.id), read, "ada", new_id(), reacts=False)


def enrolled(course: str, user: User) -> Enrollment:
    return Enrollment(
        id=enrollments.enrollment_id(course, user.id),
        course=course,
        user=user.id,
        by=user.id,
        since=0,
        active=True,
        at=utc_now(),
        seq=1,
    )


async def names(services: Services, user: User) -> list[str]:
    return (await services.start_topics.find(user)).names


async def test_a_first_desk_has_the_courses_that_one_was_in_before(services: Services) -> None:
    user, course = somebody(), new_id()
    await enrollments.put(services.db, enrolled(course, user))
    wanted = [topics.user(user.id), topics.course(course)]
    assert await names(services, user) == wanted
    assert await names(services, user) == wanted


async def test_who_is_enrolled_while_their_first_desk_is_gathered_finds_the_course(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, course, db = somebody(), new_id(), services.db
    read = enrollments.find_of_user

    async def read_and_then_enrol(*args: Any) -> list[Enrollment]:
        found = await read(*args)
        await enrollments.put(db, enrolled(course, user))
        await start_topics.add_courses(db, [(user.id, course)])
        return found

    monkeypatch.setattr(enrollments, "find_of_user", read_and_then_enrol)
    assert await names(services, user) == [topics.user(user.id)]
    monkeypatch.undo()
    assert await names(services, user) == [topics.user(user.id), topics.course(course)]


async def test_many_who_come_back_cost_one_read_of_the_log(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [somebody() for _ in range(50)]
    for user in people[:40]:
        await services.start_topics.find(user)
        await services.log.append_all([told(user)])
    await services.start_topics.behind.flush()
    await asyncio.gather(*map(services.start_topics.find, people[40:]))
    later = Heads(services.db, set)
    monkeypatch.setattr(services.log, "_heads", later)
    reads: list[int] = []
    read = events.find

    async def counting(db: Any, ids: list[str]) -> Any:
        reads.append(len(ids))
        return await read(db, ids)

    async def one_by_one(*args: Any) -> None:
        raise AssertionError("the head of a topic was read by itself")

    monkeypatch.setattr(events, "find", counting)
    monkeypatch.setattr(events, "newest", one_by_one)
    found = await asyncio.gather(*map(services.start_topics.find, people))
    assert [desk.before for desk in found] == [1] * 40 + [0] * 10
    assert len(reads) <= 2  # who asked first, and all who came meanwhile


async def test_a_position_that_was_not_written_down_is_read_from_the_log(
    services: Services,
) -> None:
    user = somebody()
    await services.start_topics.find(user)
    await services.log.append(told(user))
    await start_topics.set_heads(services.db, {user.id: 7})
    for guess, written in ((0, 0), (7, 0), (1, 1)):
        heads = Heads(services.db, set)
        await heads.guess({topics.user(user.id): guess})
        known = heads.known(topics.user(user.id))
        assert (known.seq if known else 0) == written
        assert (await heads.head(topics.user(user.id))).seq == 1


async def test_sessions_that_were_seen_are_written_down_together(live: Live) -> None:
    people = [await live.student() for _ in range(3)]
    db, before = live.services.db, utc_now() - LIFE
    ids = [live.services.tokens.read(one.token, "access").session for one in people]
    await sessions.touch(db, ids, before)
    live.services.sessions.forget()
    for one in people:
        await one.connect()

    async def all_seen() -> bool:
        found = [await sessions.find(db, session) for session in ids]
        return all(one is not None and one.seen_at > before for one in found)

    await until(all_seen)
