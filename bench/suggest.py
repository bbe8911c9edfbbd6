"""Suggestions: how long one keystroke takes over the socket, beside the engine's own time, beside a
bare round trip, and with fifty people typing.

    python -m bench.suggest [--data FILE] [--courses N] [--elasticsearch URL] [--queries 500]

With a file of courses (JSON lines) these are searched; without one, made ones of the same number.
With `--courses` they are repeated under numbered titles up to that many. On Elasticsearch the
plain operation is its official client, which sends the same requests. Turns of each side
alternate, and a figure is the best of them.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.report import Figure, percentile, print_figures
from bench.server import ROOT, Json, Server
from bench.typists import KEYS_PER_S, LIMIT, Typist, type_for
from bench.wire import Wire

DATA = ROOT.parent / "shared" / "data" / "courses_stolaf.jsonl"
COURSES = 3_762
PEOPLE = 50
TYPING_S = 5.0
TURNS = 3
FOLLOW_S = 300.0
SEED = 7
WORDS = """
    algebra analysis biology calculus chemistry cinema culture data design drawing ecology economics
    energy ethics film genetics geology grammar graphs history jazz language law literature logic
    markets media memory music number optics painting philosophy physics poetry politics probability
    programming proof religion rhetoric society statistics theatre theory topology translation war
"""


def made_courses(path: Path) -> None:
    chance, words = random.Random(SEED), WORDS.split()
    with path.open("w", encoding="utf-8") as file:
        for number in range(COURSES):
            title = " ".join(chance.sample(words, 3)).title()
            course = {
                "id": f"made-{number}",
                "code": f"MADE {number}",
                "title": title,
                "subject": chance.choice(words).title(),
                "level": chance.choice((100, 200, 300)),
                "description": " ".join(chance.choices(words, k=80)),
            }
            file.write(json.dumps(course) + "\n")


def keystrokes(path: Path, count: int) -> list[str]:
    """Titles as they are typed, letter by letter; every fifth has a letter wrong."""
    chance = random.Random(SEED)
    with path.open(encoding="utf-8") as file:
        titles = [json.loads(line)["title"] for line in file]
    typed: list[str] = []
    while len(typed) < count:
        title = chance.choice(titles)[:24]
        if chance.random() < 0.2 and len(title) > 6:
            place = chance.randrange(1, 6)
            title = title[:place] + chance.choice("aeinrst") + title[place + 1 :]
        typed += [title[:length] for length in range(2, len(title) + 1)]
    return typed[:count]


def misspelt(typed: Sequence[str]) -> list[str]:
    """Two letters swapped in each query that is long enough to be a word."""
    return [q[:3] + q[4] + q[3] + q[5:] for q in typed if len(q) > 7]


def over_socket(wire: Wire, queries: Sequence[str]) -> list[float]:
    """Without those that the engine was too slow for and its spare answered."""
    answers = [timed(wire, "search.suggest", q=query, limit=LIMIT) for query in queries]
    return [taken for taken, result in answers if not result["reduced"]]


def round_trips(wire: Wire, count: int) -> list[float]:
    return [timed(wire, "ping")[0] for _ in range(count)]


def timed(wire: Wire, cmd: str, **args: Any) -> tuple[float, Json]:
    """From the command's frame to the whole of its reply, not yet read as JSON."""
    frame = json.dumps({"ref": cmd, "cmd": cmd, "args": args}).encode()
    began = time.perf_counter()
    wire.say(frame)
    reply = wire.frame()
    taken = time.perf_counter() - began
    body = json.loads(reply)
    assert body.get("ok"), reply
    return taken, body["result"]


class Best:
    """The least of several turns, for each share of the times on its own."""

    def __init__(self) -> None:
        self.turns: list[Sequence[float]] = []

    def at(self, share: float) -> float:
        return min(percentile(times, share) for times in self.turns)

    def __str__(self) -> str:
        return f"p50 {self.at(0.5) * 1000:.2f} ms, p99 {self.at(0.99) * 1000:.2f} ms"


def typing(server: Server, queries: list[str], people: int) -> tuple[list[float], int]:
    """How long the keys of so many people took, and how many were answered too late."""
    typists = [
        Typist(Wire(server.port, "/ws/search"), queries[place * 7 :] + queries[: place * 7], 0.0)
        for place in range(people)
    ]
    type_for(typists, TYPING_S)
    for one in typists:
        one.wire.close()
    return [time for one in typists for time in one.taken], sum(one.superseded for one in typists)


