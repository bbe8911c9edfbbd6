"""A proxy before the store that can also speak as a replica set does whose majority is away."""

from collections.abc import Callable
from typing import Any

import bson

from tests.faults.proxy import Proxy

_HEAD, _OP_MSG, _BODY = 16, 2013, 21
_MISSED = {"code": 64, "errmsg": "waiting for replication timed out", "errInfo": {"wtimeout": True}}


class StoreProxy(Proxy):
    """While it does not vouch, writes are done, and answered by a write concern that was missed."""

    vouches = True

    def replies(self) -> Callable[[bytes], bytes]:
        waiting = bytearray()

        def edit(chunk: bytes) -> bytes:
            waiting.extend(chunk)
            whole = b""
            while len(waiting) >= _HEAD and len(waiting) >= (size := _size(waiting)):
                whole += self._edited(bytes(waiting[:size]))
                del waiting[:size]
            return whole

        return edit

    def _edited(self, message: bytes) -> bytes:
        if self.vouches or int.from_bytes(message[12:16], "little") != _OP_MSG:
            return message
        body: dict[str, Any] = bson.decode(message[_BODY:])
        if "n" not in body and "lastErrorObject" not in body:
            return message
        reply = bson.encode({**body, "writeConcernError": _MISSED})
        return (_BODY + len(reply)).to_bytes(4, "little") + message[4:_BODY] + reply


def _size(message: bytearray) -> int:
    return int.from_bytes(message[:4], "little")
