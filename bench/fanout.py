"""Fan-out: one room, a thousand sockets, deliveries a second, beside five other servers.

    python -m bench.fanout [--sockets 1000] [--rounds 5] [--peer NAME] [--profile]

Server and listeners have a core each. A burst is published, all of it is waited for at the last
listener, then the next; elearn and the peer take turns, and the ratio is the median of the turns'.
"""

import argparse
import importlib.util
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.report import Figure, print_figures
from bench.server import ROOT, Server, cores, raise_file_limit
from bench.wire import Crowd, Wire

BYTES = 300
CENTRIFUGE = ROOT / "bench" / "peers" / "centrifuge"


@dataclass(frozen=True)
class Load:
    name: str
    burst: int
    bursts: int


SINGLE, BURSTS = Load("single messages", 1, 80), Load("bursts of 20", 20, 8)


class MissingError(Exception):
    """The peer cannot run here."""


@dataclass(frozen=True)
class Peer:
    """`slow` ones get fewer messages. The goals are for single messages and for bursts."""

    name: str
    module: str
    needs: str | None = None
    single: float | None = None
    bursts: float | None = None
    slow: int = 1
    path: str = "/ws"
    greet: tuple[bytes, ...] = ()

    def load(self, load: Load) -> int:
        """How many bursts of it are enough."""
        return max(1, load.bursts // self.slow)


PEERS = (
    Peer("write_message", "tornado_write", None, 1.8, 15.0),
    Peer("websockets", "websockets_broadcast", "websockets", 1.0, 6.0),
    Peer("Centrifuge", "centrifuge", "go", 0.9, 1.0, greet=(b'{"id":1,"connect":{}}',)),
    Peer(
        "python-socketio",
        "socketio_emit",
        "socketio",
        slow=10,
        path="/socket.io/?EIO=4&transport=websocket",
        greet=(b"", b"40"),
    ),
    Peer("Django Channels", "channels_group", "channels", 20.0, slow=20),
)


class Side:
    """A server and its listeners."""

    def __init__(self, server: Server, topic: str, wires: list[Wire]) -> None:
        self.server = server
        self.topic = topic
        self.crowd = Crowd()
        for wire in wires:
            self.crowd.add(wire)

    def deliveries_per_s(self, load: Load, bursts: int, idle: Crowd | None = None) -> float:
        """Each burst from its publishing to its last mark at the last listener."""
        size = len(self.crowd) * load.burst
        began = time.monotonic()
        for _ in range(bursts):
            self.server.begin("publish", topic=self.topic, count=load.burst, size=BYTES)
            self.crowd.wait(self.crowd.count + size, idle)
            self.server.end()
        return bursts * size / (time.monotonic() - began)


def elearn_side(server: Server, sockets: int) -> Side:
    token = server.sign_up("Ada Teacher", "teacher")
    course = server.make_course(token, "Fan-out")
    topic = f"room:{course}"
    wires = []
    for _ in range(sockets):
        wire = Wire(server.port, token=token)
        wire.ask("subscribe", topic=topic)
        wires.append(wire)
    server.do("open_topic", topic=topic)
    return Side(server, topic, wires)


@contextmanager
def peer_side(peer: Peer, sockets: int, core: int | None) -> Iterator[Side]:
    with (
        tempfile.TemporaryDirectory(prefix="elearn-bench-") as folder,
        Server(_command(peer, Path(folder)), core=core, env={"GOMAXPROCS": "1"}) as server,
    ):
        side = Side(server, "", [_greeted(server.port, peer) for _ in range(sockets)])
        yield side
        side.crowd.close()


def _command(peer: Peer, folder: Path) -> str | list[str]:
    if peer.module != "centrifuge":
        if peer.needs is not None and importlib.util.find_spec(peer.needs) is None:
            raise MissingError(f"{peer.needs} is not installed: pip install -e .[bench]")
        return f"bench.peers.{peer.module}"
    go = shutil.which("go")
    if go is None:
        raise MissingError("go is not installed")
    program = folder / "centrifuge"
    built = subprocess.run(
        [go, "build", "-o", str(program), "."], cwd=CENTRIFUGE, capture_output=True, text=True
    )
    if built.returncode:
        raise MissingError(f"it does not build: {built.stderr.strip().splitlines()[-1]}")
    return [str(program)]


def _greeted(port: int, peer: Peer) -> Wire:
    """A listener; what each protocol begins with is said and answered. Empty: only listen."""
    wire = Wire(port, peer.path)
    for words in peer.greet:
        if words:
            wire.say(words)
        wire.frame()
    return wire


def measure(
    sockets: int = 1_000,
    rounds: int = 5,
    *,
    profile: bool = False,
    only: Callable[[Peer], bool] = lambda peer: True,
) -> list[Figure]:
    raise_file_limit()
    figures: list[Figure] = []
    pair = cores()
    mine, load_core = pair or (None, None)
    before = os.sched_getaffinity(0)
    if load_core is not None:
        os.sched_setaffinity(0, {load_core})
    try:
        with Server("bench.node", core=mine) as server:
            ours = elearn_side(server, sockets)
            for peer in filter(only, PEERS):
                try:
                    with peer_side(peer, sockets, mine) as theirs:
                        figures += _compare(peer, ours, theirs, rounds)
                except MissingError as missing:
                    figures.append(
                        Figure(f"fan-out to {sockets:,}", "", f"{peer.name} skipped: {missing}")
                    )
            if profile:
                for load in (SINGLE, BURSTS):
                    server.do("profile", on=True)
                    ours.deliveries_per_s(load, load.bursts)
                    print(f"--- {load.name}\n", server.do("profile", on=False)["profile"])
            ours.crowd.close()
    finally:
        os.sched_setaffinity(0, before)
    return figures


def _compare(peer: Peer, ours: Side, theirs: Side, rounds: int) -> list[Figure]:
    figures = []
    for load, goal in ((SINGLE, peer.single), (BURSTS, peer.bursts)):
        turns = []
        for turn in range(rounds + 1 if peer.slow == 1 else 2):
            mine = ours.deliveries_per_s(load, load.bursts)
            other = theirs.deliveries_per_s(load, peer.load(load), ours.crowd)
            if turn:  # the first warms up
                turns.append((mine, other))
        figures.append(
            Figure(
                f"fan-out to {len(ours.crowd):,}, {load.name}",
                f"{statistics.median(mine for mine, _ in turns):,.0f} deliveries/s",
                f"{peer.name} {statistics.median(other for _, other in turns):,.0f}/s",
                statistics.median(mine / other for mine, other in turns),
                goal,
            )
        )
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Deliveries a second beside other servers.")
    parser.add_argument("--sockets", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer", help="this one alone, by its name")
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    given = parser.parse_args()
    print_figures(
        measure(
            given.sockets,
            given.rounds,
            profile=given.profile,
            only=lambda peer: given.peer in (None, peer.name),
        )
    )
