"""The embedded store's port on the loopback: a free one is found, and whether it answers."""

import contextlib
import random
import socket
import struct
import time
from collections.abc import Iterator

import bson

from elearn.embedded.files import StoreFiles, StoreUnavailable

# Below the ports that systems hand out to outgoing connections: a driver that calls again and
# again while the store is away could otherwise be given this very port and keep it.
PORTS = range(20_000, 30_000)
OP_MSG = 2013


@contextlib.contextmanager
def reserved_port(preferred: int | None) -> Iterator[int]:
    """A free loopback port, the last one if possible.

    That one is waited for, because a store that was just killed may hold it for an instant more.
    """
    deadline = time.monotonic() + 1.0
    twin = None
    if preferred is not None and preferred in PORTS:
        while (twin := _reserve(preferred)) is None and time.monotonic() < deadline:
            time.sleep(0.02)
    for port in random.sample(PORTS, 50):
        twin = twin or _reserve(port)
    if twin is None:
        raise StoreUnavailable("no free port was found")
    with twin:
        yield twin.getsockname()[1]


def _reserve(port: int) -> socket.socket | None:
    """The UDP port of the same number, to be held while the store runs: two keepers that start at
    once can then never settle on one port and take each other's store for their own."""
    twin = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        twin.bind(("127.0.0.1", port))
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(("127.0.0.1", port))
            trial.listen(1)
    except OSError:
        twin.close()
        return None
    return twin


def port_of(uri: str) -> int:
    digits = uri.partition("127.0.0.1:")[2].partition("/")[0]
    return int(digits) if digits.isdigit() and int(digits) < 65_536 else 0


def live_address(files: StoreFiles) -> str | None:
    """The address, if the store answers there and a new keeper did not withdraw it meanwhile."""
    uri = files.read_address()
    if uri is None or not answers(port_of(uri)):
        return None
    return uri if files.read_address() == uri else None


def answers(port: int, *, timeout_s: float = 2.0) -> bool:
    """Whether a MongoDB-compatible server answers `ping` on this loopback port."""
    body = struct.pack("<IB", 0, 0) + bson.encode({"ping": 1, "$db": "admin"})
    request = struct.pack("<iiii", 16 + len(body), 1, 0, OP_MSG) + body
    try:
        with socket.create_connection(("127.0.0.1", port), timeout_s) as line:
            line.settimeout(timeout_s)
            line.sendall(request)
            with line.makefile("rb") as reply:
                length = struct.unpack("<i", reply.read(16)[:4])[0]
                document = bson.decode(reply.read(min(length, 65_536) - 16)[5:])
    except (OSError, ValueError, struct.error, bson.errors.BSONError):
        return False
    return document.get("ok") == 1
