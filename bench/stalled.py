"""What a reader that stopped reading costs the others: the time until each has a message.

python -m bench.stalled [--sockets 1000] [--rounds 9]
"""

import argparse
import os
import socket
import statistics
import time

from bench.fanout import BYTES, Side, elearn_side
from bench.report import Figure, percentile, print_figures
from bench.server import Server, cores, raise_file_limit
from bench.wire import Wire

MESSAGES = 200
GOAL = 1.2


def _waits(side: Side) -> list[float]:
    """Per message and listener, from the publishing to the reading."""
    waits: list[float] = []
    for _ in range(MESSAGES):
        began = time.monotonic()
        side.server.begin("publish", topic=side.topic, count=1, size=BYTES)
        wanted = side.crowd.count + len(side.crowd)
        while (before := side.crowd.count) < wanted:
            side.crowd.read(1.0)
            waits += [time.monotonic() - began] * (side.crowd.count - before)
        side.server.end()
    return waits


def _stop_reading(side: Side, token: str) -> Wire:
    """A listener that reads nothing while more and more waits for it in the kernel and then in
    its outbox."""
    wire = Wire(side.server.port, token=token)
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.ask("subscribe", topic=side.topic)
    return wire


def measure(sockets: int = 1_000, rounds: int = 9) -> list[Figure]:
    raise_file_limit()
    pair, before = cores(), os.sched_getaffinity(0)
    if pair is not None:
        os.sched_setaffinity(0, {pair[1]})
    ratios, without, beside = [], [], []
    try:
        with Server("bench.node", core=pair[0] if pair else None) as server:
            side = elearn_side(server, sockets - 1)
            slow = server.sign_up("Sam Slow", "teacher")
            course = side.topic.partition(":")[2]
            server.command(slow, "enrollment.enroll", course=course)
            _waits(side)
            for _ in range(rounds):
                _fill(side)
                without.append(percentile(_waits(side), 0.99))
                stalled = _stop_reading(side, slow)
                _fill(side)
                beside.append(percentile(_waits(side), 0.99))
                stalled.close()
                ratios.append(beside[-1] / without[-1])
            side.crowd.close()
    finally:
        os.sched_setaffinity(0, before)
    return [
        Figure(
            f"one of {sockets:,} readers stalls, the others' wait",
            f"p99 {statistics.median(beside) * 1000:.2f} ms",
            f"without p99 {statistics.median(without) * 1000:.2f} ms",
            statistics.median(ratios),
            GOAL,
            at_most=True,
        )
    ]


def _fill(side: Side, kilobytes: int = 600) -> None:
    """More than the kernel holds for one connection, less than its outbox may hold."""
    for _ in range(kilobytes // 60):
        side.server.begin("publish", topic=side.topic, count=200, size=BYTES)
        side.crowd.wait(side.crowd.count + 200 * len(side.crowd))
        side.server.end()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What a stalled reader costs the others.")
    parser.add_argument("--sockets", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    print_figures(measure(given.sockets, given.rounds))
