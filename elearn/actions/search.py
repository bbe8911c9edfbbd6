"""Search for a viewer: the engine finds, the store says what is true of what was found."""

import asyncio
from typing import Any

import msgspec

from elearn import views
from elearn.access import User
from elearn.models import courses, enrollments
from elearn.search.backend import Filters, Hit, SearchRequest
from elearn.services import Services


async def suggest(
    services: Services, user: User | None, q: str, filters: Filters, limit: int
) -> dict[str, Any]:
    with services.metrics.search.labels("suggest").time():
        found = await services.search.suggest(q, filters, limit)
    return {
        "q": q,
        "hits": await _hit_nouns(services, user, found.hits),
        "total": found.total,
        "suggestion": found.suggestion,
        "reduced": found.reduced,
    }


async def search_courses(
    services: Services, user: User | None, request: SearchRequest
) -> dict[str, Any]:
    with services.metrics.search.labels("search").time():
        found = await services.search.search(request)
    return {
        "q": request.q,
        "hits": await _hit_nouns(services, user, found.hits),
        "total": found.total,
        "facets": msgspec.to_builtins(found.facets) if found.facets else None,
        "suggestion": found.suggestion,
        "page": request.page,
        "pages": max(1, -(-found.total // request.rows)),
        "reduced": found.reduced,
    }


async def _enrolled_among(services: Services, user: User | None, ids: list[str]) -> set[str]:
    if user is None or not ids:
        return set()
    return await enrollments.find_in_courses(services.db, user.id, ids)


async def _hit_nouns(
    services: Services, user: User | None, hits: tuple[Hit, ...]
) -> list[dict[str, Any]]:
    """Hits with what moves (seats, one's own enrolment) read from the store; what the store no
    longer shows is left out, however far behind the index is."""
    ids = [hit.id for hit in hits]
    known, mine = await asyncio.gather(
        courses.find_many(services.db, ids), _enrolled_among(services, user, ids)
    )
    nouns = []
    for hit in hits:
        course = known.get(hit.id)
        if course is None or not course["published"]:
            continue
        card = views.course_card(course)
        card |= {
            "title_html": hit.title_html,
            "teachers": card["teachers"],
            "teacher_names": course["teacher_names"],
            "viewer_enrolled": hit.id in mine,
            "viewer": {
                "enrolled": hit.id in mine,
                "staff": user is not None and user.id in course["teachers"],
            },
            "url": f"/courses/{hit.id}",
        }
        nouns.append(card)
    return nouns
