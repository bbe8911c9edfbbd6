"""Commands of the connection itself: signing in, listening, catching up."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec

from elearn.access.topics import require_topic
from elearn.errors import BadRequest, ClientError, InvalidField
from elearn.log import replay
from elearn.models.joined_reads import Look
from elearn.services import Services
from elearn.wire import protocol
from elearn.wire.budgets import Budget
from elearn.ws.commands.table import Caller, Listener, NoArgs, Result, command

Cursor = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Topic = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Auth(msgspec.Struct, frozen=True):
    token: Annotated[str, msgspec.Meta(max_length=4096)]


class Subscribe(msgspec.Struct, frozen=True):
    topic: Topic
    cursor: Cursor | None = None
    epoch: str | None = None


class Unsubscribe(msgspec.Struct, frozen=True):
    topic: Topic


class Sync(msgspec.Struct, frozen=True):
    epoch: str
    cursors: Annotated[dict[Topic, Cursor], msgspec.Meta(max_length=256)]


@command("auth", channel=None, who="anyone")
async def auth(caller: Caller, args: Auth) -> Result:
    return await _listener(caller).sign_in(args.token)


@command("ping", channel=None, who="anyone")
async def ping(caller: Caller, args: NoArgs) -> Result:
    return {"at": caller.services.clock()}


@command("subscribe", channel=None, who="anyone")
async def subscribe(caller: Caller, args: Subscribe) -> Result:
    """Access is asked before registering, and again after the backlog was read."""
    if args.cursor is not None and args.epoch is None:
        raise InvalidField("A cursor needs its epoch.", field="epoch")
    with _undone_if_cut(caller, (args.topic,)):
        since = await require_topic(caller.services.db, caller.user, args.topic)
        position = await _listen(caller, args.topic)
        try:
            if args.cursor is None:
                result: dict[str, Any] = {"cursor": position, "recovered": True, "events": []}
            else:
                result = await missed(
                    caller.services, args.topic, args.cursor, args.epoch, since, position, Budget()
                )
            await require_topic(caller.services.db, caller.user, args.topic)
        except ClientError:
            _leave(caller, args.topic)
            raise
    return result


@command("unsubscribe", channel=None, who="anyone")
async def unsubscribe(caller: Caller, args: Unsubscribe) -> Result:
    _leave(caller, args.topic)
    return {}


@command("sync", channel=None, who="anyone")
async def sync(caller: Caller, args: Sync) -> Result:
    """`subscribe` for many topics; one that may not be had answers `{error}` in its place."""
    budget = Budget()
    answers: dict[str, Any] = dict.fromkeys(args.cursors)
    with _undone_if_cut(caller, args.cursors):
        allowed = await _allowed(caller, args.cursors, answers)
        for topic, since in allowed.items():
            try:
                position = await _listen(caller, topic)
                answers[topic] = await missed(
                    caller.services, topic, args.cursors[topic], args.epoch, since, position, budget
                )
            except ClientError as error:
                answers[topic] = {"error": error.as_dict()}
        kept = await _allowed(caller, allowed, answers)
        for topic in allowed.keys() - kept.keys():
            _leave(caller, topic)
    return {"topics": answers}


async def _allowed(caller: Caller, names: Iterable[str], answers: dict[str, Any]) -> dict[str, int]:
    """From where on the caller may see those topics; of the others, `answers` gets the error."""
    look, allowed = Look(caller.services.db), {}
    for topic in names:
        try:
            allowed[topic] = await require_topic(look, caller.user, topic)
        except ClientError as error:
            answers[topic] = {"error": error.as_dict()}
    return allowed


@contextmanager
def _undone_if_cut(caller: Caller, names: Iterable[str]) -> Iterator[None]:
    """A command that fails as a whole (the store went away, its time was up) leaves nothing that
    it began to listen to: the client was not told of it."""
    connection = caller.connection
    new = [name for name in names if connection is not None and not connection.listens(name)]
    try:
        yield
    except BaseException:
        for name in new:
            _leave(caller, name)
        raise


async def _listen(caller: Caller, topic: str) -> int:
    """The topic's position. A caller without a socket reads the backlog and then polls."""
    if caller.connection is not None:
        return await caller.connection.subscribe(topic)
    return (await caller.services.log.head(topic)).visible


def _leave(caller: Caller, topic: str) -> None:
    if caller.connection is not None:
        caller.connection.unsubscribe(topic)


async def missed(
    services: Services,
    topic: str,
    cursor: int,
    epoch: str | None,
    since: int,
    position: int,
    budget: Budget,
) -> dict[str, Any]:
    """What came after `cursor`; `recovered: false` when it cannot be told without a gap."""
    missed = position - cursor
    unfit = epoch != services.epoch or missed < 0 or cursor < since
    if unfit or missed > protocol.REPLAY_EVENTS:
        return {"cursor": position, "recovered": False, "events": []}
    events: list[msgspec.Raw] = []
    reached = cursor
    if missed and budget.left <= 0:  # read by the next reply, which has room for it
        return {"cursor": cursor, "recovered": True, "events": [], "more": True}
    if missed:
        rows = await services.log.since(topic, cursor, protocol.REPLAY_EVENTS)
        for seq, event in await replay.as_now(services.db, rows):
            if not budget.take(event):
                return {"cursor": reached, "recovered": True, "events": events, "more": True}
            events.append(event)
            reached = seq
    return {"cursor": max(reached, position), "recovered": True, "events": events}


def _listener(caller: Caller) -> Listener:
    if caller.connection is None:
        raise BadRequest("This command needs a WebSocket.", field="cmd")
    return caller.connection
