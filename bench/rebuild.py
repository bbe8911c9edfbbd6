"""A rebuild by day: 100,000 courses, while people search and teachers write.

    python -m bench.rebuild [--courses 100000] [--elasticsearch URL]

The courses are made from a file of real ones, or made up where there is none. Searches are for
titles that nobody changes, so that an empty answer is a fault; each write gives a course a title
with a word of its own, and some of these words are looked for until they are found.
"""

import argparse
import itertools
import random
import string
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from bench.report import Figure, milliseconds, percentile, print_figures
from bench.server import Json, Server
from bench.suggest import DATA, made_courses
from bench.wire import Wire

COURSES = 100_000
EACH_PER_S = 50
SEARCHERS, WRITERS = 5, 10
SETTLED_S = 20.0
LIMIT_S = 30.0
FIRST_S = 1_800.0
MEMORY_MIB = 150
SEED = 7
TEACHER = "rebuilding.teacher@example.org"


class Paced(threading.Thread):
    """Does its work so many times a second, until it is stopped; keeps what went wrong."""

    def __init__(self, per_s: float, begin_s: float = 0.0) -> None:
        super().__init__(daemon=True)
        self._per_s = per_s
        self._begin_s = begin_s
        self.over = threading.Event()
        self.times: list[float] = []
        self.faults: list[str] = []
        self.began = self.ended = 0.0

    def run(self) -> None:
        self.began = time.monotonic() + self._begin_s
        while not self.over.is_set():
            due = self.began + (len(self.times) + len(self.faults)) / self._per_s
            self.over.wait(max(0.0, due - time.monotonic()))
            began = time.perf_counter()
            try:
                self.work()
                self.times.append(time.perf_counter() - began)
            except (OSError, RuntimeError, AssertionError) as error:
                self.faults.append(repr(error))
        self.ended = time.monotonic()

    @property
    def per_s(self) -> float:
        return len(self.times) / (self.ended - self.began)

    def work(self) -> None:
        raise NotImplementedError


class Searching(Paced):
    """Titles as somebody types them."""

    def __init__(self, port: int, titles: list[str], number: int) -> None:
        super().__init__(EACH_PER_S / SEARCHERS, number / EACH_PER_S)
        self._wire, self._titles = Wire(port, "/ws/search"), titles
        self._chance = random.Random(SEED + number)
        self.reduced = 0

    def work(self) -> None:
        title = self._chance.choice(self._titles)
        text = title[: self._chance.randrange(5, 40)]
        found = self._wire.ask("search.suggest", q=text, limit=8)
        assert found["hits"], f"nothing found for {text}"
        self.reduced += found["reduced"]


class Writing(Paced):
    """New titles for courses, one course after another: a title stays until it was looked for."""

    def __init__(self, server: Server, token: str, courses: list[str], number: int) -> None:
        super().__init__(EACH_PER_S / WRITERS, number / EACH_PER_S)
        self._server, self._token = server, token
        self._courses = itertools.cycle(courses[number::WRITERS])
        self._chance = random.Random(SEED + number)
        self.newest: tuple[float, str] = (0.0, "")

    def work(self) -> None:
        word = "".join(self._chance.choices(string.ascii_lowercase, k=14))
        self._server.change_course(self._token, next(self._courses), f"Written {word}")
        self.newest = (time.monotonic(), word)


class Waiting(Paced):
    """How long after its acknowledgement a write is found; as often as one is."""

    def __init__(self, port: int, writers: list[Writing]) -> None:
        super().__init__(per_s=1_000)
        self._wire, self._writers = Wire(port, "/ws/search"), writers
        self.lags: list[float] = []
        self._seen = ""

    def work(self) -> None:
        at, word = max(one.newest for one in self._writers)
        if word == self._seen or not word:
            self.over.wait(0.01)
            return
        self._seen = word
        while time.monotonic() < at + LIMIT_S:
            hits = self._wire.ask("search.suggest", q=f"written {word}", limit=1)["hits"]
            if hits and word in hits[0]["title"]:
                self.lags.append(time.monotonic() - at)
                return
            self.over.wait(0.02)
        raise AssertionError(f"{word} was not found within {LIMIT_S:.0f} s")


def measure(count: int = COURSES, elasticsearch: str | None = None) -> list[Figure]:
    engine = "Elasticsearch" if elasticsearch else "embedded"
    more = ("--elasticsearch", elasticsearch) if elasticsearch else ()
    with (
        tempfile.TemporaryDirectory(prefix="elearn-bench-") as folder,
        Server("bench.node", *more) as server,
    ):
        data = DATA
        if not data.exists():
            data = Path(folder) / "courses.jsonl"
            made_courses(data)
        teacher = server.sign_up("Rebuilding Teacher", "teacher")
        put = server.do("put_courses", file=str(data.resolve()), count=count, owner=TEACHER)
        server.do("indexes_follow", within_s=FIRST_S)
        written, read = put["courses"][: count // 10], put["titles"][count // 10 :]
        searching = [Searching(server.port, read, number) for number in range(SEARCHERS)]
        writing = [Writing(server, teacher, written, number) for number in range(WRITERS)]
        waiting = Waiting(server.port, writing)
        crowd: list[Paced] = [*searching, *writing, waiting]
        for one in crowd:
            one.start()
        rebuilt = server.do("rebuild")
        for one in crowd:
            one.over.set()
            one.join()
        wrong = server.do("wrong_courses", within_s=SETTLED_S)
        if elasticsearch:
            server.do("drop_index")
    return _figures(engine, count, rebuilt, wrong, searching, writing, waiting)


def _figures(
    engine: str,
    count: int,
    rebuilt: Json,
    wrong: Json,
    searching: list[Searching],
    writing: list[Writing],
    waiting: Waiting,
) -> list[Figure]:
    grown, own = rebuilt["grown"] / 2**20, rebuilt["grown_own"] / 2**20
    faults = [fault for one in [*searching, *writing, waiting] for fault in one.faults]
    for fault in faults[:5]:
        print(fault)
    reduced = sum(one.reduced for one in searching)
    lag_s = percentile(waiting.lags, 0.99)
    goal_s = 2.0 if engine == "Elasticsearch" else 1.0
    return [
        Figure(
            f"rebuild of {count:,} courses, {engine}",
            f"{rebuilt['seconds']:.0f} s, {len(faults)} failed or empty answers,"
            f" {wrong['wrong']} of {wrong['compared']:,} wrong after",
            "",
        ),
        Figure(
            "  searches meanwhile",
            f"{_pace(searching)}, {reduced} by the spare index",
            f"writes {_pace(writing)}",
        ),
        Figure(
            "  memory above the start",
            f"{grown:.0f} MiB, {own:.0f} without mapped files",
            f"at most {MEMORY_MIB} MiB",
            grown / MEMORY_MIB,
            1.0,
            at_most=True,
        ),
        Figure(
            "  a write is found",
            f"{milliseconds(waiting.lags)} later ({len(waiting.lags)} writes)",
            f"p99 at most {goal_s:.0f} s",
            lag_s / goal_s,
            1.0,
            at_most=True,
        ),
    ]


def _pace(crowd: Sequence[Paced]) -> str:
    times = [time_s for one in crowd for time_s in one.times]
    return f"{sum(one.per_s for one in crowd):.0f}/s, {milliseconds(times)}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A rebuild while people search and write.")
    parser.add_argument("--courses", type=int, default=COURSES)
    parser.add_argument("--elasticsearch", metavar="URL")
    given = parser.parse_args()
    print_figures(measure(given.courses, given.elasticsearch))
