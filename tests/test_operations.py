"""What those who run elearn see: health, metrics, log lines, how far behind the work is."""

import asyncio
import json
import logging
import re
import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pymongo.errors import WriteError

from elearn.config import Config
from elearn.events.chat import ChatTyping
from elearn.log_lines import JsonLines
from elearn.metrics import Metrics, StoreTimes
from elearn.models import events, store
from elearn.models.database import Database
from elearn.nouns.people import Person
from elearn.ops import checking
from elearn.services import Services, utc_now
from elearn.ws.limits import Limits
from tests.conftest import served
from tests.live import PASSWORD, Live, until
from tests.logbook import BrokenStore, a_room, row_of_another, saying
from tests.wire import RawSocket


async def figures(live: Live) -> dict[tuple[str, ...], float]:
    """The samples by name and the values of their labels, in the order of the labels' names."""
    response = await live.request("GET", "/metrics")
    assert response.code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.body.decode())
        for sample in family.samples
    }


async def test_healthz_says_that_the_loop_turns_and_readyz_that_the_stores_answer(
    live: Live,
) -> None:
    assert await live.api("GET", "/healthz") == {"status": "ok"}
    assert (await live.api("GET", "/readyz"))["status"] == "ready"
    live.node.connections.draining = True
    response = await live.request("GET", "/readyz")
    assert response.code == 503
    assert json.loads(response.body)["draining"] is True


async def test_commands_are_counted_by_name_and_outcome(live: Live) -> None:
    teacher = await live.teacher()
    room = (await teacher.make_course())["id"]
    client = await teacher.connect()
    for _ in "12":
        await client.do("chat.post", room=room, body="hello", key="one")
    assert await client.refused("chat.post", room="f" * 24, body="hello") == "not_found"
    found = await figures(live)
    assert found["elearn_commands_total", "chat.post", "ok"] == 1
    assert found["elearn_commands_total", "chat.post", "duplicate"] == 1
    assert found["elearn_commands_total", "chat.post", "not_found"] == 1


async def test_connections_topics_and_deliveries_show(live: Live) -> None:
    teacher = await live.teacher()
    room = (await teacher.make_course())["id"]
    client = await teacher.connect()
    await client.join(f"room:{room}")
    before = await figures(live)
    assert before["elearn_connections",] == 1
    assert before["elearn_topics",] == len(client.hello["topics"]) + 1
    await client.say(room, "hello")

    async def all_are_counted() -> bool:
        """What the only client heard on its topics since the node began, and no more."""
        heard = [push for push in client.seen if not push["push"].startswith("server.")]
        return (await figures(live))["elearn_deliveries_total",] == len(heard) > 0

    await live.settled()
    await until(all_are_counted)
    client.close()
    await until(lambda: not len(live.node.connections))
    gone = await figures(live)
    assert gone["elearn_connections",] == gone["elearn_topics",] == 0


async def test_the_store_the_log_the_search_and_the_loop_are_timed(live: Live) -> None:
    teacher = await live.teacher()
    await teacher.make_course()
    await live.settled()
    client = await teacher.connect()
    await client.do("search.suggest", q="algebra")
    await until(lambda: figures_of(live.services.metrics, "elearn_loop_lag_seconds_count") > 0)
    found = await figures(live)
    assert found["elearn_store_seconds_count", "events", "insert"] > 0
    assert found["elearn_store_seconds_count", "users", "find"] > 0
    assert found["elearn_append_batch_rows_count",] > 0
    assert found["elearn_append_batch_rows_sum",] >= found["elearn_append_batch_rows_count",]
    assert found["elearn_search_seconds_count", "suggest"] == 1
    assert found["elearn_queue_rows",] == found["elearn_reactions_waiting",] == 0
    assert found["elearn_reaction_lag_seconds",] == found["elearn_store_away",] == 0


