"""Nothing of a course that may not be seen: visibility changes at random, during rebuilds too."""

import random

from elearn.events.base import Row
from elearn.nouns.courses import Course
from elearn.search.backend import Filters, SearchRequest
from elearn.search.catalog import Catalog
from elearn.search.indexer import Indexer
from tests.catalogue import a_course, named, unlisted

WORDS = ["amber", "basalt", "cobalt", "dolomite", "ebony", "feldspar", "garnet", "hematite"]
ROUNDS = 24
SEED = 7


async def test_an_unpublished_course_leaves_no_trace_in_any_answer(search_with):
    chance = random.Random(SEED)
    courses: dict[str, Course] = {}
    rows: list[Row] = []

    def change() -> None:
        number = chance.randrange(len(WORDS))
        id, word = f"{number + 1:024x}", WORDS[number]
        if id in courses and chance.random() < 0.2:
            del courses[id]
        else:
            courses[id] = a_course(
                id,
                f"Study of {word}",
                subject=word,
                description=f"{word}ish things",
                teachers=[word],
                teacher_names=[f"Doctor {word}"],
                published=chance.random() < 0.5,
            )
        seq, course = len(rows) + 1, courses.get(id)
        rows.append(named(seq, course) if course else unlisted(seq, id))

    async def head():
        return "e", len(rows)

    async def read_rows(after, limit):
        return rows[after : after + limit]

    async def read_courses(ids):
        return [courses[id] for id in ids if id in courses]

    async def all_courses():
        for course in list(courses.values()):
            yield [course]
            change()

    async with search_with([]) as search:
        indexer = Indexer(search, Catalog(head, read_rows, read_courses, all_courses))
        for round_ in range(ROUNDS):
            change()
            if round_ % 8 == 0:
                await indexer.rebuild()
            await indexer.catch_up()
            await search.refresh()
            seen = {one.subject for one in courses.values() if one.published}
            page = await search.search(SearchRequest(facets=True))
            assert page.total == len(seen) == await search.count()
            assert {value.value for value in page.facets.subject} == seen
            assert {value.value for value in page.facets.teacher} == {f"Doctor {w}" for w in seen}
            for word in WORDS:
                # As typed, begun, misspelt, elsewhere in the course.
                for typed in (word, word[:4], word[:2] + "x" + word[3:], f"{word}ish"):
                    found = await search.suggest(typed, Filters(), 20)
                    told = f"{found.suggestion} {[hit.title for hit in found.hits]}"
                    assert not [hidden for hidden in WORDS if hidden in told and hidden not in seen]
                    assert word not in seen or word in told
