"""A command at the terminal: what it works with, and how it ends when something is in its way."""

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import click
from pymongo.errors import PyMongoError
from rich.console import Console

from elearn import log_lines as logs
from elearn.config import Config, read_config
from elearn.embedded.files import StoreUnavailable
from elearn.errors import ClientError, ConfigError, SearchUnavailable
from elearn.models.reasons import reason as mongodb_reason
from elearn.search.backend import AlreadyBuilding
from elearn.search.reasons import reason
from elearn.services import Clock, Services, open_services, utc_now

console = Console(stderr=True)


LINE = 1_000
"""Nobody reads a log in a window: there a row of a table stays a line."""


def table_console() -> Console:
    return Console(width=None if sys.stdout.isatty() else LINE)


class CommandError(click.ClickException):
    """One line, and exit status 1."""

    def show(self, file: Any = None) -> None:
        click.echo(f"elearn: {self.message}", err=True)


class Busy(CommandError):
    exit_code = 3


class Refused(CommandError):
    exit_code = 4


class Stopped(CommandError):
    exit_code = 130


def settings() -> Config:
    try:
        return read_config()
    except ConfigError as error:
        raise CommandError(str(error)) from error


def run(work: Coroutine[Any, Any, Any], stopped: str = "what was written so far is kept") -> Any:
    """Run a command; what it may run into is said in one line."""
    try:
        return asyncio.run(work)
    except (StoreUnavailable, ConfigError) as error:
        raise CommandError(str(error)) from error
    except AlreadyBuilding:
        raise
    except SearchUnavailable as error:
        raise CommandError(reason(error)) from error
    except ClientError as error:
        raise CommandError(error.message) from error
    except PyMongoError as error:
        raise CommandError(f"MongoDB {mongodb_reason(error)}") from error
    except KeyboardInterrupt:
        raise Stopped(f"stopped; {stopped}") from None


@asynccontextmanager
async def beside(clock: Clock = utc_now) -> AsyncIterator[Services]:
    """The services of a command that works beside the servers."""
    config = settings()
    logs.set_up("error", config.log_format)
    async with open_services(config, serving=False, clock=clock, say=console.print) as services:
        yield services
