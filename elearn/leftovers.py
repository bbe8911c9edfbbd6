"""Rows that nobody works on any more: those that a node stored and did not live to react to."""

from collections.abc import Callable

from elearn.leases import Lease
from elearn.log import Log
from elearn.models.events import Row


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

    async def find(self, limit: int) -> list[Row]:
        rows = [
            row
            for row in await self._log.handover.find_unreacted(limit)
            if not self._log.in_hand(row)
        ]
        if self._lease is None:
            return rows
        if not self._lease.held:
            rows = []
        now = self._now()
        self._seen = {row.id: self._seen.get(row.id, now) for row in rows}
        return [row for row in rows if now - self._seen[row.id] >= self._patience_s]

    @property
    def next_look_s(self) -> float | None:
        """When to look again, while there are rows that may be somebody's."""
        return self._patience_s if self._seen else None
