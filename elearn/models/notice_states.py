"""The collection `notice_states`: what a person has seen and read, one document a person."""

from collections.abc import Iterable

import msgspec

from elearn.models.database import Database
from elearn.models.documents import load, put_newer
from elearn.nouns.notices import NoticeState

State = dict[str, NoticeState]
"""By topic."""


class _Document(msgspec.Struct, frozen=True):
    id: str = msgspec.field(name="_id")
    topics: State = {}
    seq: int = 0


async def find(db: Database, user: str) -> State:
    found = await db.notice_states.find_one({"_id": user})
    return load(found, _Document).topics if found else {}


async def put(db: Database, states: Iterable[tuple[str, int, State]]) -> None:
    """Each `(user, seq, topics)`: the state after the row `seq` of the user's topic."""
    await put_newer(
        db.notice_states, *(_Document(user, topics, seq) for user, seq, topics in states)
    )
