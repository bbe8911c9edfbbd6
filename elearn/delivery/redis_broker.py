"""Copies between nodes through Redis: a channel a topic, and one that every node hears."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from elearn.delivery.broker import NEWS, Copy, Pace, Receiver
from elearn.delivery.redis_connections import CONNECT_S, connections, redis_error
from elearn.models.events import document_of, row_of

WAITING_COPIES = 10_000
NAMES_AT_ONCE = 500

log = logging.getLogger("elearn.broker")


class RedisBroker:
    """`name` sets the nodes of one store apart from others on the same Redis; `node` is this one.

    What is published in one turn of the loop goes out together, the copies of a topic as one
    message; after them, on the channel of every node, how far each of these topics is. So every
    node knows all heads, and one that lost a copy learns of it at once.
    """

    shared = True

    def __init__(
        self,
        url: str,
        name: str,
        node: str,
        *,
        pace: Pace = Pace(),  # noqa: B008 - it is frozen
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._name = name
        self._every = f"{name}:nodes"
        self._node = node.encode()
        self._beat_s = pace.beat_s
        self._back_off_s = pace.back_off_s
        self._pause = pause
        # Its own beats come back to a node: longer silence means that a line is dead.
        self._silence_s = 3 * pace.beat_s
        self._pool = connections(url)
        self._wanted: dict[str, None] = {}
        self._changes: dict[str, bool] = {}
        self._changed = asyncio.Event()
        self._waiting: list[Copy] = []
        self._more = asyncio.Event()
        self._all_sent = asyncio.Event()
        self._all_sent.set()
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(list[_Sent])
        self.hears = False

    def publish(self, copy: Copy) -> bool:
        if not self.hears or len(self._waiting) >= WAITING_COPIES:
            return False
        self._waiting.append(copy)
        self._all_sent.clear()
        self._more.set()
        return True

    def listen(self, topic: str) -> None:
        self._wanted[topic] = None
        self._change(topic, True)

    def leave(self, topic: str) -> None:
        self._wanted.pop(topic, None)
        self._change(topic, False)

    def _change(self, topic: str, wanted: bool) -> None:
        if self.hears:  # else all that is wanted is asked for at the next connect
            self._changes[topic] = wanted
            self._changed.set()

    async def flush(self, limit_s: float = 1.0) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._all_sent.wait()

    async def run(self, receiver: Receiver) -> None:
        first_s, most_s = self._back_off_s
        wait_s = first_s
        while True:
            try:
                await self._carry(receiver)
            except (redis_error(), OSError, TimeoutError) as error:
                why = type(error).__name__
                log.warning("Redis does not answer (%s): the log tells of other nodes", why)
            except Exception:
                log.exception("the broker failed and begins again")
            if self.hears:
                wait_s = first_s
            self.hears = False
            self._waiting = []
            if not self._all_sent.is_set():
                self._all_sent.set()
                receiver.unheard()
            await self._pause(wait_s * random.uniform(0.5, 1.0))
            wait_s = min(wait_s * 2, most_s)

    async def _carry(self, receiver: Receiver) -> None:
        """One life of the two connections; ends with the first error of either."""
        ears, mouth = self._pool.make_connection(), self._pool.make_connection()
        try:
            async with asyncio.timeout(CONNECT_S):
                await ears.connect()
                await mouth.connect()
                await ears.send_command("SUBSCRIBE", self._every)
                await ears.read_response()
            self._changes = dict.fromkeys(self._wanted, True)
            self._changed.set()
            self.hears = True
            receiver.missed()
            log.info("hearing other nodes through Redis")
            await _until_one_fails(self._follow(ears), self._hear(ears, receiver), self._say(mouth))
        finally:
            await ears.disconnect(nowait=True)
            await mouth.disconnect(nowait=True)

    async def _follow(self, ears: Any) -> None:
        """Subscribe to what is listened to here. A topic's first copies may come before that is
        done: the channel of every node tells how far it is."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            changes, self._changes = self._changes, {}
            for verb, wanted in (("SUBSCRIBE", True), ("UNSUBSCRIBE", False)):
                names = [self._channel(topic) for topic, now in changes.items() if now is wanted]
                for start in range(0, len(names), NAMES_AT_ONCE):
                    # Without this the library would connect again by itself, deaf to all topics.
                    if not ears.is_connected:
                        raise ConnectionError
                    await ears.send_command(verb, *names[start : start + NAMES_AT_ONCE])

    async def _hear(self, ears: Any, receiver: Receiver) -> None:
        while True:
            async with asyncio.timeout(self._silence_s):
                kind, _, data = await ears.read_response()
            if kind != b"message" or data.startswith(self._node):
                continue
            try:
                sent_copies = self._decoder.decode(memoryview(data)[len(self._node) :])
            except msgspec.DecodeError:
                log.warning("a copy could not be read: do all nodes run the same version?")
                receiver.missed()
                continue
            for sent in sent_copies:
                receiver.receive(_received(sent))

    async def _say(self, mouth: Any) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._beat_s):
                    await self._more.wait()
            self._more.clear()
            copies, self._waiting = self._waiting, []
            commands = self._messages(copies)
            await mouth.send_packed_command(mouth.pack_commands(commands))
            async with asyncio.timeout(self._silence_s):
                for _ in commands:
                    await mouth.read_response()
            if not self._waiting:
                self._all_sent.set()

    def _messages(self, copies: Sequence[Copy]) -> list[tuple[str, str, bytes]]:
        """As PUBLISH commands; the last goes to every node, and is the beat when nothing was."""
        by_channel: dict[str, list[Copy]] = {}
        heads: dict[str, Copy] = {}
        for_all: list[Copy] = []
        for copy in copies:
            if _is_for_every_node(copy):
                for_all.append(copy)
                continue
            by_channel.setdefault(self._channel(copy.topic), []).append(copy)
            if copy.seq:
                heads[copy.topic] = Copy(copy.topic, copy.seq, copy.n)
        by_channel[self._every] = [*for_all, *heads.values()]
        return [
            ("PUBLISH", channel, self._node + self._encoder.encode([_sent(copy) for copy in group]))
            for channel, group in by_channel.items()
        ]

    def _channel(self, topic: str) -> str:
        return f"{self._name}:{topic}"


class _Sent(msgspec.Struct, array_like=True):
    """A copy as it travels: its row as the store has it."""

    topic: str
    seq: int
    n: int
    frame: bytes
    row: dict[str, Any] | None


def _sent(copy: Copy) -> _Sent:
    row = document_of(copy.row) if copy.row is not None else None
    return _Sent(copy.topic, copy.seq, copy.n, copy.frame, row)


def _received(sent: _Sent) -> Copy:
    row = row_of(sent.row) if sent.row is not None else None
    return Copy(sent.topic, sent.seq, sent.n, sent.frame, row)


async def _until_one_fails(*work: Coroutine[Any, Any, None]) -> None:
    """Run all at once; none ends by itself. A task group would take an error that comes together
    with a cancelling for the end of the latter."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        done.pop().result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _is_for_every_node(copy: Copy) -> bool:
    if copy.row is None:
        return copy.topic == NEWS
    return copy.row.data.declared.everywhere
