"""What searches came to: for admins how search does, for teachers what led to their course."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pymongo.errors import PyMongoError

from elearn.access.courses import is_staff, require_course, require_staff
from elearn.access.people import require_admin
from elearn.errors import ClientError
from elearn.indexing.rebuilds import job_of
from elearn.models import jobs, searches
from elearn.nouns.people import User
from elearn.search.backend import SearchBackend
from elearn.search.engines import ELASTICSEARCH, EMBEDDED
from elearn.services import Services

ROWS = 50
COUNT_S = 1.0


async def note_opened(services: Services, user: User, q: str, course_id: str) -> None:
    """Somebody opened a course from the results of a search. Stores nothing of who that was."""
    course = await require_course(services.db, user, course_id)
    if not is_staff(user, course):
        services.searches.opened(user.id, course, q)


async def searches_to_course(
    services: Services, user: User, course_id: str
) -> list[dict[str, Any]]:
    """For its staff: texts of the last 30 days with how often the course was opened from their
    results, and how many then enrolled; the most helpful first."""
    await require_staff(services.db, user, course_id)
    rows = await searches.of(services.db, course_id, services.searches.since())
    texts = _by_text(rows)
    return [
        {"q": q, "opened": counts["opened"], "enrolled": counts["enrolled"]}
        for q, counts in sorted(
            texts.items(), key=lambda one: (-one[1]["enrolled"], -one[1]["opened"], one[0])
        )
    ][:ROWS]


async def report_search(services: Services, user: User) -> dict[str, Any]:
    """For admins: the state of the indexes, what was slow and what found nothing."""
    require_admin(user)
    heard = services.searches
    rows = await searches.of(services.db, "", heard.since())
    newest = {row["q"]: row["day"] for row in reversed(rows)}
    today = services.clock().toordinal()
    nothing = Counter({q: counts["nothing"] for q, counts in _by_text(rows).items()})
    guard = services.engines.guard
    return {
        "reduced": guard is not None and guard.breaker.open,
        "reduced_answers": heard.reduced_answers,
        "answered": heard.answered,
        "empty": heard.empty,
        "slow_answers": heard.slow_answers,
        "indexes": await _indexes(services),
        "rebuild": _rebuild(await jobs.find(services.db, job_of(services.config))),
        "nothing": [
            {"q": q, "count": count, "days_ago": today - newest[q]}
            for q, count in nothing.most_common(ROWS)
        ],
        "slow": [
            {
                "at": one.at,
                "kind": one.asked.kind,
                "took_ms": round(one.asked.took_s * 1000),
                "q": heard.shown(one.asked),
                "letters": len(one.asked.q.strip()),
                "narrowed": one.asked.narrowed,
            }
            for one in reversed(heard.slow)
        ],
    }


def _by_text(rows: Iterable[Mapping[str, Any]]) -> dict[str, Counter[str]]:
    texts: dict[str, Counter[str]] = {}
    for row in rows:
        texts.setdefault(row["q"], Counter())[row["what"]] += row["count"]
    return texts


async def _indexes(services: Services) -> list[dict[str, Any]]:
    engines: dict[str, SearchBackend] = {EMBEDDED: services.search}
    if services.engines.guard is not None:
        engines = {ELASTICSEARCH: services.search, EMBEDDED: services.engines.guard.spare}
    counts = await asyncio.gather(*map(_count, engines.values()))
    return [
        {
            "name": name,
            "courses": count,
            "lag_s": round(services.engines.watches[name].lag_s, 1),
            "failures": services.engines.watches[name].failures,
            "failed_at": services.engines.watches[name].failed_at,
        }
        for name, count in zip(engines, counts, strict=True)
    ]


async def _count(engine: SearchBackend) -> int | None:
    """None when it does not answer."""
    try:
        async with asyncio.timeout(COUNT_S):
            return await engine.count()
    except (TimeoutError, ClientError, PyMongoError):
        return None


def _rebuild(job: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if job is None:
        return None
    return {name: job[name] for name in ("state", "done", "text")}
