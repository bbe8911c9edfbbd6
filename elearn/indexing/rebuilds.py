"""A rebuild of the search index as ops order it, by whichever process carries it out."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import msgspec
from pymongo.errors import PyMongoError

from elearn.config import Config
from elearn.models import leases
from elearn.models.ids import new_id
from elearn.nodes.leases import Lease
from elearn.search.backend import AlreadyBuilding, Progress
from elearn.search.indexer import Indexer
from elearn.search.trial import Trial
from elearn.services import Services

LEASE = "reindex"
LOOK_S = 0.3


class Order(msgspec.Struct, frozen=True):
    rollback: bool = False
    force: bool = False
    dry_run: bool = False


class RebuildRefused(Exception):
    """The index in use stays; the text says why, and what to do."""


class _Tried(Exception):
    def __init__(self, trial: Trial) -> None:
        self.trial = trial


def job_of(config: Config) -> str:
    """The name of the work in `jobs`: each machine's data directory has an index of its own."""
    return f"reindex {socket.gethostname()} {config.data_dir}"


async def carry_out(indexer: Indexer, order: Order, progress: Progress) -> str:
    """What was done, in one line; `RebuildRefused` when it was not."""
    if order.rollback:
        return await _roll_back(indexer)
    began = time.monotonic()
    tried: list[Trial] = []

    def decide(trial: Trial) -> None:
        tried.append(trial)
        if trial.doubts and not order.force:
            reasons = "; ".join(trial.doubts)
            raise RebuildRefused(
                f"the new index was not switched to: {reasons}."
                " If that is right, run it again with --force"
            )
        if order.dry_run:
            raise _Tried(trial)

    try:
        count = await indexer.rebuild(progress, decide)
    except _Tried as found:
        trial = found.trial
        was = "none is in use" if trial.before is None else f"{trial.before} in the one in use"
        return f"would index {trial.count} courses ({was}); nothing was switched"
    before = tried[0].before
    was = "" if before is None else f", {before} before; --rollback goes back"
    return f"indexed {count} courses in {time.monotonic() - began:.1f} s{was}"


async def _roll_back(indexer: Indexer) -> str:
    cursor = await indexer.roll_back()
    if cursor is None:
        raise RebuildRefused(
            "there is no earlier index to go back to: `elearn reindex` builds a new one"
        )
    return f"went back to {cursor.generation}; --rollback again returns"


@asynccontextmanager
async def alone(
    services: Services, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> AsyncIterator[None]:
    """One rebuild of a shared index at a time. `AlreadyBuilding` as soon as somebody else is seen
    at one; who was killed at it is noticed after a lease's life."""
    lease = Lease(services.db, LEASE, new_id(), life_s=services.pace.lease_s)
    seen = await leases.find(services.db, LEASE)
    while not await lease.look():
        if await leases.find(services.db, LEASE) != seen:
            raise AlreadyBuilding("The index is being rebuilt already.")
        await pause(LOOK_S)
    renewing = services.tasks.spawn("reindex.lease", lease.run())
    try:
        yield
    finally:
        renewing.cancel()
        with suppress(PyMongoError):
            await lease.release()
