"""What the rooms need, opened together and closed in order: stores, log, search, hub, tasks."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.int64 import Int64
from motor.motor_asyncio import AsyncIOMotorClient

from elearn.auth import Passwords, Tokens
from elearn.cards import Cards
from elearn.circles import Circles
from elearn.config import Config
from elearn.desks import Desks
from elearn.embedded import join_store
from elearn.identity import Identity
from elearn.leases import Lease
from elearn.log import Log
from elearn.marks import ReadMarks
from elearn.metrics import Metrics, StoreTimes
from elearn.models import indexes, store
from elearn.models.events import Database
from elearn.models.ids import new_id
from elearn.neighbours import Neighbours
from elearn.noticeboard import Noticeboard
from elearn.places import Places
from elearn.search.backend import SearchBackend
from elearn.search.elastic import ElasticSearch
from elearn.search.embedded import EmbeddedSearch
from elearn.search.guarded import GuardedSearch
from elearn.search.synonyms import NO_SYNONYMS, Synonyms
from elearn.search.watch import IndexWatch
from elearn.searches import Searches
from elearn.tasks import Tasks
from elearn.throttle import Rates, SignInThrottle
from elearn.ws.broker import Alone, Broker, Pace
from elearn.ws.hub import Hub
from elearn.ws.presence import Presence
from elearn.ws.redis_broker import RedisBroker
from elearn.ws.tellings import Tellings
from elearn.ws.typists import Typing

POOL_THREADS = 4
ELASTICSEARCH, EMBEDDED = "elasticsearch", "embedded"

Clock = Callable[[], datetime]

log = logging.getLogger("elearn.services")


def utc_now() -> datetime:
    """Now, in whole milliseconds: what the store keeps is then what was said."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(frozen=True)
class Services:
    """Everything an action, a handler or a reaction may need; passed on, never looked up."""

    config: Config
    db: Database
    log: Log
    hub: Hub
    search: SearchBackend
    guard: GuardedSearch | None  # `search`, where an Elasticsearch has a spare index beside it
    indexes: Mapping[str, IndexWatch]
    searches: Searches
    tasks: Tasks
    pool: ThreadPoolExecutor
    clock: Clock
    epoch: str
    passwords: Passwords
    tokens: Tokens
    identity: Identity
    marks: ReadMarks
    places: Places
    cards: Cards
    desks: Desks
    circles: Circles
    noticeboard: Noticeboard
    tellings: Tellings
    presence: Presence
    typing: Typing
    metrics: Metrics
    broker: Broker
    neighbours: Neighbours
    chores: Lease | None  # the work that one node does for all; None when there is but one
    pace: Pace
    sign_ins: SignInThrottle
    sign_ups: Rates
    handshakes: Rates
    api_calls: Rates


def client_of(uri: str, *, embedded: bool, listeners: Sequence[Any] = ()) -> Any:
    """The one place that opens the driver. Time-outs are short: a stalled store must be noticed
    and said (`unavailable`), not waited for."""
    durable: Any = {} if embedded else {"w": "majority", "journal": True}
    return AsyncIOMotorClient(
        uri,
        appname="elearn",
        serverSelectionTimeoutMS=2_000,
        connectTimeoutMS=2_000,
        socketTimeoutMS=5_000,
        retryWrites=False,
        retryReads=False,
        maxPoolSize=32,
        event_listeners=list(listeners),
        **durable,
    )


class _PlainInt(TypeDecoder):
    """The driver's own class for large integers, as the int that it is."""

    bson_type = Int64

    def transform_bson(self, value: Any) -> int:
        return int(value)


def database_of(client: Any, name: str) -> Database:
    options = CodecOptions(tz_aware=True, type_registry=TypeRegistry([_PlainInt()]))  # type: ignore[var-annotated]
    return client.get_database(name, codec_options=options)


