"""Seats that are held for who left are anybody's when their time is over: late rather than never,
and once, however many nodes see to it."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from pymongo.errors import PyMongoError

from elearn.actions.enrollment import free_seats
from elearn.errors import ClientError
from elearn.events.base import RowOf
from elearn.events.enrollments import LeftCourse
from elearn.models import courses
from elearn.nouns.courses import HeldSeat
from elearn.services import Services

AGAIN = timedelta(seconds=2)

log = logging.getLogger("elearn.schedule")


class HeldSeats:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._due: dict[str, datetime] = {}
        self._moved = asyncio.Event()

    async def start(self) -> None:
        self._services.log.publisher.listeners.hear(self._left, LeftCourse)
        for course in await courses.find_holding(self._services.db):
            self._plan(course.id, course.held)
        self._services.tasks.spawn("held seats", self._run())

    def _left(self, row: RowOf[LeftCourse]) -> None:
        if row.data.held:
            self._plan(row.data.course, row.data.held)

    def _plan(self, course: str, held: Sequence[HeldSeat]) -> None:
        first = min(seat.until for seat in held)
        self._due[course] = min(first, self._due.get(course, first))
        self._moved.set()

    async def _run(self) -> None:
        while True:
            self._moved.clear()
            now = self._services.clock()
            for course in [course for course, at in self._due.items() if at <= now]:
                await self._free(course)
            waits = min(self._due.values(), default=None)
            try:
                async with asyncio.timeout((waits - now).total_seconds() if waits else None):
                    await self._moved.wait()
            except TimeoutError:
                pass

    async def _free(self, course: str) -> None:
        del self._due[course]
        try:
            if not await free_seats(self._services, course):
                self._due.setdefault(course, self._services.clock() + AGAIN)
        except (PyMongoError, ClientError) as error:
            log.warning("held seats wait for the store: %s", type(error).__name__)
            self._due[course] = self._services.clock() + AGAIN
