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
        self.waiting, self.go = 0, asyncio.Event()

    async def __call__(self, command: Json, ask: Ask) -> Json:
        if name_of(command) in self._names:
            self.waiting += 1
            await self.go.wait()
        return await ask(command)


class Stepdown:
    """A planned one, at the moment when each of these commands is on its way; a new primary is
    there when the driver asks for one the third time."""

    def __init__(self, *on_their_way: tuple[str, str]) -> None:
        self._awaited = set(on_their_way)
        self._meet = set(on_their_way)
        self.begun, self._asked = asyncio.Event(), 0

    async def __call__(self, command: Json, ask: Ask) -> Json:
        kind = (name_of(command), command[name_of(command)])
        if not self.begun.is_set() and not is_hello(command) and kind in self._meet:
            self._awaited.discard(kind)
            if not self._awaited:
                self.begun.set()
            await self.begun.wait()
        if not self.begun.is_set() or self._asked > 2:
            return await ask(command)
        if is_hello(command):
            self._asked += 1
            answer = {**await ask(command), "isWritablePrimary": False, "ismaster": False}
            del answer["primary"]
            return {**answer, "secondary": True}
        labels = ["RetryableWriteError"] if "txnNumber" in command else []
        refusal = {"ok": 0.0, "code": 10107, "codeName": "NotWritablePrimary"}
        return {**refusal, "errmsg": "not primary", "errorLabels": labels}


def ghost_row(document: Json, instead_of: str) -> Rule:
    """A row that this node has and no majority: who reads without asking for one is shown it in
    the place of the one that is there."""

    async def rule(command: Json, ask: Ask) -> Json:
        answer = await ask(command)
        asked = command.get("readConcern", {}).get("level")
        if name_of(command) == "find" and command["find"] == "events" and asked != "majority":
            batch = answer["cursor"]["firstBatch"]
            answer["cursor"]["firstBatch"] = [
                document if row.get("_id") == instead_of else row for row in batch
            ]
        return answer

    return rule
