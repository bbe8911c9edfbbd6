"""The brokers: what the contract says, and what Redis adds to it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from elearn.delivery.broker import NEWS, Alone, Broker, Copy, Pace
from elearn.delivery.redis_broker import RedisBroker
from elearn.errors import ConfigError
from elearn.events.base import Event, Row
from elearn.events.chat import ChatPosted
from elearn.events.courses import CourseListed
from elearn.events.people import SessionEnded, UserUpdated
from elearn.models.ids import new_id
from elearn.nouns.courses import CourseCard
from elearn.nouns.messages import Reaction
from elearn.nouns.people import Named, Person
from tests.catalogue import a_course
from tests.faults.proxy import Proxy
from tests.live import until
from tests.redis_server import RedisServer

ROOM, OTHER = f"room:{'a' * 24}", f"room:{'b' * 24}"
QUICK = Pace(beat_s=0.2, back_off_s=(0.01, 0.05))
AT = datetime(2026, 3, 1, 12, 30, 0, 123_000, tzinfo=UTC)


class Heard:
    """A receiver that remembers."""

    def __init__(self) -> None:
        self.copies: list[Copy] = []
        self.missed_times = 0
        self.unheard_times = 0

    def receive(self, copy: Copy) -> None:
        self.copies.append(copy)

    def missed(self) -> None:
        self.missed_times += 1

    def unheard(self) -> None:
        self.unheard_times += 1

    @property
    def places(self) -> list[tuple[str, int]]:
        return [(copy.topic, copy.seq) for copy in self.copies]


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    if RedisServer.command() is None:
        pytest.skip("there is no redis-server")
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@asynccontextmanager
async def running(broker: Broker, heard: Heard) -> AsyncIterator[None]:
    task = asyncio.create_task(broker.run(heard))
    try:
        await until(lambda: broker.hears)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


ADA = Person("ada", "Ada", "student")
POSTED = ChatPosted(
    author=ADA,
    body="Grüße",
    mentions=[Named("tom", "Tom")],
    reactions=[Reaction("👍", 1, ["tom"])],
    edited_at=AT,
)
LISTED = CourseListed(course=CourseCard.of(a_course("c", capacity=3, ratings=2, stars=9)))


def a_row(topic: str, seq: int, event: Event = POSTED) -> Row:
    return Row(topic, seq, seq, event, "ada", f"key-{seq}", "digest", AT, False)


def a_copy(topic: str, seq: int, event: Event = POSTED) -> Copy:
    return Copy(topic, seq, seq, b"frame %d" % seq, a_row(topic, seq, event))


@pytest.mark.parametrize("kind", ["alone", "redis"])
async def test_a_broker_neither_waits_nor_raises(kind: str, redis: RedisServer) -> None:
    broker: Broker = Alone() if kind == "alone" else RedisBroker(redis.url, new_id(), new_id())
    heard = Heard()
    async with running(broker, heard):
        broker.leave(ROOM)
        broker.listen(ROOM)
        broker.listen(ROOM)
        assert broker.publish(a_copy(ROOM, 1))
        broker.leave(ROOM)
        await broker.flush()
    assert heard.copies == []  # its own
    assert broker.shared is (kind == "redis")


def test_nothing_is_heard_before_redis_is_reached() -> None:
    broker = RedisBroker("redis://127.0.0.1:1/0", new_id(), new_id())
    assert not broker.hears
    assert not broker.publish(a_copy(ROOM, 1))


def test_an_address_that_is_none_is_refused_at_once() -> None:
    with pytest.raises((ValueError, ConfigError)):
        RedisBroker("http://127.0.0.1:1", new_id(), new_id())


@asynccontextmanager
async def a_pair(
    url: str,
) -> AsyncIterator[tuple[RedisBroker, Heard, RedisBroker, Heard]]:
    name = new_id()
    one, other = (RedisBroker(url, name, new_id(), pace=QUICK) for _ in "ab")
    at_one, at_other = Heard(), Heard()
    async with running(one, at_one), running(other, at_other):
        yield one, at_one, other, at_other


async def settled(one: RedisBroker, at_other: Heard) -> None:
    """What was published is through: what goes to every node comes last."""
    marker = Copy(NEWS, 0, 0, new_id().encode())
    one.publish(marker)
    await until(lambda: marker in at_other.copies)
    at_other.copies.remove(marker)


async def test_rows_arrive_whole_and_in_order(redis: RedisServer) -> None:
    async with a_pair(redis.url) as (one, _, other, at_other):
        other.listen(ROOM)
        await subscribed(one, at_other, ROOM)
        sent = [a_copy(ROOM, seq) for seq in range(1, 51)]
        for copy in sent:
            one.publish(copy)
        await settled(one, at_other)
        assert [copy for copy in at_other.copies if copy.row] == sent
        at = at_other.copies[0].row
        assert at is not None
        assert at.at == AT


async def subscribed(one: RedisBroker, at_other: Heard, topic: str) -> None:
    """Return when the other node has subscribed to the topic."""

    async def arrives() -> bool:
        one.publish(Copy(topic, 0, 0, b"are you there?"))
        await settled(one, at_other)
        return bool(at_other.copies)

    await until(arrives)
    at_other.copies.clear()


async def test_who_does_not_listen_hears_how_far_a_topic_is(redis: RedisServer) -> None:
    async with a_pair(redis.url) as (one, _, _, at_other):
        for seq in (1, 2, 3):
            one.publish(a_copy(ROOM, seq))
        one.publish(Copy(ROOM, 0, 0, b"typing"))
        await settled(one, at_other)
        assert at_other.copies == [Copy(ROOM, 3, 3)]


async def test_one_who_left_hears_no_more(redis: RedisServer) -> None:
    async with a_pair(redis.url) as (one, _, other, at_other):
        other.listen(ROOM)
        other.listen(OTHER)
        await subscribed(one, at_other, ROOM)
        await subscribed(one, at_other, OTHER)
        other.leave(ROOM)

        async def silent() -> bool:
            at_other.copies.clear()
            one.publish(Copy(ROOM, 0, 0, b"still there?"))
            await settled(one, at_other)
            return not at_other.copies

        await until(silent)
        one.publish(Copy(OTHER, 0, 0, b"here"))
        await settled(one, at_other)
        assert [copy.topic for copy in at_other.copies] == [OTHER]


@pytest.mark.parametrize("event", [SessionEnded(session="s"), UserUpdated(user=ADA, disabled=True)])
async def test_what_signs_people_out_reaches_every_node(redis: RedisServer, event: Event) -> None:
    async with a_pair(redis.url) as (one, _, _, at_other):
        sent = a_copy(f"user:{new_id()}", 7, event)
        one.publish(sent)
        await settled(one, at_other)
        assert at_other.copies == [sent]


async def test_the_catalogue_reaches_every_node(redis: RedisServer) -> None:
    async with a_pair(redis.url) as (one, _, _, at_other):
        sent = a_copy("catalog", 1, LISTED)
        one.publish(sent)
        await settled(one, at_other)
        assert at_other.copies == [sent]


async def test_two_stores_on_one_redis_do_not_hear_each_other(redis: RedisServer) -> None:
    async with (
        a_pair(redis.url) as (one, _, _, at_other),
        a_pair(redis.url) as (_, of_others, stranger, _),
    ):
        stranger.listen(ROOM)
        one.publish(a_copy(f"user:{new_id()}", 1, SessionEnded(session="s")))
        await settled(one, at_other)
        assert of_others.copies == []


async def test_a_message_that_cannot_be_read_means_that_something_was_missed(
    redis: RedisServer,
) -> None:
    async with a_pair(redis.url) as (one, _, _, at_other):
        before = at_other.missed_times
        one._encoder = Garbage()  # type: ignore[assignment]
        one.publish(a_copy(ROOM, 1))
        await until(lambda: at_other.missed_times > before)
        assert at_other.missed_times == before + 1
        assert at_other.copies == []


class Garbage:
    def encode(self, group: object) -> bytes:
        return b"\xc1 no such thing"


async def test_a_lost_redis_is_noticed_and_found_again(tmp_path: Path) -> None:
    if RedisServer.command() is None:
        pytest.skip("there is no redis-server")
    server = RedisServer(tmp_path)
    server.start()
    try:
        async with a_pair(server.url) as (one, at_one, other, at_other):
            other.listen(ROOM)
            await subscribed(one, at_other, ROOM)
            server.stop()
            await until(lambda: not one.hears and not other.hears)
            assert not one.publish(a_copy(ROOM, 1))
            before = at_one.missed_times, at_other.missed_times
            server.start()
            await until(lambda: one.hears and other.hears)
            assert (at_one.missed_times, at_other.missed_times) == (before[0] + 1, before[1] + 1)
            await subscribed(one, at_other, ROOM)
    finally:
        server.stop()


async def test_copies_that_were_on_their_way_count_as_unheard(tmp_path: Path) -> None:
    if RedisServer.command() is None:
        pytest.skip("there is no redis-server")
    server = RedisServer(tmp_path)
    server.start()
    try:
        async with a_pair(server.url) as (one, at_one, _, _):
            assert at_one.unheard_times == 0
            server.stop()
            one.publish(a_copy(ROOM, 1))
            await until(lambda: at_one.unheard_times > 0)
            assert at_one.unheard_times == 1
    finally:
        server.stop()


async def test_a_redis_that_says_nothing_is_left(redis: RedisServer) -> None:
    """A line that is cut without a word: the node's own beats do not come back."""
    async with Proxy(redis.port) as proxy:
        url = f"redis://127.0.0.1:{proxy.port}/0"
        broker, heard = RedisBroker(url, new_id(), new_id(), pace=QUICK), Heard()
        async with running(broker, heard):
            assert heard.missed_times == 1
            proxy.drop()
            await until(lambda: not broker.hears)
            proxy.resume()
            await until(lambda: broker.hears)
            assert heard.missed_times == 2
