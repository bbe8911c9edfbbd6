"""The commands of one connection: admitted within the limits, started in order.

`chat.post` hands its row to the appender and the next command starts while it is being stored;
`search.*` runs beside the others: the newest of a name cancels an older one that has begun, and
takes the place of one that has not.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from elearn.config import Config
from elearn.errors import RateLimited
from elearn.throttle import Bucket
from elearn.wire.protocol import Command
from elearn.ws.commands.table import CommandSpec
from elearn.ws.limits import Limits
from elearn.ws.search_turns import SearchTurns

WINDOW_S = 10

Queued = Callable[[], None]
Work = Callable[[CommandSpec, Command, Queued], Coroutine[Any, Any, None]]
Spawn = Callable[[str, Coroutine[Any, Any, None]], "asyncio.Task[None]"]


class Pipeline:
    """`run` does one command and replies; `spawn` holds the tasks."""

    __slots__ = (
        "_beside",
        "_commands",
        "_ended",
        "_limits",
        "_malformed",
        "_newest",
        "_now_s",
        "_run",
        "_running",
        "_spawn",
        "_starter",
        "_turns",
        "_waiting",
        "_windows_over",
    )

    def __init__(
        self,
        run: Work,
        spawn: Spawn,
        config: Config,
        limits: Limits,
        turns: SearchTurns,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run = run
        self._spawn = spawn
        self._limits = limits
        self._turns = turns
        self._now_s = now_s
        self._commands = Bucket(config.commands_per_s, config.commands_per_s)
        # Short lists: an empty deque takes ten times as much in every connection, a set four times.
        self._waiting: list[tuple[CommandSpec, Command]] = []
        self._running: list[asyncio.Task[None]] = []
        self._beside: dict[str, asyncio.Task[None]] = {}
        self._newest: dict[str, Command] = {}  # those beside that have not begun
        self._starter: asyncio.Task[None] | None = None
        self._malformed: tuple[float, ...] = ()
        self._windows_over: tuple[int, ...] = ()
        self._ended = False

    def admit(self, spec: CommandSpec, command: Command) -> None:
        """Take a command in; `RateLimited` says when to try again, and it is then not done."""
        now = self._now_s()
        wait_s = self._commands.take(now)
        if wait_s:
            raise RateLimited("Slower, please.", retry_after_ms=int(wait_s * 1000) + 1)
        if spec.beside:
            self._start_beside(spec, command)
            return
        if len(self._waiting) >= self._limits.waiting_commands:
            raise RateLimited("Too many commands wait.", retry_after_ms=1_000)
        self._waiting.append((spec, command))
        if self._starter is None:
            self._starter = self._spawn("commands", self._start_waiting())

    async def _start_waiting(self) -> None:
        try:
            while self._waiting and not self._ended:
                spec, command = self._waiting.pop(0)
                queued = asyncio.Event()
                task = self._spawn(spec.name, self._run(spec, command, queued.set))
                self._running.append(task)
                task.add_done_callback(self._done(queued))
                await queued.wait()
                while len(self._running) >= self._limits.started_commands:
                    await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._starter = None

    def _done(self, queued: asyncio.Event) -> Callable[["asyncio.Task[None]"], None]:
        def done(task: "asyncio.Task[None]") -> None:
            self._running.remove(task)
            queued.set()

        return done

    def _start_beside(self, spec: CommandSpec, command: Command) -> None:
        waits = spec.name in self._newest
        self._newest[spec.name] = command
        if waits:
            return
        older = self._beside.get(spec.name)
        if older is not None:
            older.cancel()
        task = self._spawn(spec.name, self._run_newest(spec))
        self._beside[spec.name] = task

        def done(task: "asyncio.Task[None]") -> None:
            if self._beside.get(spec.name) is task:
                del self._beside[spec.name]

        task.add_done_callback(done)

    async def _run_newest(self, spec: CommandSpec) -> None:
        await self._turns.take()
        await self._run(spec, self._newest.pop(spec.name), lambda: None)

    def malformed(self) -> bool:
        """Count a frame that is no command; whether there were too many in a minute."""
        now = self._now_s()
        self._malformed = (*(at for at in self._malformed if now - at <= 60), now)
        return len(self._malformed) >= self._limits.malformed_per_minute

    def over_limit(self) -> bool:
        """Count a refusal; whether the limit was passed in too many seconds lately."""
        second = int(self._now_s())
        before = (s for s in self._windows_over if second - WINDOW_S <= s < second)
        self._windows_over = (*before, second)
        return len(self._windows_over) > self._limits.windows_over_limit

    def end(self) -> None:
        """Start nothing more. What is under way is finished: its row may be on its way."""
        self._ended = True
        self._waiting.clear()
        self._newest.clear()
        for task in self._beside.values():
            task.cancel()
        del self._run, self._spawn  # the connection's own, and it holds this
