"""B1-B3, B5, B6 and the ends of connections: silent, slow, loud, too many, expired, stopped."""

import asyncio
import json
import weakref
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from elearn.config import Config
from elearn.events.presence import PresenceChanged
from elearn.services import utc_now
from elearn.throttle import Bucket
from elearn.ws.commands import table
from elearn.ws.limits import Limits
from elearn.ws.pipeline import Pipeline
from elearn.ws.search_turns import SearchTurns
from elearn.ws.socket import LiveSocket
from tests.conftest import served, serving
from tests.live import Live, until
from tests.wire import RawSocket


async def test_b1_a_slow_reader_is_closed_and_costs_the_others_nothing(config: Config) -> None:
    async with served(config, Limits(outbox_bytes=128 * 1024)) as live:
        teacher = await live.teacher()
        topic = f"course:{(await teacher.make_course())['id']}"
        healthy, slow = await teacher.connect(), RawSocket(teacher, receive_bytes=4096)
        async with slow:
            await slow.expect_push("server.hello")
            told = 0
            while len(live.node.connections) == 2:
                large = PresenceChanged(count=told, left=["x" * 60_000])
                live.services.log.publisher.tell(topic, large)
                heard = await healthy.expect("presence.changed")
                assert heard["data"]["count"] == told
                told += 1
                assert told < 1_000, "the slow reader was never closed"
            assert (await slow.expect_push("server.closing"))["code"] == 4440
            assert await slow.closed() == 4440
        await healthy.do("ping")


async def test_b2_a_peer_that_answers_no_ping_is_let_go(config: Config) -> None:
    async with served(config, Limits(ping_s=0.05, pong_s=0.1)) as live:
        person = await live.student()
        healthy = await person.connect()
        async with RawSocket(person) as silent:
            said = await silent.expect_push("server.closing")
            assert (said["code"], said["reconnect"]) == (4441, "now")
            assert silent.pings == 1
            assert await silent.closed() == 4441
        await until(lambda: len(live.node.connections) == 1)
        await healthy.do("ping")


