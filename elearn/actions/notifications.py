"""What a reader does with notices: seen, read, unread again, taken back. What each person has seen
and read is arithmetic, so that telling a whole course is one row.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from elearn.actions.act import Act, UnchangedError
from elearn.actions.notice_lists import Counts, counts_of, newest_of, notice_topics
from elearn.errors import InvalidField
from elearn.events.base import holds
from elearn.events.notices import NoticesRead
from elearn.log.new_events import NewEvent
from elearn.models import events, notice_states
from elearn.notices import state as state_of
from elearn.notices.state import State
from elearn.nouns.notices import NoticeState
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics


class Marked(Counts, frozen=True):
    """`undo` takes back what this changed, None when that is nothing."""

    undo: str | None


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
) -> Marked:
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
        rows = await newest_of(services, user, sources)
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


async def take_back(services: Services, act: Act, undo: str) -> Marked:
    """What `mark_read` changed is as it was before, whatever has come since."""
    topic = topics.user(act.user.id)
    place = topics.place(undo)
    row = (await events.find(services.db, [undo])).get(undo)
    if place is None or place[0] != topic or row is None or not holds(row, NoticesRead):
        raise InvalidField("There is nothing to take back.", field="undo")
    after = row.data.topics
    earlier = await events.page(services.db, topic, NoticesRead, limit=1, before=row.seq)
    before = earlier[0].data.topics if earlier else {}
    return await _change(services, act, lambda now: state_of.taken_back(before, after, now))


async def _change(
    services: Services, act: Act, change: Callable[[State], dict[str, NoticeState]], **what: Any
) -> Marked:
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
        rows = await newest_of(services, act.user, sources)
        counts = counts_of(rows, after)
        if state_of.same(after, {t: own for t, own in state.items() if t in sources}):
            raise UnchangedError
        read = NoticesRead(topics=after, unseen=counts.unseen, unread=counts.unread, **what)
        return act.says(topic, read, reacts=False)

    try:
        row = await services.log.decide(topic, decide)
    except UnchangedError:
        return Marked(counts.unseen, counts.unread, None)
    assert holds(row, NoticesRead)
    return Marked(row.data.unseen, row.data.unread, row.id)
