"""Where each event stands in its topic: `seq` after the newest row, `n` with what is counted."""

from collections.abc import Iterable

from elearn.events.base import Row
from elearn.log.heads import Heads
from elearn.log.new_events import Pending
from elearn.projections import applying as projections

Numbered = tuple[Pending, Row]


def number(batch: Iterable[Pending], heads: Heads) -> tuple[list[Numbered], list[Pending]]:
    """The rows to store, and what was decided against a head that is no longer the newest."""
    tops: dict[str, tuple[int, int]] = {}
    numbered: list[Numbered] = []
    late: list[Pending] = []
    for pending in batch:
        draft = pending.draft
        head = heads.of(draft.topic)
        seq, n = tops.get(draft.topic, (head.seq, head.n))
        if draft.expect is not None and draft.expect != seq:
            late.append(pending)
            continue
        seq, n = seq + 1, n + draft.data.declared.counts
        tops[draft.topic] = (seq, n)
        numbered.append((pending, _row(pending, seq, n)))
    return numbered, late


def _row(pending: Pending, seq: int, n: int) -> Row:
    draft = pending.draft
    row = Row(
        draft.topic,
        seq,
        n,
        draft.data,
        draft.actor,
        draft.key,
        draft.digest,
        pending.at,
        not draft.reacts,
    )
    if projections.concern(row):
        # Applying is the first of a row's reactions: a crash before it is then mended.
        row.reacted = False
    return row
