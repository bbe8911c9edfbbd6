"""What the rooms need, opened together and closed in order: stores, log, search, hub, tasks."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from elearn.auth import Passwords, Tokens
from elearn.caches.course_cards import CourseCards
from elearn.caches.directory import Directory
from elearn.caches.newest_notices import NewestNotices
from elearn.caches.read_marks import ReadMarks
from elearn.caches.sessions import Sessions
from elearn.caches.start_topics import StartTopics
from elearn.caches.withdrawn import Withdrawn
from elearn.caches.write_access import WriteAccess
from elearn.config import Config
from elearn.delivery.broker import Alone, Broker, Pace
from elearn.delivery.hub import Hub
from elearn.delivery.presence import Presence
from elearn.delivery.redis_broker import RedisBroker
from elearn.delivery.throttled import Throttled
from elearn.delivery.typing import Typing
from elearn.embedded.store import join_store
from elearn.log.log import Log
from elearn.metrics import Metrics, StoreTimes
from elearn.models import store
from elearn.models.database import Database
from elearn.models.ids import new_id
from elearn.models.opening import opened
from elearn.nodes.leases import Lease
from elearn.nodes.neighbours import Neighbours
from elearn.parts import Part
from elearn.search.backend import SearchBackend
from elearn.search.engines import guard_of, search_of, titled_by, watches_of
from elearn.search.guarded import GuardedSearch
from elearn.search.synonyms import Synonyms
from elearn.search.watch import IndexWatch
from elearn.searches import Searches
from elearn.tasks import Tasks
from elearn.throttle import (
    FREE_FAILURES,
    FREE_KEYS,
    Failures,
    PersonLimits,
    Rates,
    SignInThrottle,
)

POOL_THREADS = 4

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
    sessions: Sessions
    read_marks: ReadMarks
    write_access: WriteAccess
    course_cards: CourseCards
    withdrawn: Withdrawn
    start_topics: StartTopics
    directory: Directory
    newest_notices: NewestNotices
    throttled: Throttled
    presence: Presence
    typing: Typing
    metrics: Metrics
    broker: Broker
    neighbours: Neighbours
    chores: Lease | None  # the work that one node does for all; None when there is but one
    pace: Pace
    sign_ins: SignInThrottle
    password_changes: Failures
    sign_ups: Rates
    handshakes: Rates
    api_calls: Rates
    limits: PersonLimits


@asynccontextmanager
async def open_services(
    config: Config,
    *,
    serving: bool = True,
    clock: Clock = utc_now,
    pace: Pace = Pace(),  # noqa: B008 - it is frozen
    say: Callable[[str], None] = log.warning,
) -> AsyncIterator[Services]:
    """Open the stores and start the log. A command beside the servers opens with `serving=False`:
    it runs no reactions and writes no index, and wakes the servers after its appends. `say` is told
    of what takes long."""
    async with AsyncExitStack() as stack:
        metrics, tasks, hub, node = Metrics(), Tasks(), Hub(), new_id()
        db = await _open_database(config, metrics, say, stack)
        epoch = await store.epoch(db)
        pool = ThreadPoolExecutor(POOL_THREADS, thread_name_prefix="elearn")
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        broker = broker_of(config, epoch, node, pace) if serving else Alone()
        the_log = Log(db, hub, clock, serving=serving, broker=broker, check_s=pace.check_s)
        presence = Presence(the_log.publisher.tell_here)
        synonyms = Synonyms(config.search_synonyms)
        search = search_of(config, pool, synonyms)
        guard = guard_of(config, pool, search, synonyms) if serving else None
        services = Services(
            config=config,
            db=db,
            log=the_log,
            hub=hub,
            search=guard or search,
            guard=guard,
            indexes=watches_of(config),
            searches=Searches(db, clock, titled_by(search, guard)),
            tasks=tasks,
            pool=pool,
            clock=clock,
            epoch=epoch,
            passwords=Passwords(config.secret_key, config.bcrypt_cost, pool),
            tokens=Tokens(config.secret_key, clock),
            sessions=Sessions(db, clock),
            read_marks=ReadMarks(db),
            write_access=WriteAccess(db, clock),
            course_cards=CourseCards(db),
            withdrawn=Withdrawn(),
            start_topics=StartTopics(db, the_log),
            directory=Directory(db, clock, tasks.spawn),
            newest_notices=NewestNotices(db, the_log),
            throttled=Throttled(the_log.publisher.tell, tasks.spawn),
            presence=presence,
            typing=Typing(the_log.publisher.tell),
            metrics=metrics,
            broker=broker,
            neighbours=Neighbours(node, broker, the_log, presence),
            chores=Lease(db, "chores", node, life_s=pace.lease_s) if broker.shared else None,
            pace=pace,
            sign_ins=SignInThrottle(clock),
            password_changes=Failures(clock, FREE_FAILURES),
            sign_ups=_rates(config.signups_per_h, 3600),
            handshakes=_rates(config.connects_per_s, 1),
            api_calls=_rates(config.api_per_min, 60),
            limits=_limits_of(config, clock, serving=serving),
        )
        _work(services, stack)
        if serving and config.search_synonyms is not None:
            tasks.spawn("synonyms", synonyms.follow())
        _show(services)
        yield services


async def _open_database(
    config: Config, metrics: Metrics, say: Callable[[str], None], stack: AsyncExitStack
) -> Database:
    uri, embedded = config.mongodb_uri, config.mongodb_uri is None
    if uri is None:
        lease = await asyncio.to_thread(join_store, config.data_dir)
        stack.callback(lease.close)
        uri = lease.uri
    name, listeners = config.mongodb_database, [StoreTimes(metrics)]
    store = opened(uri, name, embedded=embedded, say=say, listeners=listeners)
    return await stack.enter_async_context(store)


def parts_of(services: Services) -> list[Part]:
    """What lives as long as the process. In the order of beginning; they end in the other one."""
    return [
        services.sessions,
        services.write_access,
        services.course_cards,
        services.withdrawn,
        services.directory,
        services.presence,
        services.start_topics,
        services.read_marks,
        services.searches,
    ]


def _work(services: Services, stack: AsyncExitStack) -> None:
    """Begin the work in the background; at the end the log's comes first, then what is written
    behind, and what was published goes out."""
    stack.push_async_callback(services.tasks.close)
    stack.push_async_callback(services.broker.flush)
    for name, loop in services.log.background().items():
        services.tasks.spawn(name, loop)
    for part in parts_of(services):
        part.listen(services.log.publisher.listeners)
        part.show(services.metrics)
        services.log.other_nodes.on_missed.append(part.forget)
        for name, loop in part.loops().items():
            services.tasks.spawn(name, loop)
        stack.push_async_callback(part.flush)
    services.tasks.spawn("metrics", services.metrics.watch_loop())
    stack.push_async_callback(services.log.close)


def _show(services: Services) -> None:
    """Figures that are read off when somebody asks for them."""
    metrics, the_log = services.metrics, services.log
    metrics.deliveries.set_function(lambda: services.hub.deliveries)
    metrics.topics.set_function(lambda: len(services.hub))
    metrics.tasks.set_function(lambda: len(services.tasks))
    metrics.queue_rows.set_function(lambda: the_log.queue_rows)
    metrics.store_away.set_function(lambda: the_log.away)
    metrics.redis_heard.set_function(lambda: services.broker.hears)
    metrics.reactions_waiting.set_function(lambda: len(the_log.reaction_queue.unreacted))
    metrics.reaction_lag.set_function(the_log.reaction_queue.lag_s)
    the_log.observe_batches(metrics.batch_rows.observe)
    for name, watch in services.indexes.items():
        metrics.index_lag.labels(name).set_function(partial(getattr, watch, "lag_s"))
        metrics.index_failures.labels(name).set_function(partial(getattr, watch, "failures"))
    if (guard := services.guard) is not None:
        metrics.search_reduced.set_function(lambda: guard.breaker.open)
        metrics.search_reduced_answers.set_function(lambda: guard.reduced_answers)


def broker_of(config: Config, epoch: str, node: str, pace: Pace) -> Broker:
    """The epoch names the store, so that the nodes of two stores may share a Redis."""
    if config.redis_url is None:
        return Alone()
    return RedisBroker(config.redis_url, f"elearn:{epoch}", node, pace=pace)


def _limits_of(config: Config, clock: Clock, *, serving: bool) -> PersonLimits:
    """A command plays what many people did in weeks: it has none."""
    keys = Failures(clock, FREE_KEYS, longest_s=3600.0)
    if not serving:
        return PersonLimits(_rates(0, 1), _rates(0, 1), _rates(0, 1), keys)
    chat = Rates(config.chat_per_10s / 10, config.chat_burst, time.monotonic)
    return PersonLimits(
        chat, _rates(config.posts_per_min, 60), _rates(config.moves_per_min, 60), keys
    )


def _rates(count: int, seconds: float) -> Rates:
    return Rates(count / seconds, count, time.monotonic)
