"""Notices for a reader: rows on `user:`, `course:` and `staff:` put together, by the rule of what
may still be seen; what of them is seen and read is arithmetic over one state a person."""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from elearn.access.courses import taught_ids
from elearn.actions.notice_search import NoticeSearch, place_text, read_place, seen_rows
from elearn.caches.newest_notices import Notice, place_of
from elearn.events.notices import notice_of
from elearn.models import enrollments, notice_states
from elearn.notices import state as state_of
from elearn.notices.state import State
from elearn.nouns.notices import NoticeNoun
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics
from elearn.wire.budgets import fitted


class NoticePage(msgspec.Struct, frozen=True):
    """`next` names a place, `<milliseconds>/<id>`: there may be more below it, also when there is
    nothing on this page."""

    notices: list[NoticeNoun]
    unseen: int
    unread: int
    next: str | None


class Counts(msgspec.Struct, frozen=True):
    """At most 99 each and then 99+: a topic's newest 100 notices are looked at."""

    unseen: int
    unread: int


async def notice_topics(services: Services, user: User) -> dict[str, int]:
    """The topics whose notices a person may see, with `since` of each."""
    taught = await taught_ids(services.db, user)
    found = {topics.user(user.id): 0}
    for one in await enrollments.find_of_user(services.db, user.id):
        found[topics.course(one.course)] = one.since
    for course in taught:
        found[topics.course(course)] = 0
        found[topics.staff(course)] = 0
    return found


async def newest_of(services: Services, user: User, sources: Mapping[str, int]) -> list[Notice]:
    """The newest that the person may see of each topic, 100 at most."""
    pages = await services.newest_notices.newest(sources)
    return await seen_rows(services, user, sources, pages.values())


def counts_of(rows: Sequence[Notice], state: State) -> Counts:
    return Counts(
        sum(not state_of.is_seen(state, row.topic, row.seq) for row in rows),
        sum(not state_of.is_read(state, row.topic, row.seq) for row in rows),
    )


async def count_notices(services: Services, user: User) -> Counts:
    sources = await notice_topics(services, user)
    rows, state = await asyncio.gather(
        newest_of(services, user, sources), notice_states.find(services.db, user.id)
    )
    return counts_of(rows, state)


async def list_notices(
    services: Services,
    user: User,
    *,
    before: str | None = None,
    category: str | None = None,
    unread: bool = False,
    limit: int = 20,
) -> NoticePage:
    """Newest first. What is rare among much else is looked for in bounded steps: then `next` leads
    on from where this ended."""
    sources = await notice_topics(services, user)
    state = await notice_states.find(services.db, user.id)
    pages = await services.newest_notices.newest(sources)
    rows = await seen_rows(services, user, sources, pages.values())
    counts = counts_of(rows, state)

    def wanted(row: Notice) -> bool:
        if category is not None and row.data.notice.category != category:
            return False
        return not (unread and state_of.is_read(state, row.topic, row.seq))

    search = NoticeSearch(services, user, sources, read_place(before) if before else None)
    await search.begin(pages, rows)
    shown, more = await search.find(wanted, limit)
    nouns, left = fitted((noun(row, state) for row in shown), limit)
    if left:
        more = place_text(place_of(shown[len(nouns) - 1]))
    return NoticePage(nouns, counts.unseen, counts.unread, more)


def noun(row: Notice, state: State) -> NoticeNoun:
    return notice_of(
        row,
        row.data.notice,
        seen=state_of.is_seen(state, row.topic, row.seq),
        read=state_of.is_read(state, row.topic, row.seq),
    )