def measure(
    data: Path = DATA,
    count: int = 500,
    *,
    courses: int = 0,
    elasticsearch: str | None = None,
    profile: bool = False,
) -> list[Figure]:
    more = ("--elasticsearch", elasticsearch) if elasticsearch else ()
    with (
        tempfile.TemporaryDirectory(prefix="elearn-bench-") as folder,
        Server("bench.node", *more) as server,
    ):
        if not data.exists():
            data = Path(folder) / "courses.jsonl"
            made_courses(data)
        queries = keystrokes(data, count)
        put = _repeated(server, data, courses) if courses else _imported(server, data)
        if profile:
            _profiled(server, queries)
        figures = [*_alone(server, queries, put, elasticsearch), *_together(server, queries)]
        if elasticsearch:
            server.do("drop_index")
    return [*figures, put]


def _imported(server: Server, data: Path) -> Figure:
    found = server.do("import_courses", file=str(data.resolve()))
    return Figure(
        f"{found['courses']:,} courses imported",
        f"{found['import_s']:.1f} s",
        f"found by search {found['indexed_s']:.1f} s later",
    )


def _repeated(server: Server, data: Path, courses: int) -> Figure:
    server.sign_up("Suggesting Teacher", "teacher")
    owner = "suggesting.teacher@example.org"
    server.do("put_courses", file=str(data.resolve()), count=courses, owner=owner)
    seconds = server.do("rebuild")["seconds"]
    server.do("indexes_follow", within_s=FOLLOW_S)
    return Figure(f"{courses:,} courses indexed", f"{seconds:.0f} s", "")


def _profiled(server: Server, queries: Sequence[str]) -> None:
    wire = Wire(server.port, "/ws/search")
    wire.ask("ping")
    server.do("profile", on=True)
    over_socket(wire, queries)
    print(server.do("profile", on=False)["profile"])
    wire.close()


def _alone(
    server: Server, queries: Sequence[str], put: Figure, elasticsearch: str | None
) -> list[Figure]:
    plain, goal = ("client", 1.3) if elasticsearch else ("engine", 1.5)
    wire, bare, figures = Wire(server.port, "/ws/search"), Best(), []
    wire.ask("ping")
    for name, typed in (("a suggestion", queries), ("a misspelt one", misspelt(queries))):
        over_socket(wire, typed)
        ours, beside = Best(), Best()
        for _ in range(TURNS):
            ours.turns.append(over_socket(wire, typed))
            beside.turns.append(server.do(plain, queries=typed, limit=LIMIT)["times"])
            bare.turns.append(round_trips(wire, len(typed)))
        ratio = ours.at(0.5) / beside.at(0.5)
        told = f"the {plain} alone {beside}"
        if spare := TURNS * len(typed) - sum(map(len, ours.turns)):
            told += f"; {spare} by the spare engine"
        figures.append(Figure(f"{name}, {put.name}", str(ours), told, ratio, goal, at_most=True))
        beyond = f"p99 {(ours.at(0.99) - bare.at(0.5)) * 1000:.2f} ms beyond a bare round trip"
        figures.append(Figure("", beyond, f"a bare round trip {bare}"))
    wire.close()
    return figures


def _together(server: Server, queries: list[str]) -> list[Figure]:
    alone, crowd, late = Best(), Best(), []
    for _ in range(TURNS):
        alone.turns.append(typing(server, queries, 1)[0])
        taken, superseded = typing(server, queries, PEOPLE)
        crowd.turns.append(taken)
        late.append(superseded)
    told = f"one alone {alone}; late answers {min(late)}"
    ratio = crowd.at(0.99) / alone.at(0.99)
    name = f"{PEOPLE} people typing, {KEYS_PER_S} keys/s each"
    return [Figure(name, str(crowd), told, ratio, 3.0, at_most=True)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How long a suggestion takes.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--courses", type=int, default=0)
    parser.add_argument("--elasticsearch", metavar="URL")
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    given = parser.parse_args()
    print_figures(
        measure(
            given.data,
            given.queries,
            courses=given.courses,
            elasticsearch=given.elasticsearch,
            profile=given.profile,
        )
    )
