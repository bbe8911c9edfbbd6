"""`elearn check`: each setting, and whether each store answers."""

import asyncio
from dataclasses import fields
from typing import Any

from rich.console import Console
from rich.table import Table

from elearn.config import Config, setting_name, unknown_settings
from elearn.errors import ClientError
from elearn.models import courses, store
from elearn.services import open_services
from elearn.store_files import StoreUnavailable

SECRETS = frozenset({"secret_key", "mongodb_uri", "elasticsearch_url", "redis_url", "smtp_url"})


async def run_checks(config: Config, console: Console, *, new_epoch: bool = False) -> bool:
    """Print what is set and what answers; whether all is well."""
    settings = Table("setting", "value", box=None, pad_edge=False)
    for field in fields(Config):
        settings.add_row(setting_name(field.name), _shown(config, field.name))
    console.print(settings)
    well = True
    for name in unknown_settings():
        console.print(f"[yellow]{name} is not a setting of elearn: is it misspelt?[/]")
        well = False
    answers = Table("store", "state", box=None, pad_edge=False)
    for name, state, good in await _stores(config, new_epoch):
        answers.add_row(name, f"[{'green' if good else 'red'}]{state}[/]")
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


async def _stores(config: Config, new_epoch: bool) -> list[tuple[str, str, bool]]:
    rows: list[tuple[str, str, bool]] = []
    name = "MongoDB (embedded)" if config.mongodb_uri is None else "MongoDB"
    try:
        async with asyncio.timeout(20), open_services(config, serving=False) as services:
            count = await courses.count_published(services.db)
            rows.append((name, f"answers; {count} published courses", True))
            if new_epoch:
                rows.append(("epoch", f"new: {await store.new_epoch(services.db)}", True))
            else:
                rows.append(("epoch", services.epoch, True))
            rows.append(await _search(services))
            if config.redis_url is not None:
                rows.append(await _redis(config.redis_url))
    except (StoreUnavailable, ClientError) as error:
        rows.append((name, str(error), False))
    except Exception as error:
        rows.append((name, f"does not answer ({type(error).__name__})", False))
    return rows


async def _search(services: Any) -> tuple[str, str, bool]:
    embedded = services.config.elasticsearch_url is None
    name = "search (embedded)" if embedded else "Elasticsearch"
    try:
        await services.search.open()
        if services.search.needs_rebuild:
            return name, "no index yet: the server builds it at its start", embedded
        count = await services.search.count()
        await services.search.close()
    except ClientError as error:
        return name, error.message, False
    return name, f"answers; {count} courses in the index", True


async def _redis(url: str) -> tuple[str, str, bool]:
    try:
        from redis.asyncio import Redis
    except ModuleNotFoundError:
        return "Redis", "the redis module is missing: install elearn[redis]", False
    client = Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
    try:
        await client.ping()
    except Exception as error:
        return "Redis", f"does not answer ({type(error).__name__})", False
    finally:
        await client.aclose()
    return "Redis", "answers", True
