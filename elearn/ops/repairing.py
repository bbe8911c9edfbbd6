"""Brings documents into step with the log, after a backup that was not of one moment: the rows of a
topic whose documents disagree are applied anew."""

import asyncio
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from elearn.config import Config
from elearn.events.base import Row
from elearn.events.rooms import RoomChange
from elearn.models import courses, events, held_rows, rooms
from elearn.models.database import Database
from elearn.models.held_rows import Mark, Place
from elearn.projections import applying
from elearn.projections.held import HELD, marks_after
from elearn.projections.table import PROJECTIONS
from elearn.services import open_services
from elearn.serving import server_runs

TOGETHER = 8


async def documents_state(config: Config, console: Console) -> tuple[str, bool]:
    """Repair what disagrees; in words, and whether that is well. Beside a running server it is only
    compared: the server writes the same documents."""
    serving = server_runs(config.data_dir)
    async with open_services(config, serving=False, say=console.print) as services:
        db = services.db
        topics = sorted(await events.topics(db) | await held_rows.topics_with_documents(db))
        with _bar(console, len(topics)) as bar:
            wrong = [topic for topic in await _each(db, topics, bar) if topic is not None]
        if wrong and not serving:
            for topic in wrong:
                await repair(db, topic)
    count = f"{len(wrong)} of {len(topics)} topics"
    if not wrong:
        return f"agree with the log: {len(topics)} topics", True
    if serving:
        return f"of {count} disagree with the log: stop the servers, and repair again", False
    return f"of {count} disagreed with the log, and were written anew from it", True


async def _each(db: Database, topics: Sequence[str], bar: Progress) -> list[str | None]:
    slots = asyncio.Semaphore(TOGETHER)

    async def one(topic: str) -> str | None:
        async with slots:
            agrees = await in_step(db, topic)
            bar.advance(bar.task_ids[0])
        return None if agrees else topic

    return await asyncio.gather(*map(one, topics))


def _bar(console: Console, total: int) -> Progress:
    """For a person; nothing in a log."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(
        TextColumn("comparing documents with the log"),
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    bar.add_task("documents", total=total)
    return bar


async def in_step(db: Database, topic: str) -> bool:
    """Whether the documents of a topic hold its newest rows, and no others."""
    wanted = marks_after(await _rows(db, topic))
    there = await held_rows.marks_of(db, topic, _accounts(wanted))
    # Who has no account any more has no role either.
    return there == {place: mark for place, mark in wanted.items() if _due(place, there)}


def _due(place: Place, there: dict[Place, Mark]) -> bool:
    return place[0] != "users" or place in there


async def repair(db: Database, topic: str) -> None:
    """Forget what there is of the topic, and apply its rows from the first one on."""
    rows = await _rows(db, topic)
    wanted = marks_after(rows)
    there = await held_rows.marks_of(db, topic, _accounts(wanted))
    await held_rows.forget(db, there.keys() | wanted.keys())
    await applying.apply(db, rows)
    if topic.startswith("room:"):
        await _name_course(db, rows)


async def _name_course(db: Database, rows: Sequence[Row]) -> None:
    """A room carries its course's title, which that course's rows change."""
    documents = [row.data.document for row in rows if isinstance(row.data, RoomChange)]
    of = {room.course or room.staff_of for room in documents}
    found = await courses.find_many(db, [course for course in of if course])
    await rooms.rename_courses(db, {course.id: course.title for course in found.values()})


async def _rows(db: Database, topic: str) -> list[Row]:
    """Those that documents follow from."""
    kind = topic.partition(":")[0]
    names = {event.declared.name for on, event in PROJECTIONS if on == kind and event in HELD}
    return await events.of_names(db, topic, names)


def _accounts(wanted: Iterable[Place]) -> list[Place]:
    return [place for place in wanted if place[0] == "users"]
