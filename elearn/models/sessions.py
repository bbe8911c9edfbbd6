"""The collection `sessions`: who is signed in where; the list every token is judged against."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from elearn.models import joined_reads
from elearn.models.database import Database
from elearn.models.documents import dump, load_all, load_or_none
from elearn.models.portable import setting
from elearn.nouns.people import Session

LIFE = timedelta(days=30)
TOGETHER = 1_000


async def insert(db: Database, session: Session) -> None:
    await db.sessions.insert_one(dump(session))


async def find(db: Database, session_id: str) -> Session | None:
    return load_or_none(await joined_reads.find_one(db, "sessions", session_id), Session)


async def find_open(db: Database, user: str, now: datetime) -> list[Session]:
    found = load_all(await db.sessions.find({"user": user}).to_list(None), Session)
    alive = [one for one in found if one.ended_at is None and one.expires_at > now]
    return sorted(alive, key=lambda one: one.seen_at, reverse=True)


async def addresses_of(db: Database, user: str) -> set[str]:
    """Where from the person signed in, also where the session has ended."""
    found = await db.sessions.find({"user": user}).to_list(None)
    return {one["address"] for one in found}


async def end(db: Database, session_id: str, user: str, now: datetime) -> bool:
    """Whether this call ended it."""
    result = await db.sessions.update_one(
        {"_id": session_id, "user": user, "ended_at": None}, setting({"ended_at": now})
    )
    return bool(result.modified_count)


async def end_all(db: Database, user: str, at: datetime) -> list[str]:
    """End a person's sessions; their ids, also of those that were ended by doing this before."""
    found = load_all(await db.sessions.find({"user": user}).to_list(None), Session)
    ids = [one.id for one in found if one.ended_at in (None, at) and one.expires_at > at]
    for session in ids:
        await end(db, session, user, at)
    return ids


async def touch(db: Database, ids: Sequence[str], now: datetime) -> None:
    """They were all seen."""
    for begin in range(0, len(ids), TOGETHER):
        some = ids[begin : begin + TOGETHER]
        await db.sessions.update_many({"_id": {"$in": some}}, setting({"seen_at": now}))


async def spend_refresh(db: Database, session_id: str, number: int, now: datetime) -> bool:
    """Move the session from refresh token `number` to the next; False when it was spent."""
    result = await db.sessions.update_one(
        {"_id": session_id, "refresh": number, "ended_at": None},
        setting({"refresh": number + 1, "refreshed_at": now, "expires_at": now + LIFE}),
    )
    return bool(result.modified_count)
