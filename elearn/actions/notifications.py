"""Notices for a reader: rows on `user:`, `course:` and `staff:`, and one state a person.

Telling a whole course is one row; what each person has seen and read is arithmetic over it.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from elearn.access.courses import taught_ids
from elearn.actions.act import Act, UnchangedError
from elearn.caches.newest_notices import Notice
from elearn.errors import InvalidField
from elearn.events.base import holds
from elearn.events.notices import NoticesRead, notice_of
from elearn.log.new_events import NewEvent
from elearn.models import enrollments, notice_states
from elearn.notices import state as state_of
from elearn.notices.decide import is_for
from elearn.notices.state import State
from elearn.nouns.notices import NoticeNoun, NoticeState
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics


class NoticePage(msgspec.Struct, frozen=True):
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


async def _newest(services: Services, user: User, sources: Mapping[str, int]) -> list[Notice]:
    """The newest notices over all topics, 100 a topic at most, newest first."""
    pages = await services.newest_notices.newest(sources)
    return _in_order(user, sources, pages.values())


async def _older(
    services: Services, user: User, sources: Mapping[str, int], place: tuple[int, str]
) -> list[Notice]:
    """The same, of those not newer than the one at a place."""
    milliseconds, ident = place
    at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    pages = await services.newest_notices.older(sources, at, topics.place(ident))
    return _in_order(user, sources, pages.values())


def _in_order(
    user: User, sources: Mapping[str, int], pages: Iterable[list[Notice]]
) -> list[Notice]:
    rows = [
        row
        for page in pages
        for row in page
        if row.seq > sources[row.topic] and is_for(user.id, row)
    ]
    return sorted(rows, key=lambda row: (row.at, row.id), reverse=True)


def _counts(rows: Sequence[Notice], state: State) -> Counts:
    return Counts(
        sum(not state_of.is_seen(state, row.topic, row.seq) for row in rows),
        sum(not state_of.is_read(state, row.topic, row.seq) for row in rows),
    )


async def count_notices(services: Services, user: User) -> Counts:
    sources = await notice_topics(services, user)
    rows, state = await asyncio.gather(
        _newest(services, user, sources), notice_states.find(services.db, user.id)
    )
    return _counts(rows, state)


async def list_notices(
    services: Services,
    user: User,
    *,
    before: str | None = None,
    category: str | None = None,
    unread: bool = False,
    limit: int = 20,
) -> NoticePage:
    """Newest first. `next` names the last one shown: `<milliseconds>/<id>`."""
    sources = await notice_topics(services, user)
    state = await notice_states.find(services.db, user.id)
    rows = await _newest(services, user, sources)
    counts = _counts(rows, state)
    if before is not None:
        place = _read_place(before)
        rows = await _older(services, user, sources, place)
        rows = [row for row in rows if _place(row) < place]
    wanted = [
        row
        for row in rows
        if (category is None or row.data.notice.category == category)
        and not (unread and state_of.is_read(state, row.topic, row.seq))
    ]
    shown = wanted[:limit]
    more = None
    if len(wanted) > limit:
        milliseconds, ident = _place(shown[-1])
        more = f"{milliseconds}/{ident}"
    return NoticePage([noun(row, state) for row in shown], counts.unseen, counts.unread, more)


def noun(row: Notice, state: State) -> NoticeNoun:
    return notice_of(
        row,
        row.data.notice,
        seen=state_of.is_seen(state, row.topic, row.seq),
        read=state_of.is_read(state, row.topic, row.seq),
    )


def _place(row: Notice) -> tuple[int, str]:
    return int(row.at.timestamp() * 1000), row.id


def _read_place(text: str) -> tuple[int, str]:
    milliseconds, _, ident = text.partition("/")
    if not milliseconds.isascii() or not milliseconds.isdigit() or len(milliseconds) > 14:
        raise InvalidField("This is not where a page of notices ended.", field="before")
    return int(milliseconds), ident


async def mark_seen(services: Services, act: Act, through: Mapping[str, int] | None) -> Counts:
    """The badge was looked at: up to these places, or all."""
    places = await _places(services, act.user, through)
    return await _change(
        services, act, lambda state: state_of.seen_through(state, places), seen=places
    )


async def mark_read(
    services: Services,
    act: Act,
    *,
    ids: Sequence[str] = (),
    everything: bool = False,
    category: str | None = None,
    read: bool = True,
) -> Counts:
    """Some notices by id, or all, or all of a category; `read: False` takes it back."""
    if everything and category is None and read:
        places = await _places(services, act.user, None)
        return await _change(
            services,
            act,
            lambda state: state_of.read_through(state, places),
            all=True,
            read=True,
        )
    chosen = await _chosen(services, act.user, ids, everything, category)
    return await _change(
        services,
        act,
        lambda state: state_of.with_read(state, chosen, read=read),
        ids=[topics.event_id(*place) for place in chosen],
        read=read,
    )


async def _chosen(
    services: Services, user: User, ids: Sequence[str], everything: bool, category: str | None
) -> list[tuple[str, int]]:
    sources = await notice_topics(services, user)
    if everything:
        rows = await _newest(services, user, sources)
        return [
            (row.topic, row.seq)
            for row in rows
            if category is None or row.data.notice.category == category
        ]
    places = [topics.place(one) for one in ids]
    if any(place is None or place[0] not in sources for place in places):
        raise InvalidField("There is no such notice.", field="ids")
    return [place for place in places if place is not None]


async def _places(
    services: Services, user: User, through: Mapping[str, int] | None
) -> dict[str, int]:
    """Positions that exist on topics that are this person's, whatever was sent."""
    sources = await notice_topics(services, user)
    heads = await services.log.heads(list(sources))
    if through is None:
        return {topic: head.visible for topic, head in heads.items() if head.visible_n}
    return {t: min(seq, heads[t].visible) for t, seq in through.items() if t in sources}


async def _change(
    services: Services, act: Act, change: Callable[[State], dict[str, NoticeState]], **what: Any
) -> Counts:
    """Stores `notification.read` with the state after it, on the reader's topic: every tab hears
    it. The row carries the whole small state, so applying it needs nothing else; `what` says in
    short what changed. A change that changes nothing stores nothing."""
    topic = topics.user(act.user.id)
    sources = await notice_topics(services, act.user)

    counts = Counts(0, 0)

    async def decide() -> NewEvent:
        nonlocal counts
        state = await notice_states.find(services.db, act.user.id)
        after = {t: own for t, own in change(state).items() if t in sources}
        rows = await _newest(services, act.user, sources)
        counts = _counts(rows, after)
        if state_of.same(after, {t: own for t, own in state.items() if t in sources}):
            raise UnchangedError
        read = NoticesRead(topics=after, unseen=counts.unseen, unread=counts.unread, **what)
        return act.says(topic, read, reacts=False)

    try:
        row = await services.log.decide(topic, decide)
    except UnchangedError:
        return counts
    assert holds(row, NoticesRead)
    return Counts(row.data.unseen, row.data.unread)
