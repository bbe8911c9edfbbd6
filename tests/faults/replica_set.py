"""What a replica set answers and no engine here can, as rules of the proxy before the store."""

import asyncio
from collections.abc import Callable

from bson import ObjectId

from tests.faults.store_proxy import Ask, Json, Rule

SET = "rs0"
WRITES = ("insert", "update", "delete", "findAndModify")
MISSED = {"code": 64, "errmsg": "waiting for replication timed out", "errInfo": {"wtimeout": True}}
STEPPED_DOWN = {"code": 11602, "errmsg": "operation was interrupted"}


def name_of(command: Json) -> str:
    return next(iter(command))


def is_hello(command: Json) -> bool:
    return name_of(command) in ("hello", "ismaster", "isMaster")


def replica_set(port: Callable[[], int], **more: object) -> Rule:
    """The store says that it is the primary of a set with one member, which is at `port`."""
    election = ObjectId()

    async def rule(command: Json, ask: Ask) -> Json:
        if is_hello(command):
            here = f"127.0.0.1:{port()}"
            itself = {"setName": SET, "setVersion": 1, "hosts": [here], "me": here, "primary": here}
            answer = await ask({"hello": 1, "$db": "admin"})
            return {**answer, **itself, "ismaster": True, "electionId": election, **more}
        # Numbered for the retries of a set, which the store behind does not keep.
        return await ask({name: said for name, said in command.items() if name != "txnNumber"})

    return rule


def not_vouched_for(error: Json = MISSED) -> Rule:
    """Writes are done, and no majority has them."""

    async def rule(command: Json, ask: Ask) -> Json:
        answer = await ask(command)
        return {**answer, "writeConcernError": error} if name_of(command) in WRITES else answer

    return rule


def refused(*names: str, code: int, text: str, **more: object) -> Rule:
    """These commands do not reach the store."""

    async def rule(command: Json, ask: Ask) -> Json:
        if name_of(command) in names:
            return {"ok": 0.0, "code": code, "errmsg": text, **more}
        return await ask(command)

    return rule


class Held:
    """Commands of these names wait before they reach the store, until `go` is set."""

    def __init__(self, *names: str) -> None:
        self._names = names
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    async def __call__(self, command: Json, ask: Ask) -> Json:
        if name_of(command) in self._names:
            self.reached.set()
            await self.go.wait()
        return await ask(command)
