"""The node's side of the rebuild's bench: a large catalogue, a rebuild, and what is wrong after."""

import asyncio
import json
import os
import time
from datetime import datetime
from pathlib import Path

from bench.server import Json
from elearn.app import Node
from elearn.events.base import Row
from elearn.events.courses import CourseListed
from elearn.indexing.catalogue import catalog_of
from elearn.indexing.following import indexer_of
from elearn.indexing.rebuilds import Order, carry_out, job_of
from elearn.models import courses, events, jobs, users
from elearn.models.ids import new_id
from elearn.nouns.courses import Course, CourseCard
from elearn.search.backend import SearchBackend
from elearn.search.differences import compare
from elearn.search.elastic import ElasticSearch
from elearn.wire import topics

BATCH = 500
LOOK_S = 0.1
ORDER: Json = {"rollback": False, "force": True, "dry_run": False}


async def put_courses(node: Node, file: str, count: int, owner: str) -> Json:
    """Straight into the store, the file's courses again and again under numbered titles."""
    services = node.services
    account = await users.find_by_email(services.db, owner)
    assert account is not None, f"nobody has the address {owner}"
    read = _lines(Path(file))
    made: list[Course] = []
    ids, titles = [], []
    for number in range(count):
        course, turn = read[number % len(read)], number // len(read)
        title = f"{course['title']} {turn}" if turn else course["title"]
        made.append(_document(course, title, account.id, services.clock()))
        ids.append(made[-1].id)
        titles.append(title)
        if len(made) == BATCH:
            await _put(node, made, number + 1 - len(made))
            made = []
    await _put(node, made, count - len(made))
    return {"courses": ids, "titles": titles}


def _lines(path: Path) -> list[Json]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def _put(node: Node, made: list[Course], before: int) -> None:
    """With the rows of the catalogue that a server would have written."""
    db, now = node.services.db, node.services.clock()
    await courses.insert_many(db, made)
    rows = [
        Row(
            topic=topics.CATALOG,
            seq=before + number,
            n=0,
            data=CourseListed(course=CourseCard.of(course)),
            actor="bench",
            key=course.id,
            digest="",
            at=now,
            reacted=True,
        )
        for number, course in enumerate(made, 1)
    ]
    if rows:
        await events.insert(db, rows)


def _document(course: Json, title: str, owner: str, now: datetime) -> Course:
    return Course(
        id=new_id(),
        title=title,
        code=course["code"],
        description=course["description"],
        subject=course["subject"],
        level=str(course["level"]),
        language="en",
        published=True,
        teachers=[owner],
        teacher_names=["Rebuilding Teacher"],
        owner=owner,
        created_at=now,
        updated_at=now,
    )


async def rebuild(node: Node) -> Json:
    """As `elearn reindex` has it done: by the server, or on Elasticsearch by a process beside.
    How much larger this process was at most, and its own memory without the files it maps."""
    began, before = time.monotonic(), _resident()
    working = asyncio.ensure_future(_rebuild(node))
    most = before
    while not working.done():
        most = [max(pair) for pair in zip(most, _resident(), strict=True)]
        await asyncio.wait([working], timeout=LOOK_S)
    working.result()
    return {
        "seconds": time.monotonic() - began,
        "grown": most[0] - before[0],
        "grown_own": most[1] - before[1],
    }


def _resident() -> list[int]:
    pages, shared = Path("/proc/self/statm").read_text(encoding="ascii").split()[1:3]
    return [count * os.sysconf("SC_PAGE_SIZE") for count in (int(pages), int(pages) - int(shared))]


async def _rebuild(node: Node) -> None:
    services, job = node.services, job_of(node.services.config)
    if services.config.elasticsearch_url is not None:
        await carry_out(indexer_of(services), Order(force=True), lambda done: None)
        return
    assert await jobs.ask(services.db, job, services.clock(), ORDER)
    while (found := await jobs.find(services.db, job)) and found["state"] != "done":
        assert found["state"] in ("waiting", "running"), found["text"]
        await asyncio.sleep(LOOK_S)


async def indexes_follow(node: Node, within_s: float) -> Json:
    """Until the index in use, and a spare one, have read what was put beside the log."""
    guard = node.services.engines.guard
    node.indexing.wake()
    await _until_at_the_head(node, node.services.search, within_s)
    if guard is not None:
        await _until_at_the_head(node, guard.spare, within_s)
    return {}


async def wrong_courses(node: Node, within_s: float) -> Json:
    """How many courses the index lacks or has in another version, once it is at the head."""
    services = node.services
    await _until_at_the_head(node, services.search, within_s)
    await services.search.refresh()
    found = await compare(services.search, catalog_of(services))
    wrong = len(found.missing) + len(found.older) + found.surplus + found.behind
    return {"wrong": wrong, "compared": found.compared}


async def _until_at_the_head(node: Node, index: SearchBackend, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    # The index tells nobody how far it is.
    while not await _at_the_head(node, index) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(LOOK_S)


async def _at_the_head(node: Node, index: SearchBackend) -> bool:
    cursor = await index.cursor()
    _, head = await catalog_of(node.services).head()
    return node.services.log.quiet and cursor is not None and cursor.seq >= head


async def drop_index(node: Node) -> Json:
    config = node.services.config
    engine = ElasticSearch(str(config.elasticsearch_url), config.elasticsearch_index)
    await engine.drop()
    await engine.close()
    return {}
