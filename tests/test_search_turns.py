"""Searches begin one in a turn of the loop; the newest key takes the place of one that waits."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from elearn.config import Config
from elearn.wire.protocol import Command
from elearn.ws.commands import table
from elearn.ws.limits import Limits
from elearn.ws.pipeline import Pipeline
from elearn.ws.search_turns import SearchTurns


class Box:
    """A connection's pipeline; what began is noted in `began` and ends with `ended`."""

    def __init__(self, turns: SearchTurns, began: list[str], ended: asyncio.Event) -> None:
        self._began = began
        self._ended = ended
        self.tasks: list[asyncio.Task[None]] = []
        self.pipeline = Pipeline(self._run, self._spawn, Config(), Limits(), turns)

    def key(self, q: str) -> None:
        command = Command(None, "search.suggest", {"q": q}, None)
        self.pipeline.admit(table.find_command(command, None), command)

    async def _run(self, spec: table.CommandSpec, command: Command, _: Callable[[], None]) -> None:
        self._began.append(command.args["q"])
        await self._ended.wait()

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        self.tasks.append(task := asyncio.ensure_future(work))
        return task


async def turn_of_the_loop() -> None:
    await asyncio.sleep(0)


async def test_the_newest_of_the_keys_that_wait_is_the_one_that_begins() -> None:
    turns, began, ended = SearchTurns(), [], asyncio.Event()
    ana, ben = Box(turns, began, ended), Box(turns, began, ended)
    ana.key("a")
    for q in ("b", "be", "ben"):
        ben.key(q)
    ended.set()
    await asyncio.gather(*ana.tasks, *ben.tasks)
    assert began == ["a", "ben"]
    assert len(ben.tasks) == 1


async def test_a_newer_key_keeps_the_place_of_the_older_one() -> None:
    turns, began, ended = SearchTurns(), [], asyncio.Event()
    ana, ben, cem = (Box(turns, began, ended) for _ in range(3))
    for box, q in ((ana, "a"), (ben, "b"), (cem, "c"), (ben, "be")):
        box.key(q)
    ended.set()
    await asyncio.gather(*ana.tasks, *ben.tasks, *cem.tasks)
    assert began == ["a", "be", "c"]


async def test_no_two_searches_begin_in_one_turn_of_the_loop() -> None:
    turns, began, ended = SearchTurns(), [], asyncio.Event()
    boxes = [Box(turns, began, ended) for _ in range(4)]
    for box in boxes:
        box.key("q")
    most = 0
    while len(began) < len(boxes):
        before = len(began)
        await turn_of_the_loop()
        most = max(most, len(began) - before)
    assert most == 1
    ended.set()
    await asyncio.gather(*(task for box in boxes for task in box.tasks))


async def test_a_key_pressed_while_the_older_one_is_searched_for_ends_that() -> None:
    turns, began, ended = SearchTurns(), [], asyncio.Event()
    ana = Box(turns, began, ended)
    ana.key("a")
    while not began:
        await turn_of_the_loop()
    ana.key("an")
    while len(began) < 2:
        await turn_of_the_loop()
    assert ana.tasks[0].cancelled()
    ended.set()
    await ana.tasks[1]


async def test_one_who_left_while_waiting_holds_up_nobody() -> None:
    turns, began, ended = SearchTurns(), [], asyncio.Event()
    ana, ben, cem = (Box(turns, began, ended) for _ in range(3))
    for box in (ana, ben, cem):
        box.key("q")
    await turn_of_the_loop()
    ben.pipeline.end()
    ended.set()
    await asyncio.gather(*ana.tasks, *ben.tasks, *cem.tasks, return_exceptions=True)
    assert ben.tasks[0].cancelled()
    assert began == ["q", "q"]
    cem.key("again")
    await cem.tasks[-1]
    assert began[-1] == "again"
