"""What is searched for, as counts that tell of nobody: for ops what found nothing and what was
slow, for teachers what led to their course. Written behind; a crash loses a few seconds of it."""

import asyncio
import logging
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any

import msgspec
from pymongo.errors import PyMongoError

from elearn.events.base import RowOf
from elearn.events.enrollments import Enrolled
from elearn.events.listeners import Listeners
from elearn.metrics import Metrics
from elearn.models import searches
from elearn.models.database import Database
from elearn.models.searches import Tally
from elearn.nouns.courses import Course
from elearn.parts import Part
from elearn.search.texts import SharedTexts, Titled, shorten, text_of_course, text_of_titles

KEPT_DAYS = 30
NEW_A_DAY = 1_000
SLOW_S = 0.2
SLOW_KEPT = 50
SETTLED_S = 2.0
"""After the last key: until then a text is on its way to another one."""
ONCE_S = 3_600.0
"""Within it a person's same search counts once, and an enrolment is due to the result opened."""
WRITE_S = 5.0
KNOWN = 10_000

log = logging.getLogger("elearn.searches")


class Asked(msgspec.Struct, frozen=True):
    """One search as it was answered. `found` counts all that was shown, `narrowed` says that
    filters were set: what they leave out is not missing from the catalogue. `meant` is the
    better spelling that was offered."""

    kind: str
    q: str
    found: int
    took_s: float
    narrowed: bool = False
    reduced: bool = False
    meant: str | None = None


class Slow(msgspec.Struct, frozen=True):
    """One slow search. The text is shown only when it may be kept."""

    at: datetime
    asked: Asked


class Searches(Part):
    def __init__(
        self,
        db: Database,
        clock: Callable[[], datetime],
        titled: Titled,
        *,
        now_s: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.shared: SharedTexts[tuple[str, str]] = SharedTexts()
        self.slow: deque[Slow] = deque(maxlen=SLOW_KEPT)
        self.answered = self.empty = self.slow_answers = self.reduced_answers = 0
        self._db = db
        self._clock = clock
        self._titled = titled
        self._now_s = now_s
        self._pause = pause
        self._typed: OrderedDict[str, tuple[float, Asked]] = OrderedDict()
        self._led: OrderedDict[tuple[str, str], tuple[float, str]] = OrderedDict()
        self._seen: OrderedDict[tuple[str, tuple[str, str], str], float] = OrderedDict()
        self._counts: Counter[Tally] = Counter()
        self._of_today: set[Tally] = set()
        self._day = 0

    def since(self) -> int:
        """The first day that is kept."""
        return self._clock().toordinal() - KEPT_DAYS

    def shown(self, asked: Asked) -> str | None:
        """The text of it where it may be shown."""
        text = self._text(asked)
        return text if text in self.shared else None

    def _text(self, asked: Asked) -> str | None:
        return text_of_titles(asked.meant or asked.q, self._titled)

    def asked(self, person: str | None, asked: Asked) -> None:
        """Suggestions count when the typing has stopped, and those of visitors not at all: nobody
        can tell whose next key it was."""
        self.answered += 1
        self.reduced_answers += asked.reduced
        if asked.took_s >= SLOW_S:
            self.slow_answers += 1
            self.slow.append(Slow(self._clock(), asked))
        if asked.kind != "suggest":
            self._typed.pop(person or "", None)
            self._count(person, asked)
        elif person is not None:
            self._typed[person] = (self._now_s(), asked)
            self._typed.move_to_end(person)
            shorten(self._typed, KNOWN)

    def opened(self, person: str, found: Course, q: str) -> None:
        """Somebody opened the course from the results of `q`."""
        course = found.id
        if (text := text_of_course(q, found)) is None:
            return
        self._led[person, course] = (self._now_s(), text)
        self._led.move_to_end((person, course))
        shorten(self._led, KNOWN)
        self._note(text, person, (course, "opened"))

    def listen(self, listeners: Listeners) -> None:
        listeners.hear(self._enrolled, Enrolled)

    def _enrolled(self, row: RowOf[Enrolled]) -> None:
        if row.kind != "course":
            return
        course = row.data.course
        at_s, text = self._led.pop((row.actor, course), (0.0, ""))
        if text and self._now_s() - at_s < ONCE_S:
            self._note(text, row.actor, (course, "enrolled"))

    def loops(self) -> dict[str, Coroutine[Any, Any, None]]:
        return {"searches": self.run()}

    def show(self, metrics: Metrics) -> None:
        metrics.search_slow.set_function(lambda: self.slow_answers)
        metrics.search_empty.set_function(lambda: self.empty)

    async def run(self) -> None:
        try:
            self.shared.learn(await searches.texts(self._db, self.since()))
        except PyMongoError as error:
            log.warning("shared searches are learned anew: %s", type(error).__name__)
        while True:
            await self._pause(WRITE_S)
            await self.flush()

    async def flush(self) -> None:
        settled_s = self._now_s() - SETTLED_S
        for person, (at_s, asked) in list(self._typed.items()):
            if at_s <= settled_s:
                del self._typed[person]
                self._count(person, asked)
        counts, self._counts = self._counts, Counter()
        try:
            await searches.add(self._db, counts)
            if self._day != (today := self._clock().toordinal()):
                await searches.forget(self._db, self.since())
                self._day = today
                self._of_today.clear()
        except PyMongoError as error:
            log.warning("counts of searches are lost: %s", type(error).__name__)

    def _count(self, person: str | None, asked: Asked) -> None:
        empty = not asked.found and not asked.narrowed and bool(asked.q.strip())
        self.empty += empty
        if (text := self._text(asked)) is not None:
            self._note(text, person, ("", "nothing") if empty else None)

    def _note(self, text: str, person: str | None, place: tuple[str, str] | None) -> None:
        if place is not None and person is not None and self._repeated(person, place, text):
            return
        day = self._clock().toordinal()
        for (about, what), count in self.shared.note(text, person, place).items():
            tally = Tally(day, about, what, text)
            if tally in self._of_today or len(self._of_today) < NEW_A_DAY:
                self._of_today.add(tally)
                self._counts[tally] += count

    def _repeated(self, person: str, place: tuple[str, str], text: str) -> bool:
        now_s, key = self._now_s(), (person, place, text)
        if now_s - self._seen.get(key, -ONCE_S) < ONCE_S:
            return True
        self._seen[key] = now_s
        self._seen.move_to_end(key)
        shorten(self._seen, KNOWN)
        return False
