"""The command table: each command with its channel, its arguments, who may send it, its code."""

import asyncio
import logging
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
from pymongo.errors import PyMongoError

from elearn.actions.act import Act, digest_of
from elearn.errors import (
    BadRequest,
    ClientError,
    CommandTimeout,
    Forbidden,
    Internal,
    Unauthenticated,
    Unavailable,
    UnknownCommand,
)
from elearn.events.base import Row
from elearn.models.ids import new_id
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import protocol

CHANNELS = ("chat", "notifications", "updates", "feed", "enrollment", "search", "rooms")
TIME_LIMIT_S = 10.0

log = logging.getLogger("elearn.commands")


class NoArgs(msgspec.Struct, frozen=True):
    pass


class Listener(Protocol):
    """The connection, for the commands about subscriptions; None over HTTP."""

    def listens(self, topic: str) -> bool: ...
    async def subscribe(self, topic: str) -> int: ...
    def unsubscribe(self, topic: str) -> None: ...
    async def sign_in(self, token: str) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Caller:
    """Who sent a command, from where, and with which key."""

    services: Services
    user: User | None
    connection: Listener | None = None
    key: str | None = None
    digest: str = ""
    queued: Callable[[], None] = field(default=lambda: None)

    @property
    def asker(self) -> User:
        if self.user is None:
            raise Unauthenticated("Sign in first.")
        return self.user

    def act(self) -> Act:
        return Act(self.asker, self.key or new_id(), self.digest, self.queued)


Result = Mapping[str, object] | msgspec.Struct


class Answer(msgspec.Struct, frozen=True):
    result: Result
    duplicate: bool = False


def answer(row: Row | None, **result: object) -> Answer:
    """The answer of an act: `duplicate` when its key had been used for it before. No row: all was
    so already."""
    return Answer(result, row is not None and row.duplicate)


Run = Callable[[Caller, Any], Awaitable["Answer | Result"]]


@dataclass(frozen=True)
class CommandSpec:
    """`channel` None: on every path. `who`: anyone, user or teacher; the rest `access` decides."""

    name: str
    channel: str | None
    args: type[Any]
    keyed: bool
    who: str
    run: Run
    beside: bool = False


COMMANDS: dict[str, CommandSpec] = {}


def command(
    name: str,
    *,
    channel: str | None,
    keyed: bool = False,
    who: str = "user",
    beside: bool = False,
) -> Callable[[Run], Run]:
    """Put a function `(caller, args)` into the table; the annotation of `args` is its schema."""

    def register(run: Run) -> Run:
        hints = typing.get_type_hints(run)
        COMMANDS[name] = CommandSpec(name, channel, hints["args"], keyed, who, run, beside)
        return run

    return register


def find_command(command: protocol.Command, channel: str | None) -> CommandSpec:
    """The command's row; on a one-channel path the others are unknown."""
    spec = COMMANDS.get(command.cmd)
    if spec is None or (channel and spec.channel not in (None, channel)):
        raise UnknownCommand("There is no such command here.", field="cmd")
    return spec


async def run_command(
    spec: CommandSpec, caller: Caller, args: Mapping[str, Any], *, limit_s: float = TIME_LIMIT_S
) -> Answer:
    """Check and run; only `ClientError` leaves. Counted by name and outcome."""
    try:
        found = await _checked_run(spec, caller, args, limit_s)
    except ClientError as error:
        caller.services.metrics.commands.labels(spec.name, error.code).inc()
        raise
    outcome = "duplicate" if found.duplicate else "ok"
    caller.services.metrics.commands.labels(spec.name, outcome).inc()
    return found


async def _checked_run(
    spec: CommandSpec, caller: Caller, args: Mapping[str, Any], limit_s: float
) -> Answer:
    try:
        if spec.who != "anyone" and caller.user is None:
            raise Unauthenticated("Sign in first.")
        if spec.who == "teacher" and caller.asker.role == "student":
            raise Forbidden("Only teachers can do this.")
        converted = protocol.convert_args(args, spec.args)
        if spec.keyed and caller.services.log.away:
            raise Unavailable("The store is away. Try again shortly.")
        async with asyncio.timeout(limit_s):
            result = await spec.run(caller, converted)
        return result if isinstance(result, Answer) else Answer(result)
    except ClientError:
        raise
    except TimeoutError:
        raise CommandTimeout("This took too long. Try again with the same key.") from None
    except Exception as error:
        raise reported(error, spec.name) from error


def reported(error: Exception, where: str) -> ClientError:
    """An exception that is nobody's message: logged with an incident id, told without details."""
    if isinstance(error, PyMongoError):
        log.warning("%s: the store did not answer: %s", where, type(error).__name__)
        return Unavailable("The store is away. Try again shortly.")
    internal = Internal()
    log.error("incident %s in %s", internal.incident, where, exc_info=error)
    return internal


def require_key(spec: CommandSpec, key: str | None) -> None:
    if spec.keyed and key is None:
        raise BadRequest("key is missing.", field="key")


def digest_for(command: protocol.Command) -> str:
    return digest_of(command.cmd, command.args)
