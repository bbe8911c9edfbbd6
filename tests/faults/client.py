"""The ledger's clients: a socket that comes back by itself, catches up, and sends again with the
same key what was not acknowledged. It knows the protocol as a browser does, and no elearn code."""

import asyncio
import contextlib
import itertools
import os
import random
from collections.abc import Callable
from typing import Any

from tests.faults.ledger import Ledger
from tests.faults.wire import GONE, Closed, Wire

BACK_S = 0.25
LIMIT_S = 60.0

Json = dict[str, Any]


class Client:
    """One person's open page on one topic. `port` is asked anew at each attempt to connect."""

    def __init__(
        self,
        ledger: Ledger,
        port: Callable[[], int],
        token: Callable[[], str],
        room: str,
        seed: int,
        *,
        listens: bool = True,
    ) -> None:
        self.ledger = ledger
        self.cursor = 0
        self.connects = 0
        self.delays: list[float] = []
        self._port, self._token = port, token
        self._room, self._topic = room, f"room:{room}"
        self._random = random.Random(seed)
        self._listens = listens
        self._epoch = ""
        self._wire: Wire | None = None
        self._refs = itertools.count(1)
        self._waiting: dict[Any, asyncio.Future[Json]] = {}
        self.ready = asyncio.Event()
        self._moved = asyncio.Event()
        self._task = asyncio.create_task(self._live())

    # The line

    async def _live(self) -> None:
        back_s = BACK_S
        while True:
            try:
                wire = await Wire.open(self._port(), self._token())
            except (OSError, Closed, asyncio.IncompleteReadError) as error:
                code = error.code if isinstance(error, Closed) else None
                self.ledger.write("no_line", why=type(error).__name__, code=code)
                await asyncio.sleep(back_s * self._random.uniform(0.5, 1.0))
                back_s = min(back_s * 2, 5.0)
                continue
            try:
                self._wire = wire
                await self._listen(wire)
                back_s = BACK_S
                await self._read(wire)
            except Closed as closed:
                self.ledger.write("closed", code=closed.code)
                if closed.code == 1012:
                    await asyncio.sleep(self._random.uniform(0, 0.5))
                elif closed.code not in (4412, 4440, 4441, GONE):
                    await asyncio.sleep(back_s * self._random.uniform(0.5, 1.0))
                    back_s = min(back_s * 2, 5.0)
            finally:
                self.ready.clear()
                self._wire = None
                wire.abort()
                for future in self._waiting.values():
                    if not future.done():
                        future.set_exception(Closed(GONE))
                self._waiting.clear()

    async def _listen(self, wire: Wire) -> None:
        hello = await wire.next()
        if hello.get("push") != "server.hello":
            raise Closed(await self._code(wire, hello))
        self.connects += 1
        if self._listens:
            first = not self._epoch
            self._epoch = self._epoch or hello["data"]["epoch"]
            await self._subscribe(wire, first=first)
        self.ready.set()

    async def _code(self, wire: Wire, body: Json) -> int:
        while True:
            if body.get("push") == "server.closing":
                return int(body["data"]["code"])
            body = await wire.next()

    async def _subscribe(self, wire: Wire, *, first: bool) -> None:
        """From the cursor on; what is pushed before the backlog came is held, then told after."""
        more = True
        while more:
            held: list[Json] = []
            args: Json = {"topic": self._topic}
            if not first:
                args |= {"cursor": self.cursor, "epoch": self._epoch}
            answer = await self._ask(wire, "subscribe", args, held.append)
            if first:
                self.cursor, more = answer["cursor"], False
                self.ledger.write("listens", cursor=self.cursor)
            elif not answer["recovered"]:
                await self._read_history(wire, answer["cursor"], held)
                more = False
            else:
                self.ledger.write("caught_up", events=len(answer["events"]))
                for event in answer["events"]:
                    self._take(event)
                more = answer.get("more", False)
            if not more:
                for push in held:
                    self._pushed(push)

    async def _read_history(self, wire: Wire, position: int, held: list[Json]) -> None:
        """Too far behind: the page reads the room afresh, as a reload would."""
        self.ledger.write("reload", cursor=self.cursor, position=position)
        while self.cursor < position:
            args = {"room": self._room, "after": self.cursor, "limit": 100}
            page = await self._ask(wire, "chat.history", args, held.append)
            for message in page["messages"]:
                self._receive(message["seq"], message["id"], message["body"].split()[0])
            if not page["messages"]:
                return

    async def _ask(self, wire: Wire, cmd: str, args: Json, aside: Callable[[Json], None]) -> Json:
        ref = next(self._refs)
        wire.send({"ref": ref, "cmd": cmd, "args": args})
        while True:
            body = await wire.next()
            if body.get("push") == "server.closing":
                raise Closed(body["data"]["code"])
            if "push" in body:
                aside(body)
            elif body["ref"] == ref:
                if body["ok"]:
                    result: Json = body["result"]
                    return result
                self.ledger.write("not_listening", error=body["error"]["code"])
                await asyncio.sleep(BACK_S)
                raise Closed(GONE)

    async def _read(self, wire: Wire) -> None:
        while True:
            body = await wire.next()
            if "push" not in body:
                future = self._waiting.pop(body["ref"], None)
                if future is not None and not future.done():
                    future.set_result(body)
            elif body["push"] == "server.closing":
                raise Closed(body["data"]["code"])
            elif self._pushed(body):
                self.ledger.write("gap", cursor=self.cursor, seq=body["seq"])
                await self._subscribe(wire, first=False)

    def _pushed(self, push: Json) -> bool:
        """Take a push of the topic; whether one before it is missing."""
        if push.get("topic") != self._topic or "seq" not in push:
            return False
        if push["seq"] > self.cursor + 1:
            return True
        self._take(push)
        return False

    def _take(self, event: Json) -> None:
        name = event.get("push") or event.get("event")
        key = event["data"]["message"]["body"].split()[0] if name == "chat.posted" else None
        self._receive(event["seq"], f"{self._topic}.{event['seq']}", key)

    def _receive(self, seq: int, ident: str, key: str | None) -> None:
        if seq <= self.cursor:
            return
        self.cursor = seq
        self.ledger.write("received", seq=seq, id=ident, key=key)
        self._moved.set()

    # What a test does with it

    async def say(self, key: str, text: str = "") -> None:
        """Send until it is acknowledged, over as many lines as that takes."""
        self.ledger.write("sent", key=key)
        loop = asyncio.get_running_loop()
        while True:
            await self.ready.wait()
            wire, ref = self._wire, next(self._refs)
            if wire is None:
                continue
            future = self._waiting[ref] = loop.create_future()
            began = loop.time()
            args = {"room": self._room, "body": f"{key} {text}"}
            wire.send({"ref": ref, "cmd": "chat.post", "args": args, "key": key})
            try:
                reply = await future
            except Closed:
                continue
            if reply["ok"]:
                message = reply["result"]["message"]
                self.delays.append(loop.time() - began)
                again = reply.get("duplicate", False)
                self.ledger.write(
                    "acked", key=key, id=message["id"], seq=message["seq"], duplicate=again
                )
                return
            error = reply["error"]
            retry_ms = error.get("retry_after_ms")
            self.ledger.write("refused", key=key, code=error["code"], retry_after_ms=retry_ms)
            await asyncio.sleep((retry_ms or 1000) / 1000 * self._random.uniform(0.5, 1.0))

    async def try_to_say(self, text: str) -> Json:
        """One try, without a ledger; the reply frame."""
        wire, ref = self._wire, next(self._refs)
        assert wire is not None, "the line is down"
        future = self._waiting[ref] = asyncio.get_running_loop().create_future()
        args = {"room": self._room, "body": text}
        wire.send({"ref": ref, "cmd": "chat.post", "args": args, "key": os.urandom(8).hex()})
        return await future

    async def ping(self, limit_s: float = 2.0) -> None:
        """A round trip that asks nothing of the store."""
        await self.ask("ping", limit_s)

    async def ask(self, cmd: str, limit_s: float = 5.0, **args: Any) -> Json:
        """A command that has to succeed; its result."""
        wire, ref = self._wire, next(self._refs)
        assert wire is not None, "the line is down"
        future = self._waiting[ref] = asyncio.get_running_loop().create_future()
        wire.send({"ref": ref, "cmd": cmd, "args": args})
        async with asyncio.timeout(limit_s):
            reply = await future
        assert reply["ok"], reply
        result: Json = reply["result"]
        return result

    async def reach(self, seq: int, limit_s: float = LIMIT_S) -> None:
        """Return when everything up to `seq` was received."""
        async with asyncio.timeout(limit_s):
            while self.cursor < seq:
                self._moved.clear()
                await self._moved.wait()

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self.ledger.close()


async def write_messages(
    client: Client, name: str, count: int, *, together: int = 4, per_s: float = 0.0
) -> None:
    """`count` messages with keys of their own, `together` of them on their way at once."""
    slots = asyncio.Semaphore(together)

    async def one(number: int) -> None:
        try:
            await client.say(f"{name}-{number}", "x" * 100)
        finally:
            slots.release()

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            await slots.acquire()
            group.create_task(one(number))
            if per_s:
                await asyncio.sleep(1 / per_s)
