"""A lease: work that one node does for all, and another one takes over when that node is gone."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from pymongo.errors import PyMongoError

from elearn.models import leases
from elearn.models.database import Database

LIFE_S = 10.0

log = logging.getLogger("elearn.leases")


class Lease:
    """Kept by renewing it three times a life. A node that sees no renewal for a whole life of its
    own takes it: it measures how long it has seen nothing, and compares its clock with nobody's.
    """

    def __init__(
        self,
        db: Database,
        name: str,
        holder: str,
        *,
        life_s: float = LIFE_S,
        now: Callable[[], float] | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._db = db
        self._name = name
        self._holder = holder
        self._life_s = life_s
        self._now = now or asyncio.get_running_loop().time
        self._pause = pause
        self._seen: tuple[tuple[str, int], float] | None = None
        self._renewed = 0.0
        self._mine = self._over = False
        self.gained: list[Callable[[], None]] = []

    @property
    def held(self) -> bool:
        """Whether it is this node's: not any more when it could not be renewed in time."""
        return self._mine and self._now() - self._renewed < self._life_s

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except PyMongoError as error:
                log.warning("the lease %s waits: %s", self._name, type(error).__name__)
            await self._pause(self._life_s / 3)

    async def look(self) -> bool:
        """Renew it, or take it if it is free or its holder is gone; whether it is held."""
        now = self._now()
        gained = False
        if self._over:
            return False
        if self._mine:
            self._mine = await leases.renew(self._db, self._name, self._holder)
        else:
            self._mine = gained = await self._try(now)
        if self._mine:
            self._renewed = now
        if gained:
            log.info("this node has the lease %s", self._name)
            for call in self.gained:
                call()
        return self._mine

    async def _try(self, now: float) -> bool:
        found = await leases.find(self._db, self._name)
        if found[0] != leases.FREE:
            if self._seen is None or self._seen[0] != found:
                self._seen = (found, now)
            if now - self._seen[1] < self._life_s:
                return False
        self._seen = None
        return await leases.take(self._db, self._name, found, self._holder)

    async def release(self) -> None:
        """For good: another node need not wait."""
        self._over = True
        if self._mine:
            self._mine = False
            await leases.release(self._db, self._name, self._holder)
