"""`elearn check`: each setting, whether each store answers, how far behind the reactions are."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pymongo.errors import OperationFailure, PyMongoError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from elearn.config import Config, setting_name, unknown_settings
from elearn.embedded.files import StoreUnavailable
from elearn.errors import ClientError, ConfigError, SearchUnavailable
from elearn.models import events, store, wake
from elearn.models.reasons import reason as mongodb_reason
from elearn.ops.comparing import index_state, open_beside
from elearn.ops.repairing import documents_state
from elearn.search.elastic import ElasticSearch
from elearn.search.engines import search_of
from elearn.search.reasons import reason
from elearn.search.synonyms import Synonyms
from elearn.services import Services, open_services
from elearn.wire import topics

LIMIT_S = 20.0
COMPARE_LIMIT_S, REPAIR_LIMIT_S = 120.0, 3600.0
# Servers look for what was left behind every 30 s.
LAG_S = 90.0
WAITING = 1_000
SAY = Console(stderr=True).print
T = TypeVar("T")
# A store's name, what it says, and whether that is well.
State = tuple[str, str, bool]
SECRETS = frozenset({"secret_key", "mongodb_uri", "elasticsearch_url", "redis_url"})


async def run_checks(
    config: Config, console: Console, *, new_epoch: bool = False, repair: bool = False
) -> bool:
    """Print what is set and what answers; whether all is well. With `repair` documents
    that differ from the log are written anew, and an index that differs from the catalogue."""
    settings = Table("setting", "value", box=None, pad_edge=False)
    for field in fields(Config):
        settings.add_row(setting_name(field.name), Text(_shown(config, field.name)))
    console.print(settings)
    well = True
    for name in unknown_settings():
        console.print(f"[yellow]{name} is not a setting of elearn: is it misspelt?[/]")
        well = False
    answers = Table("store", "state", box=None, pad_edge=False)
    for name, state, good in await _stores(config, new_epoch, repair):
        answers.add_row(name, Text(state, "green" if good else "red"))
        well = well and good
    console.print()
    console.print(answers)
    return well


def _shown(config: Config, name: str) -> str:
    value: Any = getattr(config, name)
    if name == "public_url":
        value = config.origins
    if value is None or value == ():
        embedded = ("mongodb_uri", "elasticsearch_url")
        return "embedded" if name in embedded else "none"
    if name == "secret_key":
        return f"set, {len(value)} bytes"
    if name in SECRETS and "@" in str(value):
        scheme, _, rest = str(value).partition("://")
        return f"{scheme}://…@{rest.rpartition('@')[2]}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


async def _stores(config: Config, new_epoch: bool, repair: bool) -> list[State]:
    """Each is asked on its own: one that is away does not hide the others."""
    states = await _database(config, new_epoch)
    if states[0][2] and repair:
        states.append(await _documents(config))
    states.append(await _search(config))
    if states[0][2] and states[-1][2]:
        states.append(await _index(config, repair))
    if config.search_synonyms is not None:
        states.append(_synonyms(config.search_synonyms))
    if config.redis_url is not None:
        states.append(await _redis(config.redis_url))
    return states


async def _database(config: Config, new_epoch: bool) -> list[State]:
    name = "MongoDB (embedded)" if config.mongodb_uri is None else "MongoDB"
    try:
        # Without a limit to the opening: it may build an index.
        async with open_services(config, serving=False, say=SAY) as services:
            async with asyncio.timeout(LIMIT_S):
                epoch = services.epoch
                if new_epoch:
                    epoch = f"new: {await store.new_epoch(services.db)}"
                return [
                    (name, "answers", True),
                    ("epoch", epoch, True),
                    await _log(services),
                    await _reactions(services),
                ]
    except (StoreUnavailable, ConfigError) as error:
        return [(name, str(error), False)]
    except PyMongoError as error:
        return [(name, mongodb_reason(error), False)]
    except (TimeoutError, OSError) as error:
        return [(name, f"does not answer ({type(error).__name__}): is it running?", False)]


async def _log(services: Services) -> State:
    """How long a write and a read take, which the log's lag is made of, and how often servers were
    woken for what others wrote."""
    try:
        write_ms, _ = await _timed(store.vouch(services.db))
    except OperationFailure as error:
        return "log", f"takes no writes ({type(error).__name__}): is the disk full?", False
    read_ms, newest = await _timed(events.newest(services.db, topics.CATALOG))
    left, moved = await wake.counts(services.db)
    took = f"written in {write_ms:.0f} ms, read in {read_ms:.0f} ms"
    catalogue = f"catalogue at {newest.seq if newest else 0}"
    return "log", f"{took}; {catalogue}; woken {left + moved} times", True


async def _timed(work: Awaitable[T]) -> tuple[float, T]:
    """In milliseconds, and what it gave."""
    began = time.monotonic()
    given = await work
    return (time.monotonic() - began) * 1000, given


async def _reactions(services: Services) -> State:
    """Rows that wait for their notices, copies and feed items; a server works them off at once,
    and sets aside those where that failed, for another try."""
    waiting = await events.waiting_times(services.db, False, WAITING)
    failed = await events.waiting_times(services.db, events.FAILED, WAITING)
    if not waiting and not failed:
        return "reactions", "nothing waits", True
    said, lag_s = [], _age_s(services, waiting)
    if waiting:
        said.append(f"{_count(waiting)} rows wait, the oldest for {lag_s:.0f} s")
        if lag_s > LAG_S:
            said[-1] += ": does a server run, and does it say why?"
    if failed:
        age_s = _age_s(services, failed)
        said.append(f"{_count(failed)} failed, the oldest {age_s:.0f} s ago: the server says why")
    return "reactions", "; ".join(said), not failed and lag_s <= LAG_S


def _age_s(services: Services, times: Sequence[datetime]) -> float:
    if not times:
        return 0.0
    return max(0.0, (services.clock() - min(times)).total_seconds())


def _count(times: Sequence[datetime]) -> str:
    return f"{len(times)}{'+' if len(times) == WAITING else ''}"


async def _search(config: Config) -> State:
    embedded = config.elasticsearch_url is None
    name = "search (embedded)" if embedded else "Elasticsearch"
    with ThreadPoolExecutor(1) as pool:
        search = search_of(config, pool, writes=False)
        try:
            async with asyncio.timeout(LIMIT_S):
                if isinstance(search, ElasticSearch) and (blocks := await search.blocks()):
                    return name, f"takes no writes ({', '.join(blocks)}): is its disk full?", False
                await open_beside(search)
                if search.needs_rebuild:
                    return name, "no index yet: the server builds it at its start", True
                return name, f"answers; {await search.count()} courses in the index", True
        except SearchUnavailable as error:
            return name, reason(error), False
        except (ClientError, TimeoutError):
            return name, "does not answer: is it running?", False
        finally:
            await search.close()


async def _documents(config: Config) -> State:
    try:
        return "documents", *await documents_state(config, Console(stderr=True))
    except (PyMongoError, OSError) as error:
        return "documents", f"could not be compared ({type(error).__name__})", False


async def _index(config: Config, repair: bool) -> State:
    try:
        async with asyncio.timeout(REPAIR_LIMIT_S if repair else COMPARE_LIMIT_S):
            state, good = await index_state(config, Console(stderr=True), repair=repair)
            return "index", state, good
    except SearchUnavailable as error:
        return "index", reason(error), False
    except ClientError as error:
        return "index", error.message, False
    except (PyMongoError, TimeoutError, OSError) as error:
        return "index", f"could not be compared ({type(error).__name__})", False


def _synonyms(path: Path) -> State:
    """Bad lines are passed over by the servers too."""
    rules = Synonyms(path).rules
    states = [f"lines in use: {rules.lines}", *rules.errors]
    return "synonyms", "\n".join(states), not rules.errors


async def _redis(url: str) -> State:
    try:
        from redis.asyncio import Redis
    except ModuleNotFoundError:
        return "Redis", "the redis module is missing: install elearn[redis]", False
    client = Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
    try:
        await client.ping()
    except Exception as error:
        return "Redis", f"does not answer ({type(error).__name__}): is it running?", False
    finally:
        await client.aclose()
    return "Redis", "answers", True