@asynccontextmanager
async def open_services(
    config: Config,
    *,
    serving: bool = True,
    clock: Clock = utc_now,
    pace: Pace = Pace(),  # noqa: B008 - it is frozen
) -> AsyncIterator[Services]:
    """Open the stores and start the log. A command beside the servers opens with `serving=False`:
    it runs no reactions and writes no index, and wakes the servers after its appends."""
    async with AsyncExitStack() as stack:
        synonyms = Synonyms(config.search_synonyms)
        embedded = config.mongodb_uri is None
        uri = config.mongodb_uri
        if uri is None:
            lease = await asyncio.to_thread(join_store, config.data_dir)
            stack.callback(lease.close)
            uri = lease.uri
        metrics = Metrics()
        client = client_of(uri, embedded=embedded, listeners=[StoreTimes(metrics)])
        stack.callback(client.close)
        db = database_of(client, config.mongodb_database)
        await indexes.create(db, embedded=embedded)
        epoch = await store.epoch(db)

        pool = ThreadPoolExecutor(POOL_THREADS, thread_name_prefix="elearn")
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        tasks = Tasks()
        hub = Hub()
        node = new_id()
        broker = broker_of(config, epoch, node, pace) if serving else Alone()
        the_log = Log(db, hub, clock, serving=serving, broker=broker, check_s=pace.check_s)
        marks = ReadMarks(db)
        identity = Identity(db, clock)
        places = Places(db, clock)
        cards = Cards(db)
        desks = Desks(db, the_log)
        circles = Circles(db, clock, tasks.spawn)
        presence = Presence(the_log.publisher.tell_here)
        the_log.publisher.on_row += [
            identity.on_row,
            places.on_row,
            cards.on_row,
            circles.on_row,
            presence.on_row,
            desks.on_row,
        ]
        the_log.hearing.on_missed += [identity.forget_all, cards.forget_all, circles.forget_all]
        search = search_of(config, pool, synonyms)
        guard = guard_of(config, pool, search, synonyms) if serving else None
        watches = {EMBEDDED: IndexWatch()}
        if config.elasticsearch_url is not None:
            watches[ELASTICSEARCH] = IndexWatch()
        searches = Searches(db, clock)
        the_log.publisher.on_row.append(searches.on_row)

        stack.push_async_callback(tasks.close)
        for name, loop in the_log.background().items():
            tasks.spawn(name, loop)
        tasks.spawn("marks", marks.run())
        tasks.spawn("searches", searches.run())
        tasks.spawn("identity", identity.run())
        tasks.spawn("desks", desks.run())
        tasks.spawn("metrics", metrics.watch_loop())
        _show(metrics, hub, the_log, tasks, broker)
        _show_search(metrics, searches, watches)
        if guard is not None:
            _show_guard(metrics, guard)
        stack.push_async_callback(broker.flush)
        for flush in (marks.flush, searches.flush, identity.flush, desks.flush):
            stack.push_async_callback(flush)
        stack.push_async_callback(the_log.close)

        yield Services(
            config=config,
            db=db,
            log=the_log,
            hub=hub,
            search=guard or search,
            guard=guard,
            indexes=watches,
            searches=searches,
            tasks=tasks,
            pool=pool,
            clock=clock,
            epoch=epoch,
            passwords=Passwords(config.secret_key, config.bcrypt_cost, pool),
            tokens=Tokens(config.secret_key, clock),
            identity=identity,
            marks=marks,
            places=places,
            cards=cards,
            desks=desks,
            circles=circles,
            noticeboard=Noticeboard(db, the_log),
            tellings=Tellings(the_log.publisher.tell, tasks.spawn),
            presence=presence,
            typing=Typing(the_log.publisher.tell),
            metrics=metrics,
            broker=broker,
            neighbours=Neighbours(node, broker, the_log, presence),
            chores=Lease(db, "chores", node, life_s=pace.lease_s) if broker.shared else None,
            pace=pace,
            sign_ins=SignInThrottle(clock),
            sign_ups=_rates(config.signups_per_h, 3600),
            handshakes=_rates(config.connects_per_s, 1),
            api_calls=_rates(config.api_per_min, 60),
        )


def _show(metrics: Metrics, hub: Hub, the_log: Log, tasks: Tasks, broker: Broker) -> None:
    """Figures that are read off when somebody asks for them."""
    metrics.deliveries.set_function(lambda: hub.deliveries)
    metrics.topics.set_function(lambda: len(hub))
    metrics.tasks.set_function(lambda: len(tasks))
    metrics.queue_rows.set_function(lambda: the_log.queue_rows)
    metrics.store_away.set_function(lambda: the_log.away)
    metrics.redis_heard.set_function(lambda: broker.hears)
    metrics.reactions_waiting.set_function(lambda: len(the_log.handover.unreacted))
    metrics.reaction_lag.set_function(the_log.handover.lag_s)
    the_log.observe_batches(metrics.batch_rows.observe)


def _show_search(metrics: Metrics, searches: Searches, watches: Mapping[str, IndexWatch]) -> None:
    metrics.search_slow.set_function(lambda: searches.slow_answers)
    metrics.search_empty.set_function(lambda: searches.empty)
    for name, watch in watches.items():
        metrics.index_lag.labels(name).set_function(partial(getattr, watch, "lag_s"))
        metrics.index_failures.labels(name).set_function(partial(getattr, watch, "failures"))


def _show_guard(metrics: Metrics, guard: GuardedSearch) -> None:
    metrics.search_reduced.set_function(lambda: guard.breaker.open)
    metrics.search_reduced_answers.set_function(lambda: guard.reduced_answers)


def broker_of(config: Config, epoch: str, node: str, pace: Pace) -> Broker:
    """The epoch names the store, so that the nodes of two stores may share a Redis."""
    if config.redis_url is None:
        return Alone()
    return RedisBroker(config.redis_url, f"elearn:{epoch}", node, pace=pace)


def search_of(
    config: Config,
    pool: ThreadPoolExecutor,
    synonyms: Synonyms = NO_SYNONYMS,
    *,
    writes: bool = True,
) -> SearchBackend:
    """Who only looks beside a server must say so: the embedded index has one writer."""
    if config.elasticsearch_url is not None:
        return ElasticSearch(config.elasticsearch_url, config.elasticsearch_index, synonyms)
    return _embedded(config, pool, synonyms, writes=writes)


def guard_of(
    config: Config, pool: ThreadPoolExecutor, search: SearchBackend, synonyms: Synonyms
) -> GuardedSearch | None:
    """For the serving process alone: the embedded index has one writer."""
    if config.elasticsearch_url is None:
        return None
    return GuardedSearch(search, _embedded(config, pool, synonyms))


def _embedded(
    config: Config, pool: ThreadPoolExecutor, synonyms: Synonyms, *, writes: bool = True
) -> EmbeddedSearch:
    directory = config.data_dir / "search"
    return EmbeddedSearch(directory, pool, synonyms=synonyms, writes=writes)


def _rates(count: int, seconds: float) -> Rates:
    return Rates(count / seconds, count, time.monotonic)
