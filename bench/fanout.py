"""Fan-out: one room, a thousand sockets, deliveries a second, beside a bare Tornado server.

python -m bench.fanout [--sockets 1000] [--rounds 5] [--profile]
"""

import argparse
import statistics
import time
from dataclasses import dataclass

from bench.report import Figure, print_figures
from bench.server import Server, raise_file_limit
from bench.wire import Crowd, Wire

BYTES = 300
PEER = "bench.peers.tornado_write"


@dataclass(frozen=True)
class Load:
    name: str
    burst: int
    messages: int
    goal: float


LOADS = (Load("single messages", 1, 60, 1.0), Load("bursts of 20", 20, 100, 5.0))


class Side:
    """A server and its listeners."""

    def __init__(self, server: Server, topic: str, wires: list[Wire]) -> None:
        self.server = server
        self.topic = topic
        self.crowd = Crowd()
        self.size = len(wires)
        for wire in wires:
            self.crowd.add(wire)

    def deliveries_per_s(self, load: Load, messages: int, idle: Crowd) -> float:
        """From the first publish to the last mark that arrived at the last listener. The other
        side's listeners answer their pings meanwhile."""
        wanted = self.crowd.count + messages * self.size
        self.server.begin(
            "publish", topic=self.topic, messages=messages, burst=load.burst, size=BYTES
        )
        pump = time.monotonic() + 1
        limit = pump + 60
        while self.crowd.count < wanted:
            self.crowd.read(1.0)
            if (now := time.monotonic()) > pump:
                idle.read(0)
                pump = now + 1
            if now > limit:
                raise TimeoutError(f"{wanted - self.crowd.count} deliveries are missing")
        ended = time.monotonic()
        began: float = self.server.end()["began"]
        return messages * self.size / (ended - began)


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


def peer_side(server: Server, sockets: int) -> Side:
    return Side(server, "", [Wire(server.port) for _ in range(sockets)])


def measure(sockets: int = 1_000, rounds: int = 5, *, profile: bool = False) -> list[Figure]:
    raise_file_limit()
    figures = []
    with Server("bench.node") as ours, Server(PEER) as theirs:
        sides = {"elearn": elearn_side(ours, sockets), "peer": peer_side(theirs, sockets)}
        for load in LOADS:
            found: dict[str, list[float]] = {name: [] for name in sides}
            for round_ in range(rounds + 1):
                for name, side in sides.items():
                    idle = sides["peer" if name == "elearn" else "elearn"].crowd
                    rate = side.deliveries_per_s(load, load.messages, idle)
                    if round_:  # the first warms up
                        found[name].append(rate)
            mine, peers = (statistics.median(found[name]) for name in ("elearn", "peer"))
            figures.append(
                Figure(
                    f"fan-out to {sockets:,}, {load.name}",
                    f"{mine:,.0f} deliveries/s",
                    f"write_message {peers:,.0f}/s",
                    mine / peers,
                    load.goal,
                )
            )
            if profile:
                ours.do("profile", on=True)
                sides["elearn"].deliveries_per_s(load, load.messages, sides["peer"].crowd)
                print(f"--- {load.name}\n", ours.do("profile", on=False)["profile"])
        for side in sides.values():
            side.crowd.close()
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    given = parser.parse_args()
    print_figures(measure(given.sockets, given.rounds, profile=given.profile))
