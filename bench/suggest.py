"""Suggestions: how long one keystroke takes over the socket, beside the engine's own time.

    python -m bench.suggest [--data FILE] [--queries 500] [--profile]

With a file of courses (JSON lines) these are searched; without one, made ones of the same number.
"""

import argparse
import json
import random
import tempfile
import time
from pathlib import Path

from bench.report import Figure, milliseconds, print_figures
from bench.server import ROOT, Server
from bench.wire import Wire

DATA = ROOT.parent / "shared" / "data" / "courses_stolaf.jsonl"
COURSES = 3_762
LIMIT = 8
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


def measure(data: Path = DATA, count: int = 500, *, profile: bool = False) -> list[Figure]:
    with (
        tempfile.TemporaryDirectory(prefix="elearn-bench-") as folder,
        Server("bench.node") as server,
    ):
        if not data.exists():
            data = Path(folder) / "courses.jsonl"
            made_courses(data)
        found = server.do("import_courses", file=str(data.resolve()))
        wire = Wire(server.port, "/ws/search")
        queries = keystrokes(data, count)
        for query in queries[:50]:
            wire.ask("search.suggest", q=query, limit=LIMIT)
        if profile:
            server.do("profile", on=True)
        over_socket = []
        for query in queries:
            began = time.perf_counter()
            wire.ask("search.suggest", q=query, limit=LIMIT)
            over_socket.append(time.perf_counter() - began)
        if profile:
            print(server.do("profile", on=False)["profile"])
        engine = server.do("engine", queries=queries, limit=LIMIT)["times"]
        wire.close()
    return [
        Figure(
            f"a suggestion, {found['courses']:,} courses",
            milliseconds(over_socket),
            f"the engine alone {milliseconds(engine)}",
        ),
        Figure(
            f"import of {found['courses']:,} courses",
            f"{found['import_s']:.1f} s",
            f"found by search {found['indexed_s']:.1f} s later",
        ),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How long a suggestion takes.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    given = parser.parse_args()
    print_figures(measure(given.data, given.queries, profile=given.profile))
