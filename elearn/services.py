"""What the rooms need, opened together and closed in order: stores, log, search, hub, tasks."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

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
from elearn.limits import RateLimits, rate_limits
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
from elearn.search.engines import Engines
from elearn.searches import Searches
from elearn.tasks import Tasks

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
    engines: Engines
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
    limits: RateLimits


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
        engines = Engines(config, pool, serving=serving)
        services = Services(
            config=config,
            db=db,
            log=the_log,
            hub=hub,
            search=engines.search,
            engines=engines,
            searches=Searches(db, clock, engines.titled),
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
            limits=rate_limits(config, clock, serving=serving),
        )
        _work(services, stack)
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
    """What lives as long as the process. In the order of beginning; they end in the other one:
    first the log is stored and told, then what is written behind."""
    return [
        services.engines,
        services.sessions,
        services.write_access,
        services.course_cards,
        services.withdrawn,
        services.directory,
        services.presence,
        services.start_topics,
        services.read_marks,
        services.searches,
        services.log,
    ]


def _work(services: Services, stack: AsyncExitStack) -> None:
    """Begin the work in the background; at the end what was published goes out."""
    metrics, tasks = services.metrics, services.tasks
    stack.push_async_callback(tasks.close)
    stack.push_async_callback(services.broker.flush)
    for part in parts_of(services):
        part.listen(services.log.publisher.listeners)
        part.show(metrics)
        services.log.other_nodes.on_missed.append(part.forget)
        for name, loop in part.loops().items():
            tasks.spawn(name, loop)
        stack.push_async_callback(part.flush)
    tasks.spawn("metrics", metrics.watch_loop())
    metrics.deliveries.set_function(lambda: services.hub.deliveries)
    metrics.topics.set_function(lambda: len(services.hub))
    metrics.tasks.set_function(lambda: len(tasks))
    metrics.redis_heard.set_function(lambda: services.broker.hears)


def broker_of(config: Config, epoch: str, node: str, pace: Pace) -> Broker:
    """The epoch names the store, so that the nodes of two stores may share a Redis."""
    if config.redis_url is None:
        return Alone()
    return RedisBroker(config.redis_url, f"elearn:{epoch}", node, pace=pace)