async def test_b2_a_slow_command_does_not_keep_the_pongs_from_being_read(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    pongs = []
    heard = LiveSocket.on_pong

    def count(socket: LiveSocket, data: bytes) -> None:
        pongs.append(data)
        heard(socket, data)

    async def slow(caller: table.Caller, args: Any) -> dict[str, Any]:
        already = len(pongs)
        await until(lambda: len(pongs) >= already + 5)
        return {"slow": True}

    monkeypatch.setattr(LiveSocket, "on_pong", count)
    spec = table.CommandSpec("slow", None, table.NoArgs, False, "user", slow)
    monkeypatch.setitem(table.COMMANDS, "slow", spec)
    async with served(config, Limits(ping_s=0.02, pong_s=0.5)) as live:
        client = await (await live.student()).connect()
        assert await client.do("slow") == {"slow": True}


async def test_a_connection_that_ended_is_forgotten_before_its_deadlines_come(live: Live) -> None:
    client = await (await live.student()).connect()
    (connection,) = live.node.connections
    remembered = weakref.ref(connection)
    del connection
    client.cut()
    await until(lambda: not len(live.node.connections))
    await until(lambda: remembered() is None)


async def test_b3_one_who_says_nothing_is_let_go(config: Config) -> None:
    async with served(config, Limits(auth_s=0.05)) as live:
        said = await (await live.connect()).last_words()
        assert (said["code"], said["reconnect"]) == (4408, "backoff")


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /ws HTTP/1.1\r\nHost: elearn.test\r\nUpgrade: web",
        b"POST /api/sessions HTTP/1.1\r\nHost: elearn.test\r\nContent-Length: 90\r\n\r\n{",
    ],
)
async def test_b3_half_a_request_is_waited_for_only_so_long(
    config: Config, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr("elearn.app.HEADER_S", 0.1)
    monkeypatch.setattr("elearn.app.BODY_S", 0.1)
    async with served(config) as live:
        reader, writer = await asyncio.open_connection("127.0.0.1", live.node.port)
        writer.write(begun)
        async with asyncio.timeout(5):
            assert b"200" not in await reader.read()
        writer.close()
        assert await live.api("GET", "/healthz")


async def test_b3_the_public_search_needs_no_sign_in(config: Config) -> None:
    async with served(config, Limits(auth_s=0.05)) as live:
        searching, waiting = await live.connect("/ws/search"), await live.connect()
        await waiting.expect_close()
        assert (await searching.do("search.suggest", q="algebra"))["hits"] == []
        assert await searching.refused("room.list") == "unknown_command"


async def test_b3_one_who_signs_in_in_time_stays(config: Config) -> None:
    async with served(config, Limits(auth_s=0.3)) as live:
        person, client, silent = await live.student(), await live.connect(), await live.connect()
        assert client.hello["user"] is None
        assert await client.refused("room.list") == "unauthenticated"
        answer = await client.do("auth", token=person.token)
        assert answer["user"]["id"] == person.id
        assert list(answer["topics"]) == [f"user:{person.id}"]
        assert await silent.expect_close() == 4408
        await client.do("room.list")


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
async def test_a_token_that_is_none_ends_the_connection(live: Live, token: str) -> None:
    client = await live.connect()
    assert await client.refused("auth", token=token) == "invalid_token"
    assert (await client.last_words())["reconnect"] == "after_login"


async def test_a_connection_does_not_change_hands(live: Live) -> None:
    one, other = await live.student(), await live.student()
    client = await one.connect()
    assert await client.refused("auth", token=other.token) == "invalid_token"
    assert (await client.last_words())["code"] == 4401


async def test_b5_commands_over_the_rate_are_refused_and_not_done(config: Config) -> None:
    async with served(config, commands_per_s=4) as live:
        client = await (await live.student()).connect()
        replies = [await client.reply(ref) for ref in [await client.send("ping") for _ in "12345"]]
        assert [reply["ok"] for reply in replies] == [True, True, True, True, False]
        assert replies[4]["error"]["code"] == "rate_limited"
        assert 0 < replies[4]["error"]["retry_after_ms"] <= 250


async def test_b5_chat_has_its_own_rate(config: Config) -> None:
    async with served(config, chat_per_10s=1, chat_burst=3) as live:
        teacher = await live.teacher()
        room = (await teacher.make_course())["id"]
        client = await teacher.connect()
        sent = [await client.send("chat.post", room=room, body=text) for text in "abcd"]
        replies = [await client.reply(ref) for ref in sent]
        assert [reply["ok"] for reply in replies] == [True, True, True, False]
        assert replies[3]["error"]["status"] == 429
        assert replies[3]["error"]["retry_after_ms"] > 5_000
        history = await client.do("chat.history", room=room)
        assert [message["body"] for message in history["messages"]] == list("abc")


async def test_b5_one_who_goes_on_and_on_is_closed(config: Config) -> None:
    async with served(config, Limits(windows_over_limit=0), commands_per_s=1) as live:
        client = await (await live.student()).connect()
        for _ in "12":
            await client.send("ping")
        said = await client.last_words()
        assert (said["code"], said["reconnect"]) == (4429, "backoff")
        assert said["retry_after_ms"] > 0


def pipeline_at(now_s: Callable[[], float]) -> Pipeline:
    return Pipeline(None, None, Config(), Limits(), SearchTurns(), now_s)  # type: ignore[arg-type]


def test_b5_the_limit_passed_in_more_than_three_seconds_of_ten_is_too_much() -> None:
    times = iter([0.1, 0.9, 3.0, 5.0, 9.0])
    pipe = pipeline_at(lambda: next(times))
    assert [pipe.over_limit() for _ in range(5)] == [False, False, False, False, True]


def test_b5_the_limit_passed_now_and_then_is_forgiven() -> None:
    times = iter([0.0, 4.0, 8.0, 12.0, 16.0, 20.0])
    pipe = pipeline_at(lambda: next(times))
    assert not any(pipe.over_limit() for _ in range(6))


def test_b5_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(per_s=2, burst=3)
    assert [bucket.take(100.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert bucket.take(100.4) == pytest.approx(0.1)
    assert bucket.take(100.5) == 0
    assert [bucket.take(900.0) for _ in range(4)][-1] > 0
    assert Bucket(per_s=0, burst=0).take(1.0) == 0


async def test_b6_subscriptions_have_an_end_and_those_of_the_server_do_not_count(
    config: Config,
) -> None:
    assert Limits().subscriptions == 128
    async with served(config, Limits(subscriptions=2)) as live:
        teacher = await live.teacher()
        rooms = [f"room:{(await teacher.make_course(str(i)))['id']}" for i in range(2)]
        client = await teacher.connect()
        assert len(client.hello["topics"]) == 5
        for topic in (*rooms, rooms[0], *client.hello["topics"]):
            await client.join(topic)
        assert await client.refused("subscribe", topic="catalog") == "limit_exceeded"
        await client.do("unsubscribe", topic=rooms[0])
        await client.join("catalog")


async def test_b6_a_socket_over_the_number_takes_the_place_of_the_oldest(config: Config) -> None:
    async with served(config, sockets_per_user=3) as live:
        person, other = await live.student(), await live.student()
        theirs = await other.connect()
        mine = [await person.connect() for _ in range(4)]
        said = await mine[0].last_words()
        assert (said["code"], said["reconnect"]) == (4409, "no")
        for client in (*mine[1:], theirs):
            await client.do("ping")
        mine[1].close()
        await until(lambda: len(live.node.connections) == 3)
        await person.connect()
        for client in mine[2:]:
            await client.do("ping")


async def test_b5_searches_over_http_without_an_account_are_counted_by_address(
    config: Config,
) -> None:
    suggest = {"cmd": "search.suggest", "args": {"q": "a"}}
    asked: tuple[tuple[Any, ...], ...] = (
        ("GET", "/api/courses?q=a"),
        ("GET", "/courses?q=a"),
        ("POST", "/api/commands", suggest),
    )
    async with served(config, api_per_min=3, trusted_proxies=("127.0.0.1",)) as live:
        ana = await live.student()
        here = {"X-Forwarded-For": "192.0.2.7"}
        for call in asked:
            assert (await live.request(*call, headers=here)).code == 200
        for call in asked:
            assert (await live.request(*call, headers=here)).code == 429
        refusal = await live.request(*asked[0], headers=here)
        assert int(refusal.headers["Retry-After"]) >= 1
        told = json.loads(refusal.body)["error"]
        assert told["code"] == "limit_exceeded"
        assert 0 < told["retry_after_ms"] <= 20_001
        elsewhere = {"X-Forwarded-For": "192.0.2.8"}
        assert (await live.request(*asked[0], headers=elsewhere)).code == 200
        signed_in = await live.request(*asked[0], headers=here, token=ana.token)
        assert signed_in.code == 200


async def test_b6_handshakes_over_the_rate_are_told_when_to_come_back(config: Config) -> None:
    async with served(config, connects_per_s=3) as live:
        for _ in range(3):
            await live.connect()
        with pytest.raises(HTTPClientError) as refusal:
            await live.connect()
        assert refusal.value.code == 503
        assert refusal.value.response is not None
        assert int(refusal.value.response.headers["Retry-After"]) >= 1


async def test_b6_an_address_holds_only_so_many_sockets_of_people_not_signed_in(
    config: Config,
) -> None:
    async with served(config, Limits(strangers_per_address=2)) as live:
        person = await live.student()
        first, second = [await live.connect("/ws/search") for _ in range(2)]
        with pytest.raises(HTTPClientError) as refusal:
            await live.connect("/ws/search")
        assert refusal.value.code == 503
        await person.connect()
        await first.do("auth", token=person.token)
        third = await live.connect("/ws/search")
        for client in (second, third):
            client.close()
        await until(lambda: len(live.node.connections) == 2)
        await live.connect("/ws/search")


async def test_an_orderly_stop_says_so_before_it_closes(config: Config) -> None:
    async with serving(config) as live:
        client = await (await live.student()).connect()
    said = await client.last_words()
    assert (said["code"], said["error"], said["reconnect"]) == (1012, "shutting_down", "backoff")
    await live.close()


async def test_what_was_sent_before_an_orderly_stop_is_kept(config: Config) -> None:
    async with serving(config) as live:
        teacher = await live.teacher()
        room = (await teacher.make_course())["id"]
        client = await teacher.connect()
        for number in range(20):
            await client.send("chat.post", room=room, body=str(number), key=f"k{number}")
        await client.do("ping")
    await live.close()
    async with served(config) as again:
        teacher.live = again
        history = await teacher.command("chat.history", room=room)
    assert [message["body"] for message in history["messages"]] == [str(i) for i in range(20)]


class Clock:
    """The time of day, moved by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


async def test_c3_a_token_that_ends_is_renewed_in_place_or_ends_the_connection(
    config: Config,
) -> None:
    clock = Clock()
    async with served(config, Limits(expiry_grace_s=0.5), clock) as live:
        person = await live.student()
        clock.ahead = timedelta(minutes=14, seconds=58)
        renewed, forgotten = await person.connect(), await person.connect()
        for client in (renewed, forgotten):
            assert (await client.expect("session.expiring"))["data"]["expires_in_s"] <= 2
        pair = await live.api(
            "POST", "/api/sessions/refresh", {"refresh_token": person.refresh_token}
        )
        assert (await renewed.do("auth", token=pair["access_token"]))["user"]["id"] == person.id
        said = await forgotten.last_words()
        assert (said["code"], said["error"], said["reconnect"]) == (
            4401,
            "token_expired",
            "after_login",
        )
        await renewed.do("room.list")
        await asyncio.sleep(0)
        assert not renewed.closed


async def test_c3_a_fresh_token_is_not_said_to_end(live: Live) -> None:
    client = await (await live.student()).connect()
    await client.expect_nothing("session.expiring")
