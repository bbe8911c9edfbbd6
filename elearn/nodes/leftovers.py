"""Rows that nobody works on any more: those that a node stored and did not live to react to, and
those whose reactions failed."""

from collections.abc import Callable
from math import inf

from elearn.events.base import Row
from elearn.log.log import Log
from elearn.nodes.leases import Lease

RETRY_S = (30.0, 1_800.0)


class Leftovers:
    """A node reacts to the rows it stored, from memory. What it leaves is seen by the node that
    has the lease: rows that wait for longer than `patience_s` of that node's own time (the row's
    time says little: nodes' clocks differ). Without a lease there is no other node to wait for."""

    def __init__(
        self, log: Log, lease: Lease | None, patience_s: float, now: Callable[[], float]
    ) -> None:
        self._log = log
        self._lease = lease
        self._patience_s = patience_s
        self._now = now
        self._seen: dict[str, float] = {}
        self._retry_at, self._retry_s = now(), RETRY_S[0]
        self._own_at = inf

    async def find(self, limit: int) -> list[Row]:
        found = await self._log.reaction_queue.find_unreacted(limit)
        rows = [row for row in found if not self._log.in_hand(row)]
        if self._lease is None:
            return rows
        if not self._lease.held:
            rows = []
        now = self._now()
        self._seen = {row.id: self._seen.get(row.id, now) for row in rows}
        return [row for row in rows if now - self._seen[row.id] >= self._patience_s]

    @property
    def due(self) -> bool:
        """Whether what was set aside is to be tried again: by the node with the lease, and by the
        one where it has just failed, which the other does not know of."""
        leads = self._lease is None or self._lease.held
        return self._now() >= (min(self._retry_at, self._own_at) if leads else self._own_at)

    async def retry(self) -> None:
        """At the start, and then ever less often: what was set aside is left over once more."""
        if not self.due:
            return
        await self._log.reaction_queue.take_back()
        self._own_at = inf
        self._retry_at = self._now() + self._retry_s
        self._retry_s = min(2 * self._retry_s, RETRY_S[1])

    def retry_soon(self) -> None:
        """Something failed for the first time."""
        self._retry_s = RETRY_S[0]
        self._own_at = min(self._own_at, self._now() + self._retry_s)

    @property
    def next_look_s(self) -> float | None:
        """When to look again, while there are rows that may be somebody's."""
        return self._patience_s if self._seen else None
