"""How often a search box finds the course that was meant, and how long one query takes.

    python bench/search_quality.py [--data DIR] [--elasticsearch URL] [--courses N] [--worst N]

Runs on the embedded index, and on Elasticsearch when its address is given. With `--courses` the
catalogue is repeated under numbered titles up to that size and only times are measured.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from elearn.search.backend import CourseDocument, Filters, SearchBackend  # noqa: E402
from elearn.search.embedded import EmbeddedSearch  # noqa: E402

FIRST = 5
LONG_TITLE = 12


def read_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def documents(courses: list[dict[str, Any]], count: int) -> list[CourseDocument]:
    made = []
    for number in range(count):
        course, round_ = courses[number % len(courses)], number // len(courses)
        made.append(
            CourseDocument(
                id=course["id"] if not round_ else f"{course['id']}-{round_}",
                version=1,
                title=course["title"] if not round_ else f"{course['title']} {round_}",
                code=course["code"],
                description=course["description"],
                subject=course["subject"],
                level=str(course["level"]),
                language="en",
            )
        )
    return made


async def batches(made: Sequence[CourseDocument]) -> AsyncIterator[list[CourseDocument]]:
    for start in range(0, len(made), 500):
        yield list(made[start : start + 500])


def half_typed(courses: list[dict[str, Any]]) -> tuple[dict[str, set[str]], float]:
    """Query -> titles that begin so, and the best mean success@5 that any ranking can have."""
    titles = sorted({course["title"] for course in courses})
    long = [title for title in titles if len(title) > LONG_TITLE]
    halves = [title[: len(title) // 2] for title in long]
    meant = dict(zip(long, halves, strict=True))
    begin = {
        half: sum(title.lower().startswith(half.lower()) for title in titles)
        for half in set(halves)
    }
    possible = statistics.mean(min(1.0, FIRST / begin[half]) for half in halves)
    return {title: {half} for title, half in meant.items()}, possible


async def typo_success(backend: SearchBackend, queries: list[dict[str, Any]], worst: int) -> None:
    places = Counter[int]()
    reciprocal, misses = 0.0, []
    for row in queries:
        hits = (await backend.suggest(row["query"], Filters(), 10)).hits
        relevant = set(row["relevant_ids"])
        place = next((n for n, hit in enumerate(hits, 1) if hit.id in relevant), 0)
        places[place] += 1
        reciprocal += 1 / place if place else 0
        if not 0 < place <= FIRST:
            misses.append((row["query"], row["clean_query"], [hit.title for hit in hits[:3]]))
    total = len(queries)
    top = sum(count for place, count in places.items() if 0 < place <= FIRST)
    print(
        f"  typos        success@1 {places[1] / total:6.1%}  success@5 {top / total:6.1%}"
        f"  MRR {reciprocal / total:.3f}  ({total} queries)"
    )
    for query, clean, found in misses[:worst]:
        print(f"    missed: {query!r} for {clean!r}: {found}")


async def half_success(backend: SearchBackend, courses: list[dict[str, Any]], worst: int) -> None:
    wanted, possible = half_typed(courses)
    found_first, found, reciprocal, misses = 0, 0, 0.0, []
    for title, halves in wanted.items():
        half = next(iter(halves))
        hits = (await backend.suggest(half, Filters(), 10)).hits
        place = next((n for n, hit in enumerate(hits, 1) if hit.title == title), 0)
        found_first += place == 1
        found += 0 < place <= FIRST
        reciprocal += 1 / place if place else 0
        if not 0 < place <= FIRST and not any(
            hit.title.lower().startswith(half.lower()) for hit in hits[:FIRST]
        ):
            misses.append((half, title, [hit.title for hit in hits[:3]]))
    total = len(wanted)
    print(
        f"  half titles  success@1 {found_first / total:6.1%}  success@5 {found / total:6.1%}"
        f"  MRR {reciprocal / total:.3f}  = {found / total / possible:.1%} of the possible"
        f" {possible:.1%}  ({total} titles)"
    )
    for half, title, hits_shown in misses[:worst]:
        print(f"    missed: {half!r} for {title!r}: {hits_shown}")


async def times(backend: SearchBackend, queries: Sequence[str], name: str) -> None:
    for query in queries[:50]:
        await backend.suggest(query, Filters(), 8)
    taken = []
    for query in queries:
        begun = time.perf_counter()
        await backend.suggest(query, Filters(), 8)
        taken.append((time.perf_counter() - begun) * 1000)
    taken.sort()
    half, most = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    print(
        f"  {name:24} p50 {half:6.2f} ms  p99 {most:6.2f}"
        f" ms  worst {taken[-1]:6.2f} ms  ({len(taken)} queries)"
    )


def keystrokes(courses: list[dict[str, Any]], count: int) -> list[str]:
    titles = sorted({course["title"] for course in courses})
    chosen = titles[:: max(1, len(titles) // 100)]
    return [title[:end] for title in chosen for end in range(1, min(len(title), 24) + 1)][:count]


async def measure(name: str, backend: SearchBackend, options: argparse.Namespace) -> None:
    data = options.data
    courses = read_lines(data / "courses_stolaf.jsonl")
    queries = read_lines(data / "typo_queries_dev.jsonl")
    count = options.courses or len(courses)
    begun = time.perf_counter()
    await backend.rebuild(batches(documents(courses, count)), epoch="bench", seq=1)
    await backend.refresh()
    print(f"{name}: {count} courses indexed in {time.perf_counter() - begun:.1f} s")
    if not options.courses:
        await typo_success(backend, queries, options.worst)
        await half_success(backend, courses, options.worst)
    await times(backend, keystrokes(courses, 2000), "keystroke after keystroke")
    await times(backend, [row["query"] for row in queries[::4]], "misspelt queries")


async def run(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(2) as executor:
        embedded = EmbeddedSearch(Path(directory), executor)
        await embedded.open()
        await measure("embedded", embedded, options)
        await embedded.close()
    if options.elasticsearch:
        from elearn.search.elastic import ElasticSearch

        elastic = ElasticSearch(options.elasticsearch, "elearn-bench-courses")
        await elastic.open()
        try:
            await measure("Elasticsearch", elastic, options)
        finally:
            await elastic.drop()
            await elastic.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--elasticsearch", metavar="URL")
    parser.add_argument("--courses", type=int, default=0)
    parser.add_argument("--worst", type=int, default=10)
    options = parser.parse_args()
    if not (options.data / "courses_stolaf.jsonl").exists():
        print(f"no course data in {options.data}", file=sys.stderr)
        return 2
    asyncio.run(run(options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
