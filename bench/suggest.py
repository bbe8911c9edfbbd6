"""Suggestions: how long one keystroke takes over the socket, beside the engine's own time, beside a
bare round trip, and with fifty people typing.

    python -m bench.suggest [--data FILE] [--courses N] [--queries 500] [--profile]

With a file of courses (JSON lines) these are searched; without one, made ones of the same number.
With `--courses` they are repeated under numbered titles up to that many.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.report import Figure, milliseconds, percentile, print_figures
from bench.server import ROOT, Server
from bench.typists import KEYS_PER_S, LIMIT, Typist, type_for
from bench.wire import Wire

DATA = ROOT.parent / "shared" / "data" / "courses_stolaf.jsonl"
COURSES = 3_762
PEOPLE = 50
TYPING_S = 5.0
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


def repeated(path: Path, courses: int, made: Path) -> Path:
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    with made.open("w", encoding="utf-8") as file:
        for number in range(courses):
            row, turn = rows[number % len(rows)], number // len(rows)
            numbered = {"id": f"{row['id']}-{turn}", "title": f"{row['title']} {turn}"}
            file.write(json.dumps(row | numbered if turn else row) + "\n")
    return made


def misspelt(typed: Sequence[str]) -> list[str]:
    """Two letters swapped in each query that is long enough to be a word."""
    return [q[:3] + q[4] + q[3] + q[5:] for q in typed if len(q) > 7]


def over_socket(wire: Wire, queries: Sequence[str]) -> list[float]:
    taken = []
    for query in queries:
        began = time.perf_counter()
        wire.ask("search.suggest", q=query, limit=LIMIT)
        taken.append(time.perf_counter() - began)
    return taken


def round_trips(wire: Wire, count: int) -> list[float]:
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        wire.ask("ping")
        taken.append(time.perf_counter() - began)
    return taken


def typing(server: Server, queries: Sequence[str], people: int) -> tuple[list[float], int]:
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
    data: Path = DATA, count: int = 500, *, courses: int = 0, profile: bool = False
) -> list[Figure]:
    with (
        tempfile.TemporaryDirectory(prefix="elearn-bench-") as folder,
        Server("bench.node") as server,
    ):
        if not data.exists():
            data = Path(folder) / "courses.jsonl"
            made_courses(data)
        if courses:
            data = repeated(data, courses, Path(folder) / "repeated.jsonl")
        found = server.do("import_courses", file=str(data.resolve()))
        wire = Wire(server.port, "/ws/search")
        queries = keystrokes(data, count)
        wrong = misspelt(queries)
        over_socket(wire, queries[:50])
        if profile:
            server.do("profile", on=True)
        typed = over_socket(wire, queries)
        if profile:
            print(server.do("profile", on=False)["profile"])
        mistyped = over_socket(wire, wrong)
        bare = round_trips(wire, count)
        engine = server.do("engine", queries=queries, limit=LIMIT)["times"]
        engine_wrong = server.do("engine", queries=wrong, limit=LIMIT)["times"]
        wire.close()
        alone, _ = typing(server, queries, 1)
        crowd, late = typing(server, queries, PEOPLE)
    each = f"{found['courses']:,} courses"
    return [
        _beside_engine(f"a suggestion, {each}", typed, engine),
        _beside_engine(f"a misspelt one, {each}", mistyped, engine_wrong),
        Figure("a bare round trip on the same socket", milliseconds(bare), ""),
        Figure(
            f"{PEOPLE} people typing, {KEYS_PER_S} keys/s each",
            milliseconds(crowd),
            f"one alone {milliseconds(alone)}; late answers {late}",
            percentile(crowd, 0.99) / percentile(alone, 0.99),
            3.0,
            at_most=True,
        ),
        Figure(
            f"import of {each}",
            f"{found['import_s']:.1f} s",
            f"found by search {found['indexed_s']:.1f} s later",
        ),
    ]


def _beside_engine(name: str, taken: Sequence[float], engine: Sequence[float]) -> Figure:
    return Figure(
        name,
        milliseconds(taken),
        f"the engine alone {milliseconds(engine)}",
        percentile(taken, 0.5) / percentile(engine, 0.5),
        1.5,
        at_most=True,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How long a suggestion takes.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--courses", type=int, default=0)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    given = parser.parse_args()
    print_figures(measure(given.data, given.queries, courses=given.courses, profile=given.profile))
