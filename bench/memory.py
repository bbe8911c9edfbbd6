"""Memory: what an idle signed-in connection with three subscriptions holds, beside a bare one.

python -m bench.memory [--connections 2000]
"""

import argparse
from collections.abc import Callable

from bench.report import Figure, print_figures
from bench.server import Server, raise_file_limit
from bench.wire import Wire

GOAL = 1.3
FIRST = 200  # what the first ones bring along is the process's, not theirs


def _bytes_each(server: Server, connect: Callable[[int], Wire], count: int) -> float:
    wires = [connect(number) for number in range(FIRST)]
    before = server.do("memory")["bytes"]
    wires += [connect(number) for number in range(FIRST, FIRST + count)]
    after = server.do("memory")["bytes"]
    for wire in wires:
        wire.close()
    return float(after - before) / count


def measure(count: int = 2_000) -> list[Figure]:
    raise_file_limit()
    with Server("bench.node") as server:
        teacher = server.sign_up("Ada Teacher", "teacher")
        course = server.make_course(teacher, "Idle")
        found = server.do("enrol_many", course=course, count=count + FIRST, tokens=count + FIRST)
        tokens = [one["token"] for one in found["people"]]

        def signed_in(number: int) -> Wire:
            # Listens to its person's topic and the course's by itself, and to the room.
            wire = Wire(server.port, token=tokens[number])
            wire.ask("subscribe", topic=f"room:{course}")
            return wire

        mine = _bytes_each(server, signed_in, count)
    with Server("bench.peers.tornado_write") as server:
        bare = _bytes_each(server, lambda number: Wire(server.port), count)
    return [
        Figure(
            "memory of an idle connection, three subscriptions",
            f"{mine / 1024:.1f} KiB",
            f"a bare WebSocketHandler {bare / 1024:.1f} KiB",
            mine / bare,
            GOAL,
            at_most=True,
        )
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Memory of an idle connection.")
    parser.add_argument("--connections", type=int, default=2_000)
    print_figures(measure(parser.parse_args().connections))
