"""A notice to a whole course: what it writes and how long it takes, by the number of the enrolled.

python -m bench.notice [--most 50000]
"""

import argparse
import statistics
import time
from collections import Counter

from bench.report import Figure, print_figures
from bench.server import Server
from bench.wire import Wire

ROUNDS = 7
GOAL = 2.0
WRITES = ("insert", "update", "delete", "findAndModify")


def measure(most: int = 50_000) -> list[Figure]:
    """An update of the course is what tells all of it; done is when its reactions are."""
    figures, taken, written = [], {}, {}
    with Server("bench.node") as server:
        teacher = server.sign_up("Ada Teacher", "teacher")
        courses = {}
        for enrolled in (10, 1_000, most):
            courses[enrolled] = server.make_course(teacher, f"Told to {enrolled}")
            server.do("enrol_many", course=courses[enrolled], count=enrolled, tokens=0)
        wire = Wire(server.port, token=teacher)
        _tell(server, wire, courses[10], "warm")
        times: dict[int, list[float]] = {enrolled: [] for enrolled in courses}
        for turn in range(ROUNDS):
            for enrolled, course in courses.items():
                server.do("all_done")
                server.do("store_calls")
                times[enrolled].append(_tell(server, wire, course, f"{enrolled}-{turn}"))
                written[enrolled] = _writes(server.do("store_calls")["calls"])
        wire.close()
    for enrolled in courses:
        taken[enrolled] = statistics.median(times[enrolled])
        figures.append(
            Figure(
                f"a notice to {enrolled:,} enrolled",
                f"{taken[enrolled] * 1000:.1f} ms, {written[enrolled]} store writes",
                f"to 10: {taken[10] * 1000:.1f} ms, {written[10]} store writes",
                taken[enrolled] / taken[10],
                GOAL if enrolled == most else None,
                at_most=True,
            )
        )
    return figures


def _tell(server: Server, wire: Wire, course: str, key: str) -> float:
    began = time.perf_counter()
    wire.ask(
        "update.publish",
        key=key,
        course=course,
        kind="announcement",
        title="The exam",
        body="It moves to Friday.",
    )
    server.do("all_done")
    return time.perf_counter() - began


def _writes(calls: dict[str, int]) -> int:
    """Without what the node does for itself now and then."""
    counts: Counter[str] = Counter()
    for call, count in calls.items():
        name, _, collection = call.partition(" ")
        if name in WRITES and collection not in ("wake", "jobs", "leases"):
            counts[name] += count
    return counts.total()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What telling a course costs.")
    parser.add_argument("--most", type=int, default=50_000)
    print_figures(measure(parser.parse_args().most))
