"""From a stored course to what is indexed: pure, and the same for both engines."""

import time
from collections.abc import Callable
from datetime import datetime

import msgspec

from elearn.nouns.courses import Course
from elearn.search.backend import CourseDocument
from elearn.search.words import compact, initials, joined, terms, words

DAY_S = 86_400
STEMMERS = {"en": "english", "es": "spanish", "fr": "french", "de": "german"}
LANGUAGE_NAMES = {
    "english": "en",
    "spanish": "es",
    "espanol": "es",
    "french": "fr",
    "francais": "fr",
    "german": "de",
    "deutsch": "de",
}


def course_document(course: Course, version: int) -> CourseDocument:
    """The document of a published course; `ValueError` for any other: it must not be indexed."""
    if not course.published:
        raise ValueError("only published courses are indexed")
    return CourseDocument(
        id=course.id,
        version=version,
        title=course.title,
        code=course.code,
        summary=course.summary,
        description=course.description,
        subject=course.subject,
        level=course.level,
        language=course.language,
        teachers=tuple(course.teacher_names),
        enrolled=course.enrolled,
        open=course.capacity is None or course.enrolled < course.capacity,
        created_at=_ms(course.created_at) or 0,
        opens_at=_ms(course.opens_at),
        closes_at=_ms(course.closes_at),
    )


class IndexFields(msgspec.Struct, frozen=True):
    """The searchable texts of a course: folded words, one space apart.

    `key` is the whole title, `title` its terms, `near` these and what else names the course,
    `everything` that and the running text.
    """

    key: str
    code: str
    title: str
    near: str
    everything: str
    acronyms: tuple[str, ...]


def index_fields(document: CourseDocument) -> IndexFields:
    title, typed = terms(document.title), words(document.title)
    code = compact(words(document.code))
    named = (*title, *terms(document.code), code, *terms(document.subject))
    near = (*named, *(term for name in document.teachers for term in terms(name)))
    text = (*terms(document.summary), *terms(document.description))
    return IndexFields(
        key=joined(typed),
        code=code,
        title=" ".join(title),
        near=" ".join(near),
        everything=" ".join((*near, *text)),
        acronyms=initials(typed),
    )


def stemmer_language(language: str) -> str:
    """The two-letter key of `STEMMERS` for a course's language, by code or name; else English."""
    known = "".join(words(language.replace("_", "-").split("-")[0]))
    known = LANGUAGE_NAMES.get(known, known)
    return known if known in STEMMERS else "en"


def start_of_day(now_s: Callable[[], float] = time.time) -> int:
    """In epoch ms: what opens from here on is to come. By whole days, so that the pages of one
    search agree."""
    return int(now_s() // DAY_S * DAY_S * 1000)


def this_minute(now_s: Callable[[], float] = time.time) -> int:
    """In epoch ms: whether enrolment is open is asked by whole minutes, so that engines may keep
    an answer."""
    return int(now_s() // 60 * 60_000)


def _ms(time: datetime | None) -> int | None:
    return None if time is None else int(time.timestamp() * 1000)
