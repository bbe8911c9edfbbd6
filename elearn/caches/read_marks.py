"""Read marks on their way to the store: posting moves the author's mark, without a write a post.

They are derived from the log, so what a crash loses of the last half second costs an unread count
and no message.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from elearn.caches.write_behind import Pause, WriteBehind
from elearn.models import marks
from elearn.models.database import Database
from elearn.parts import Part

FLUSH_S = 0.5


class ReadMarks(Part):
    def __init__(self, db: Database, pause: Pause = asyncio.sleep) -> None:
        self._db = db
        self.behind: WriteBehind[tuple[str, str], tuple[int, int]] = WriteBehind(
            "read marks", self._write, FLUSH_S, pause
        )

    def loops(self) -> dict[str, Coroutine[Any, Any, None]]:
        return {"read marks": self.behind.run()}

    async def flush(self) -> None:
        await self.behind.flush()

    def move(self, user: str, topic: str, seq: int, n: int) -> None:
        self.behind.put((user, topic), (seq, n))

    async def find(self, user: str, topics: Sequence[str]) -> dict[str, tuple[int, int]]:
        """`(seq, n)` a topic; `(0, 0)` where nothing was read yet."""
        stored = await marks.find(self._db, user, topics)
        found = {}
        for topic in topics:
            mark = stored.get(topic)
            kept = (mark["seq"], mark["n"]) if mark else (0, 0)
            found[topic] = max(kept, self.behind.waiting.get((user, topic), (0, 0)))
        return found

    async def _write(self, moved: Mapping[tuple[str, str], tuple[int, int]]) -> None:
        await marks.move(self._db, [(*place, *mark) for place, mark in moved.items()])
