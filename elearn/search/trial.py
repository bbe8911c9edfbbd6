"""What a new index has to stand before it takes the place of the old one."""

import random
from collections.abc import Iterable, Sequence

import msgspec

from elearn.nouns.courses import Course
from elearn.search.backend import Candidate, CourseDocument, Filters
from elearn.search.queries import read_query

MOST_CHANGE = 0.1
SAMPLE = 20
FIRST = 20


class Trial(msgspec.Struct, frozen=True):
    """What was found: the courses `sent` to the index and those it counts, the rows that came
    meanwhile, the courses in the index `before` (None without one), how many changes at most it
    was not told of (`untold`), titles that are not found."""

    sent: int
    count: int
    moved: int
    before: int | None
    untold: int
    lost: tuple[str, ...]

    @property
    def doubts(self) -> list[str]:
        """Why it should not be switched to, in words."""
        found = []
        if abs(self.count - self.sent) > self.moved:
            found.append(f"it holds {self.count} of the {self.sent} courses of the catalogue")
        if self.before and abs(self.count - self.before) > MOST_CHANGE * self.before + self.untold:
            change = abs(self.count - self.before) / self.before
            found.append(
                f"it holds {self.count} courses and the one in use {self.before}:"
                f" a change of {change:.0%}, more than {MOST_CHANGE:.0%}"
            )
        if self.lost:
            found.append(f"searching for “{self.lost[0]}” does not find that course")
        return found


class Sample:
    """Some of the courses that pass, each as likely as any other."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.sent = 0
        self.titles: dict[str, str] = {}

    def take(self, documents: Iterable[CourseDocument]) -> None:
        for one in documents:
            self.sent += 1
            if len(self.titles) < SAMPLE:
                self.titles[one.id] = one.title
            elif self._chance.randrange(self.sent) < SAMPLE:
                del self.titles[self._chance.choice(list(self.titles))]
                self.titles[one.id] = one.title


async def lost_titles(
    built: Candidate, sample: Sample, stored: Sequence[Course]
) -> tuple[str, ...]:
    """Titles of the sample that the index does not find. A course that changed since it was read
    says nothing, nor does a title without a word."""
    lost = []
    for course in stored:
        title = sample.titles[course.id]
        if not course.published or course.title != title or not read_query(title).words:
            continue
        hits = (await built.suggest(title, Filters(), FIRST)).hits
        # Many courses may have one title: any of them will do.
        if title not in [hit.title for hit in hits]:
            lost.append(title)
    return tuple(lost)
