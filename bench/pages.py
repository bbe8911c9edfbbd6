"""Pages of long lists on the embedded store: the enrolled, a topic's notices, a feed.

    python -m bench.pages [--rows 20000]

The documents are put straight into the store; beside each page one document is read by its id.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.report import Figure, print_figures
from elearn.config import Config
from elearn.events.base import Row
from elearn.events.feed import FeedDeleted
from elearn.events.notices import NoticeCreated
from elearn.models import enrollments, events, feed
from elearn.models.database import Database
from elearn.models.documents import insert_missing
from elearn.nouns.courses import Enrollment
from elearn.nouns.feed import Item
from elearn.nouns.notices import NoticeContent
from elearn.services import Services, open_services

START = datetime(2026, 1, 1, tzinfo=UTC)
TOPIC = "course:" + "c" * 24
COURSE = TOPIC.partition(":")[2]
NOTICE = NoticeContent(
    kind="bench", category="courses", title="hello " * 10, url="", actor=None, course=None
)
TURNS = 7
GOAL = 25.0
"""A page holds up to a hundred documents, and may cost so many reads of one."""


def _row(number: int) -> Row:
    """Every fourth row of the topic is a notice."""
    at = START + timedelta(seconds=number)
    event = FeedDeleted(id=f"{TOPIC}.{number}") if number % 4 else NoticeCreated(notice=NOTICE)
    return Row(TOPIC, number, number // 4, event, "system", f"k{number}", "", at, True)


def _enrollment(number: int) -> Enrollment:
    user = f"{number:024x}"
    return Enrollment(
        id=enrollments.enrollment_id(COURSE, user),
        course=COURSE,
        user=user,
        since=number,
        active=number % 10 > 0,
        at=START,
        by=user,
        seq=number,
    )


def _item(number: int) -> Item:
    at = START + timedelta(seconds=number)
    return Item(
        id=f"{TOPIC}.{number}",
        topic=TOPIC,
        author="a",
        at=at,
        seq=number,
        kind="feedback",
        actor=None,
        title="hello",
        order=feed.order(at, number),
    )


async def _fill(db: Database, rows: int) -> None:
    for start in range(1, rows + 1, 200):
        numbers = range(start, start + 200)
        await events.insert(db, [_row(number) for number in numbers])
        await insert_missing(db.enrollments, [_enrollment(number) for number in numbers])
        await feed.insert_many(db, [_item(number) for number in numbers])


async def _best_s(read: Callable[[], Awaitable[Any]]) -> float:
    times = []
    for _ in range(TURNS):
        begin = time.perf_counter()
        await read()
        times.append(time.perf_counter() - begin)
    return min(times)


async def _figures(services: Services, rows: int) -> list[Figure]:
    db = services.db
    middle = START + timedelta(seconds=rows // 2)
    pages: dict[str, Callable[[], Awaitable[Any]]] = {
        "the newest 50 enrolled": lambda: enrollments.page_of_course(db, COURSE, limit=50),
        "the newest 100 notices": lambda: events.page(db, TOPIC, NoticeCreated, limit=100),
        "100 older notices": lambda: services.newest_notices.from_time(TOPIC, middle, 0, rows),
        "21 items of a feed": lambda: feed.page(
            db, "topic", TOPIC, limit=21, before=feed.order(middle, 0)
        ),
        "rows that wait, of one topic": lambda: events.unreacted_of(db, TOPIC),
    }
    one_s = await _best_s(lambda: db.events.find_one({"_id": f"{TOPIC}.1"}))
    beside = f"one by its id {one_s * 1000:.1f} ms"
    found = [(name, await _best_s(read)) for name, read in pages.items()]
    return [
        Figure(f"{name}, of {rows:,}", f"{s * 1000:.1f} ms", beside, s / one_s, GOAL, at_most=True)
        for name, s in found
    ]


async def _measured(rows: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        config = Config(data_dir=Path(folder), secret_key=b"x" * 32)
        async with open_services(config) as services:
            await _fill(services.db, rows)
            return await _figures(services, rows)


def measure(rows: int = 20_000) -> list[Figure]:
    return asyncio.run(_measured(rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Pages of long lists on the embedded store.")
    parser.add_argument("--rows", type=int, default=20_000)
    print_figures(measure(parser.parse_args().rows))
