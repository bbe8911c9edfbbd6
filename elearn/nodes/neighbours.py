"""Who is here on this node, told to the other nodes; and what they tell of theirs."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec

from elearn.delivery.broker import NEWS, Broker, Copy
from elearn.delivery.presence import Presence
from elearn.log.log import Log
from elearn.nouns.people import Person

TELL_S = 20.0

log = logging.getLogger("elearn.neighbours")


class _News(msgspec.Struct, array_like=True):
    node: str
    here: dict[str, dict[str, Person]]


class Neighbours:
    """A node tells all of it when something moved, once an interval at most, when another node is
    new, and every 20 s: who is silent is gone within a minute."""

    def __init__(
        self,
        node: str,
        broker: Broker,
        log: Log,
        presence: Presence,
        *,
        now_s: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._node = node
        self._broker = broker
        self._presence = presence
        self._now_s = now_s
        self._pause = pause
        self._known: set[str] = set()
        self._moved = asyncio.Event()
        presence.on_change = lambda topic: self._moved.set()
        log.other_nodes.on_news = self._hear
        log.other_nodes.on_missed.append(self._moved.set)

    async def run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(TELL_S):
                    await self._moved.wait()
            self._moved.clear()
            self._tell(self._presence.local())
            await self._pause(self._presence.interval_s)

    def leave(self) -> None:
        """Nobody is here any more: this node ends."""
        self._tell({})

    def _tell(self, here: dict[str, dict[str, Person]]) -> None:
        news = msgspec.msgpack.encode(_News(self._node, here))
        self._broker.publish(Copy(NEWS, 0, 0, news))

    def _hear(self, frame: bytes) -> None:
        try:
            news = msgspec.msgpack.decode(frame, type=_News)
        except msgspec.DecodeError:  # of a node of another version: its copies are still heard
            log.warning("who is on another node could not be read")
            return
        if news.node not in self._known:
            self._known.add(news.node)
            self._moved.set()
        self._presence.elsewhere.merge(news.node, news.here, self._now_s())
