"""Read marks on their way to the store: posting moves the author's mark, without a write a post.

They are derived from the log, so what a crash loses of the last half second costs an unread count
and no message.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from pymongo.errors import PyMongoError

from elearn.models import marks
from elearn.models.events import Database

FLUSH_S = 0.5

log = logging.getLogger("elearn.marks")


class ReadMarks:
    def __init__(
        self, db: Database, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._db = db
        self._pause = pause
        self._waiting: dict[tuple[str, str], tuple[int, int]] = {}
        self._more = asyncio.Event()

    def move(self, user: str, topic: str, seq: int, n: int) -> None:
        self._waiting[user, topic] = max((seq, n), self._waiting.get((user, topic), (0, 0)))
        self._more.set()

    async def find(self, user: str, topics: Sequence[str]) -> dict[str, tuple[int, int]]:
        """`(seq, n)` a topic; `(0, 0)` where nothing was read yet."""
        stored = await marks.find(self._db, user, topics)
        found = {}
        for topic in topics:
            mark = stored.get(topic)
            kept = (mark["seq"], mark["n"]) if mark else (0, 0)
            found[topic] = max(kept, self._waiting.get((user, topic), (0, 0)))
        return found

    async def flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        try:
            await marks.move(self._db, [(*place, *mark) for place, mark in waiting.items()])
        except PyMongoError as error:
            log.warning("read marks wait for the store: %s", type(error).__name__)
            for place, mark in waiting.items():
                self._waiting[place] = max(mark, self._waiting.get(place, (0, 0)))
            self._more.set()

    async def run(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            await self._pause(FLUSH_S)
            await self.flush()
