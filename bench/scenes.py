"""People for a scene, put straight into the store: what is measured begins after they are there."""

from collections import Counter
from typing import Any

from pymongo import monitoring

from bench.server import Json
from elearn.models.enrollments import enrollment_id
from elearn.models.ids import new_id
from elearn.models.sessions import LIFE
from elearn.services import Services

TOGETHER = 1_000


class StoreCalls(monitoring.CommandListener):
    """Counts what is asked of the store, by command and collection."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        name = event.command_name
        collection = event.command.get("collection" if name == "getMore" else name)
        self.counts[f"{name} {collection}"] += 1

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


async def enrol_many(services: Services, course: str, count: int, tokens: int) -> Json:
    """`count` students of the course; the first `tokens` of them are signed in."""
    signed_in: list[dict[str, str]] = []
    for begin in range(0, count, TOGETHER):
        numbers = range(begin, min(count, begin + TOGETHER))
        people = [_person(services, course, number) for number in numbers]
        await services.db.users.insert_many([one["user"] for one in people])
        await services.db.enrollments.insert_many([one["enrollment"] for one in people])
        await services.db.desks.insert_many([one["desk"] for one in people])
        sessions = [one["session"] for one in people[: max(0, tokens - begin)]]
        if sessions:
            await services.db.sessions.insert_many(sessions)
        signed_in += [
            {
                "user": session["user"],
                "token": services.tokens.access(session["user"], session["_id"]),
            }
            for session in sessions
        ]
    return {"people": signed_in}


def _person(services: Services, course: str, number: int) -> dict[str, dict[str, Any]]:
    now, user = services.clock(), new_id()
    name = f"Student {number}"
    return {
        "user": {
            "_id": user,
            "email": f"{user}@example.org",
            "name": name,
            "name_key": name.casefold(),
            "role": "student",
            "about": "",
            "timezone": "UTC",
            "invisible": False,
            "password": "",
            "created_at": now,
            "seq": 0,
        },
        "enrollment": {
            "_id": enrollment_id(course, user),
            "course": course,
            "user": user,
            "active": True,
            "at": now,
            "since": 0,
            "by": user,
            "seq": 0,
        },
        "desk": {"_id": user, "courses": [course], "head": 0, "whole": 1},
        "session": {
            "_id": new_id(),
            "user": user,
            "agent": "",
            "address": "127.0.0.1",
            "created_at": now,
            "seen_at": now,
            "expires_at": now + LIFE,
            "ended_at": None,
            "refresh": 1,
            "refreshed_at": now,
        },
    }
