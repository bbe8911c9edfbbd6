"""The real catalogue: half-remembered titles are found as often as promised."""

import json

from elearn.search.backend import CourseDocument, Filters

SHARE = 0.97
EVERY = 10
"""One query in ten here; bench/search_quality takes all."""


def read_lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def test_misspelt_titles_are_among_the_first_five(search_with, real_data):
    courses = [
        CourseDocument(
            id=row["id"],
            version=1,
            title=row["title"],
            code=row["code"],
            description=row["description"],
            subject=row["subject"],
        )
        for row in read_lines(real_data / "courses_stolaf.jsonl")
    ]
    queries = read_lines(real_data / "typo_queries_dev.jsonl")[::EVERY]
    async with search_with(courses) as search:
        found = 0
        for row in queries:
            hits = (await search.suggest(row["query"], Filters(), 5)).hits
            found += any(hit.id in row["relevant_ids"] for hit in hits)
    assert found / len(queries) >= SHARE
