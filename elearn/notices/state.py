"""What a person has seen and read, as arithmetic: pure functions from one state to the next."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from elearn.nouns.notices import NoticeState

State = Mapping[str, NoticeState]
"""By topic."""

EXCEPTIONS = 200
BLANK = NoticeState()


def same(one: State, other: State) -> bool:
    """Whether they say the same: a topic of which nothing is known says nothing."""
    return _said(one) == _said(other)


def _said(state: State) -> dict[str, NoticeState]:
    return {topic: own for topic, own in state.items() if own != NoticeState()}


def is_seen(state: State, topic: str, seq: int) -> bool:
    return seq <= state.get(topic, BLANK).seen


def is_read(state: State, topic: str, seq: int) -> bool:
    own = state.get(topic, BLANK)
    if seq <= own.read:
        return seq not in own.unread
    return seq in own.extra


def seen_through(state: State, through: Mapping[str, int]) -> dict[str, NoticeState]:
    after = dict(state)
    for topic, seq in through.items():
        own = state.get(topic, BLANK)
        after[topic] = replace(own, seen=max(own.seen, seq))
    return after


def read_through(state: State, through: Mapping[str, int]) -> dict[str, NoticeState]:
    """Everything at or below is read: the exceptions below it are forgotten."""
    after = dict(state)
    for topic, seq in through.items():
        own = state.get(topic, BLANK)
        top = max(own.read, seq)
        after[topic] = NoticeState(
            seen=max(own.seen, top),
            read=top,
            unread=[one for one in own.unread if one > seq],
            extra=[one for one in own.extra if one > top],
        )
    return after


def with_read(
    state: State, places: Iterable[tuple[str, int]], *, read: bool
) -> dict[str, NoticeState]:
    """Some notices read, or unread again; the oldest exceptions give way beyond the limit."""
    after = dict(state)
    for topic, seq in places:
        after[topic] = _with_one(after.get(topic, BLANK), seq, read)
    return after


def _with_one(own: NoticeState, seq: int, read: bool) -> NoticeState:
    below = seq <= own.read
    exceptions = [one for one in (own.unread if below else own.extra) if one != seq]
    if below != read:
        exceptions = sorted([*exceptions, seq])[-EXCEPTIONS:]
    others = [one for one in (own.extra if below else own.unread) if one != seq]
    return NoticeState(
        seen=max(own.seen, seq) if read else own.seen,
        read=own.read,
        unread=exceptions if below else others,
        extra=others if below else exceptions,
    )


def taken_back(before: State, after: State, now: State) -> dict[str, NoticeState]:
    """`now` without the change that made `after` of `before`. What was read or marked one by one
    since is kept; where everything was read since, that stands."""
    undone = {t: _undone(*(one.get(t, BLANK) for one in (before, after, now))) for t in after}
    return {**now, **undone}


def _undone(before: NoticeState, after: NoticeState, now: NoticeState) -> NoticeState:
    if now.read != after.read:
        return now
    own = replace(before, seen=before.seen if now.seen == after.seen else now.seen)
    for seq in sorted({*now.unread, *after.unread, *now.extra, *after.extra}):
        was, is_now = (is_read({"": one}, "", seq) for one in (after, now))
        if was != is_now:
            own = _with_one(own, seq, is_now)
    return own