async def test_batches_are_as_large_as_what_waited(live: Live) -> None:
    before = await figures(live)
    drafts = [saying("room:" + "f" * 24, str(number)) for number in range(30)]
    await live.services.log.append_all(drafts)
    after = await figures(live)
    sizes = [
        after["elearn_append_batch_rows_bucket", bound]
        - before["elearn_append_batch_rows_bucket", bound]
        for bound in ("1.0", "20.0", "50.0")
    ]
    assert after["elearn_append_batch_rows_sum",] - before["elearn_append_batch_rows_sum",] == 30
    assert sizes == [0, 0, 1]


async def test_a_loop_that_is_held_up_shows_as_late(live: Live) -> None:
    def late_s() -> float:
        return figures_of(live.services.metrics, "elearn_loop_lag_seconds_sum")

    before = late_s()
    time.sleep(0.3)  # noqa: ASYNC251 - the fault itself
    await until(lambda: late_s() > before + 0.2)


async def test_rows_that_wait_for_reactions_show_with_their_age(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    reactor, teacher = live.node.reactor, await live.teacher()
    await live.settled()
    work_off, may_react = reactor.work_off, asyncio.Event()

    async def later() -> None:
        await may_react.wait()
        await work_off()

    monkeypatch.setattr(reactor, "work_off", later)
    making = asyncio.create_task(teacher.make_course())
    metrics = live.services.metrics
    await until(lambda: figures_of(metrics, "elearn_reactions_waiting") == 1)
    age_s = figures_of(metrics, "elearn_reaction_lag_seconds")
    await until(lambda: figures_of(metrics, "elearn_reaction_lag_seconds") > age_s + 0.05)
    may_react.set()
    await making
    await live.settled()
    assert figures_of(metrics, "elearn_reactions_waiting") == 0
    assert figures_of(metrics, "elearn_reaction_lag_seconds") == 0


async def test_writes_that_are_on_their_way_and_a_store_that_is_away_show(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = live.services.metrics
    broken = BrokenStore(keeps=0)
    broken.may_fail.clear()
    monkeypatch.setattr(events, "insert", broken)
    vouch, may_vouch = store.vouch, asyncio.Event()

    async def later(db: Any) -> None:
        await may_vouch.wait()
        await vouch(db)

    monkeypatch.setattr(store, "vouch", later)
    room = "room:" + "f" * 24
    said = [live.services.log.put(saying(room)) for _ in range(3)]
    await broken.reached.wait()
    assert figures_of(metrics, "elearn_queue_rows") == 3
    assert (await live.api("GET", "/readyz"))["takes_writes"] is True
    broken.may_fail.set()
    await asyncio.gather(*said, return_exceptions=True)
    assert figures_of(metrics, "elearn_store_away") == 1
    assert (await live.api("GET", "/readyz"))["takes_writes"] is False
    may_vouch.set()
    await until(lambda: figures_of(metrics, "elearn_store_away") == 0)
    assert figures_of(metrics, "elearn_queue_rows") == 0


async def test_commands_that_the_store_did_not_take_are_counted_and_repeats_are_not(
    live: Live,
) -> None:
    found, row = StoreTimes(live.services.metrics), {"index": 0}

    def answered(**reply: Any) -> float:
        started = SimpleNamespace(request_id=1, command_name="insert", command={"insert": "events"})
        found.started(started)
        found.succeeded(
            SimpleNamespace(
                request_id=1, command_name="insert", duration_micros=2_000_000, reply=reply
            )
        )
        name, labels = "elearn_store_failures_total", {"command": "insert"}
        return live.services.metrics.registry.get_sample_value(name, labels) or 0.0

    before = (await figures(live)).get(("elearn_store_seconds_sum", "events", "insert"), 0.0)
    assert answered(n=1) == 0
    assert answered(n=0, writeErrors=[{**row, "code": 11000}]) == 0
    assert answered(n=0, writeErrors=[{**row, "code": 8}]) == 1
    assert answered(n=1, writeConcernError={"code": 64}) == 2
    after = (await figures(live))["elearn_store_seconds_sum", "events", "insert"]
    assert after - before == pytest.approx(8)


def figures_of(metrics: Metrics, name: str) -> float:
    return metrics.registry.get_sample_value(name) or 0.0


async def test_what_a_slow_reader_leaves_shows_as_waiting_bytes(config: Config) -> None:
    async with served(config, Limits(outbox_bytes=4_000_000)) as live:
        teacher = await live.teacher()
        topic = f"course:{(await teacher.make_course())['id']}"
        async with RawSocket(teacher, receive_bytes=4096) as slow:
            await slow.expect_push("server.hello")

            large = ChatTyping(room="x" * 60_000, user=Person("a", "Ada", "student"), on=True)

            def waiting() -> float:
                live.services.log.publisher.tell(topic, large)
                return figures_of(live.services.metrics, "elearn_outbox_bytes")

            await until(lambda: waiting() > 500_000)
        await until(lambda: figures_of(live.services.metrics, "elearn_outbox_bytes") == 0)


async def test_the_metrics_tell_of_no_person(live: Live) -> None:
    teacher = await live.teacher("Ada Lovelace")
    room = (await teacher.make_course("Secret Algebra"))["id"]
    await (await teacher.connect()).say(room, "between us")
    text = (await live.request("GET", "/metrics")).body.decode()
    for private in (teacher.id, room, "Ada", "Algebra", "between", teacher.email):
        assert private not in text


async def test_a_connection_leaves_one_line_at_its_beginning_and_one_at_its_end(
    live: Live, caplog: pytest.LogCaptureFixture
) -> None:
    teacher = await live.teacher()
    room = (await teacher.make_course())["id"]
    with caplog.at_level(logging.DEBUG, "elearn"):
        client = await teacher.connect()
        await client.say(room, "between us")
        client.close()
        await until(lambda: not len(live.node.connections))
        await until(lambda: "closed" in caplog.text)
    lines = [record.getMessage() for record in caplog.records if record.name == "elearn.socket"]
    assert [line.split()[0] for line in lines] == ["opened", "closed"]
    for secret in (teacher.token, "between us", PASSWORD):
        assert secret not in caplog.text


def test_a_line_of_json_holds_the_message_and_the_trace() -> None:
    record = logging.LogRecord("elearn.x", logging.ERROR, "", 1, "broke: %s\n", ("this",), None)
    line: dict[str, Any] = json.loads(JsonLines().format(record))
    assert line["message"] == "broke: this\n"
    assert line["level"] == "error"
    assert "\n" not in JsonLines().format(record)


async def test_check_says_how_long_reactions_have_been_waiting(live: Live) -> None:
    services = live.services
    assert await checking._reactions(services) == ("reactions", "nothing waits", True)
    name, state, well = await waiting_since(services, timedelta(minutes=5))
    assert (name, well) == ("reactions", False)
    assert state.startswith("1 rows wait, the oldest for 300 s")


async def waiting_since(services: Services, age: timedelta) -> checking.State:
    """Store a row past the running log, as a node that was killed then leaves it."""
    row = row_of_another(saying(a_room(), reacts=True), 1)
    row.at = utc_now() - age
    await events.insert(services.db, [row])
    return await checking._reactions(services)


async def test_check_shows_the_log_as_it_answers(live: Live) -> None:
    await (await live.teacher()).make_course()
    await live.settled()
    name, state, well = await checking._log(live.services)
    assert (name, well) == ("log", True)
    assert re.match(r"written in \d+ ms, read in \d+ ms; catalogue at 1; ", state)


async def test_check_says_when_the_store_answers_and_takes_no_writes(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(db: Database) -> None:
        raise WriteError("database or disk is full")

    monkeypatch.setattr(store, "vouch", full)
    name, state, well = await checking._log(live.services)
    assert (name, well) == ("log", False)
    assert state == "takes no writes (WriteError): is the disk full?"


async def test_check_names_the_age_of_the_oldest_row_and_counts_all(live: Live) -> None:
    then = live.services.clock()
    ages = [30, 600, 90]
    rows = [row_of_another(saying(a_room(), reacts=True), 1) for _ in ages]
    for row, age in zip(rows, ages, strict=True):
        row.at = then - timedelta(seconds=age)
    await events.insert(live.services.db, rows)
    _, state, well = await checking._reactions(live.services)
    assert not well
    assert re.match(r"3 rows wait, the oldest for 60\d s", state)
