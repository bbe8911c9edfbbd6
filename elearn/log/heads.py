"""How far each topic is, as this process knows it: read once, then moved by what passes by."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from elearn.events.base import Row
from elearn.models import events
from elearn.models.database import Database
from elearn.wire.topics import event_id

KNOWN_HEADS = 50_000
OF_OTHERS = 100_000


@dataclass(slots=True)
class Head:
    """A topic's newest row: stored (`seq`, `n`) and already applied and published (`visible`)."""

    seq: int
    n: int
    visible: int
    visible_n: int


class Heads:
    """`busy` gives the topics that rows are under way to: those are not forgotten."""

    def __init__(self, db: Database, busy: Callable[[], set[str]]) -> None:
        self._db = db
        self._busy = busy
        self._heads: dict[str, Head] = {}
        self._learning: dict[str, asyncio.Lock] = {}
        self._of_others: set[str] = set()

    async def head(self, topic: str) -> Head:
        head = self._heads.get(topic)
        if head is not None:
            return head
        # After a restart everyone asks at once: one reads, the others wait for what it learns.
        async with self._learning.setdefault(topic, asyncio.Lock()):
            try:
                if topic not in self._heads:
                    row = await events.newest(self._db, topic)
                    # A write may have taught it meanwhile, and more than this read saw.
                    if topic not in self._heads:
                        self._learn(topic, row)
            finally:
                self._learning.pop(topic, None)
            return self._heads[topic]

    async def guess(self, guesses: Mapping[str, int], *, applied: bool = False) -> None:
        """Learn many heads in one read, where the guess is right: that row is there, and there is
        none after it. The others are left to `head`. `applied` says that documents hold the rows
        up to there."""
        unknown = {topic: seq for topic, seq in guesses.items() if topic not in self._heads}
        if not unknown:
            return
        places = [(topic, seq + step) for topic, seq in unknown.items() for step in (0, 1)]
        rows = await events.find(self._db, [event_id(*place) for place in places])
        for topic, seq in unknown.items():
            row = rows.get(event_id(topic, seq))
            right = (row is not None or not seq) and event_id(topic, seq + 1) not in rows
            if right and topic not in self._heads:
                self._learn(topic, row)
                if applied:
                    self._of_others.discard(topic)

    def begin(self, topic: str) -> None:
        """Say that a topic, named by an id made just now, is empty: saves reading its head."""
        self._learn(topic, None)

    def known(self, topic: str) -> Head | None:
        return self._heads.get(topic)

    def of(self, topic: str) -> Head:
        """Of a topic whose head is known."""
        return self._heads[topic]

    def adopt(self, topic: str, seq: int, n: int) -> Head:
        """Another node's row moves what is stored; what is visible is said by `show`."""
        head = self._heads.get(topic)
        if head is None:
            return self._know(topic, seq, n)
        if seq > head.seq:
            head.seq, head.n = seq, n
        return head

    def show(self, topic: str, head: Head, seq: int, n: int) -> None:
        """A row became visible. After a jump the documents may lack what others wrote."""
        if seq > head.visible + 1:
            self.remember_others(topic)
        head.visible, head.visible_n = seq, n

    def remember_others(self, topic: str) -> None:
        """Only for topics whose head is known: the others are read anew in any case."""
        if len(self._of_others) >= OF_OTHERS:
            self._of_others.intersection_update(self._heads)
        self._of_others.add(topic)

    def others_wrote(self, topic: str) -> bool:
        """Whether others may have written what is not applied here; yes is said once. Of a topic
        whose head is known."""
        wrote = topic in self._of_others
        self._of_others.discard(topic)
        return wrote

    @property
    def topics(self) -> list[str]:
        return list(self._heads)

    def forget(self, topics: Iterable[str]) -> None:
        """Drop heads that nothing is under way for; they are read again when needed."""
        busy = self._busy()
        for topic in list(topics):
            head = self._heads.get(topic)
            if head is not None and topic not in busy and head.seq == head.visible:
                del self._heads[topic]

    async def reread(self, topic: str) -> None:
        """Take another node's rows into the head; what became visible stays with the log."""
        newest = await events.newest(self._db, topic)
        head = self._heads[topic]
        if newest is not None and newest.seq > head.seq:
            head.seq, head.n = newest.seq, newest.n

    def _learn(self, topic: str, row: Row | None) -> Head:
        """What was read may have been stored by others, who have not applied it yet."""
        if row is None:
            return self._know(topic, 0, 0)
        self.remember_others(topic)
        return self._know(topic, row.seq, row.n)

    def _know(self, topic: str, seq: int, n: int) -> Head:
        if len(self._heads) >= KNOWN_HEADS:
            self.forget(list(self._heads)[: KNOWN_HEADS // 10])
        head = self._heads[topic] = Head(seq, n, seq, n)
        return head
