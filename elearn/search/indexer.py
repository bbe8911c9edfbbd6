"""The reader of `catalog` that keeps an index true: from its cursor on, each row names a course,
which is read anew and written. Doing it late or twice changes nothing."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext, suppress

import msgspec

from elearn.errors import SearchUnavailable
from elearn.search.backend import (
    Candidate,
    CourseDocument,
    Cursor,
    Progress,
    SearchBackend,
)
from elearn.search.catalog import BATCH, Catalog
from elearn.search.documents import course_document
from elearn.search.reasons import reason
from elearn.search.trial import Sample, Trial, lost_titles
from elearn.search.watch import IndexWatch

MUCH = 100
KEPT_MOVED = 10_000
IDLE_S = 30.0
"""Between two looks without a wake: what another process appended is found then at the latest."""
GATHER_S = 0.1
"""What is written meanwhile goes into one commit: one costs the embedded index 60 ms of processor
time at 10,000 courses, however little is in it."""
RETRY_FIRST_S = 0.5
RETRY_MOST_S = 5.0
"""So long at most an engine that is back answers without what it missed."""

logger = logging.getLogger(__name__)


Decide = Callable[[Trial], None]
"""What it raises prevents the switch to a new index."""
Pause = Callable[[asyncio.Event, float], Awaitable[None]]


async def wait_at_most(wake: asyncio.Event, timeout_s: float) -> None:
    # Not `wait_for`: before Python 3.12 it may swallow that a task was cancelled.
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await wake.wait()


class Indexer:
    """Keeps one backend at the head of one catalogue."""

    def __init__(
        self,
        backend: SearchBackend,
        catalog: Catalog,
        *,
        pause: Pause = wait_at_most,
        mine: Callable[[], bool] = lambda: True,
        alone: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
        watch: IndexWatch | None = None,
    ) -> None:
        """`mine`: whether following is this node's work now, for an index that nodes share;
        `alone`: entered for a rebuild, so that nobody else is at one."""
        self._backend = backend
        self._catalog = catalog
        self._pause = pause
        self._mine = mine
        self._alone = alone
        self._moved: dict[str, None] = {}
        self._moved_in = ""
        self._watch = watch or IndexWatch()
        self._working = asyncio.Lock()

    async def catch_up(self) -> int:
        """Bring the index to the head, rebuilding it when it cannot be continued.

        Returns how many rows or, after a rebuild, courses were worked on.
        """
        async with self._working:
            epoch, seq = await self._catalog.head()
            cursor = await self._backend.cursor()
            done = 0
            if self._backend.needs_rebuild or not continues(cursor, epoch, seq):
                done = await self._rebuild(epoch, seq, None)
                cursor = await self._backend.cursor()
            return done + await self._read_on(cursor)

    async def _read_on(self, cursor: Cursor | None) -> int:
        done = 0
        while cursor is not None and (rows := await self._catalog.read_rows(cursor.seq, BATCH)):
            changes = await self._catalog.changes(rows)
            await self._backend.write(changes.documents, changes.deletions)
            cursor = msgspec.structs.replace(cursor, seq=changes.seq)
            await self._backend.set_cursor(cursor)
            done += len(rows)
            if changes.at_head:
                break
        if done >= MUCH:
            await self._backend.gather()
        return done

    async def rebuild(self, progress: Progress | None = None, decide: Decide | None = None) -> int:
        """A whole new index beside the one that goes on serving and following."""
        epoch, seq = await self._catalog.head()
        if decide is not None:
            await self._prepare(epoch, seq)
        count = await self._rebuild(epoch, seq, progress, decide)
        # What was written to the old one just before the switch.
        await self.catch_up()
        return count

    async def _prepare(self, epoch: str, seq: int) -> None:
        """Bring the old index to the head, if it can be: without a server nobody does, and what
        was written since is no reason to doubt the new one."""
        async with self._working:
            cursor = await self._backend.cursor()
            if not self._backend.needs_rebuild and continues(cursor, epoch, seq):
                await self._read_on(cursor)

    async def roll_back(self) -> Cursor | None:
        """To the index before; None when there is none that can be continued."""
        async with self._alone():
            epoch, _ = await self._catalog.head()
            cursor = await self._backend.roll_back(epoch=epoch, tail=self._catalog.tail)
        if cursor is not None:
            await self.catch_up()
        return cursor

    async def refresh(self, ids: Sequence[str]) -> None:
        """Write courses again whose counts moved: enrolments have no row in `catalog`.

        They take the cursor's place as their version, so any later row still wins. An index that
        took the place of another may have read them before they moved: it gets them again.
        """
        async with self._working:
            cursor = await self._backend.cursor()
            if cursor is None or self._backend.needs_rebuild:
                return
            again = list(self._moved) if self._moved_in not in ("", cursor.generation) else []
            for start in range(0, len(due := [*dict.fromkeys([*again, *ids])]), BATCH):
                courses = await self._catalog.read_courses(due[start : start + BATCH])
                documents = [course_document(one, cursor.seq) for one in courses if one.published]
                await self._backend.write(documents, ())
            self._moved_in = cursor.generation
            self._remember(ids)

    def _remember(self, ids: Sequence[str]) -> None:
        for one in ids:
            self._moved.pop(one, None)
            self._moved[one] = None
        while len(self._moved) > KEPT_MOVED:
            del self._moved[next(iter(self._moved))]

    async def run(self, wake: asyncio.Event) -> None:
        """Catch up whenever `wake` is set, for ever; back off while an engine is away."""
        retry_s = RETRY_FIRST_S
        while True:
            wake.clear()
            try:
                if self._mine():
                    await self.catch_up()
            except SearchUnavailable as error:
                logger.warning("the index waits %.1f s: %s", retry_s, reason(error))
            except Exception:
                logger.exception("the index could not follow; next try in %.1f s", retry_s)
            else:
                retry_s = RETRY_FIRST_S
                if not wake.is_set():
                    self._watch.reached()
                await self._pause(asyncio.Event(), GATHER_S)
                await self._pause(wake, IDLE_S)
                continue
            self._watch.failed()
            # Not woken early: under constant writes a failing engine would get no rest.
            await self._pause(asyncio.Event(), retry_s)
            retry_s = min(retry_s * 2, RETRY_MOST_S)

    async def _rebuild(
        self, epoch: str, seq: int, progress: Progress | None, decide: Decide | None = None
    ) -> int:
        sample = Sample(random.Random())

        async def documents() -> AsyncGenerator[list[CourseDocument], None]:
            began = time.monotonic()
            async with aclosing(self._catalog.all_courses()) as pages:
                async for courses in pages:
                    batch = [course_document(one, seq) for one in courses if one.published]
                    sample.take(batch)
                    yield batch
                    if decide is not None:
                        # As long as it worked: store and processor are people's in between.
                        await self._pause(asyncio.Event(), time.monotonic() - began)
                        began = time.monotonic()

        async def approve(built: Candidate) -> None:
            if decide is not None:
                decide(await self._trial(built, sample, seq))

        # Cut off in the middle, the reading ends with the rebuild.
        async with self._alone(), aclosing(documents()) as batches:
            return await self._backend.rebuild(
                batches,
                epoch=epoch,
                seq=seq,
                progress=progress,
                tail=self._catalog.tail,
                approve=approve,
            )

    async def _trial(self, built: Candidate, sample: Sample, seq: int) -> Trial:
        stored = await self._catalog.read_courses(list(sample.titles))
        lost = await lost_titles(built, sample, stored)
        count = await built.count()
        before, followed = await self._in_use()
        waiting = await self._catalog.waiting()  # first: what waits becomes a row
        _, head = await self._catalog.head()
        untold = waiting + max(0, head - followed)
        return Trial(sample.sent, count, max(0, head - seq), before, untold, lost)

    async def _in_use(self) -> tuple[int | None, int]:
        """The courses that the index in use counts, and up to which row at least."""
        try:
            cursor = None if self._backend.needs_rebuild else await self._backend.cursor()
            if cursor is None:
                return None, 0
            await self._backend.refresh()
            return await self._backend.count(), cursor.seq
        except SearchUnavailable:
            return None, 0


def continues(cursor: Cursor | None, epoch: str, head: int) -> bool:
    """Whether an index at `cursor` can be brought to the head by reading rows."""
    return cursor is not None and cursor.epoch == epoch and cursor.seq <= head
