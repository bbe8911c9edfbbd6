"""Looking for notices in several topics at once, newest first and from a place on."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from elearn.caches.newest_notices import Notice, Page, Place, place_of
from elearn.errors import InvalidField
from elearn.notices import sight
from elearn.notices.decide import is_for
from elearn.nouns.people import User
from elearn.services import Services

STEPS = 20
"""So many pages more of single topics are read for one page of a list; then it says where it is."""


async def seen_rows(
    services: Services, user: User, sources: Mapping[str, int], pages: Iterable[Page]
) -> list[Notice]:
    own, shared = list[Notice](), list[Notice]()
    for page in pages:
        for row in page.rows:
            if row.seq > sources[row.topic] and is_for(user.id, row):
                (own if row.kind == "user" else shared).append(row)
    return await sight.seen_by(services.db, user, own) + shared


class NoticeSearch:
    """Reads several topics down from a place, in one order. Of each `_edges` says down to where its
    rows are all known, None at its end, and `_reached` from where on to read next."""

    def __init__(
        self, services: Services, user: User, sources: Mapping[str, int], before: Place | None
    ) -> None:
        self._services = services
        self._user = user
        self._sources = sources
        self._before = before
        self._edges: dict[str, Place | None] = {}
        self._reached: dict[str, int] = {}
        self._found: list[Notice] = []

    async def find(
        self, wanted: Callable[[Notice], bool], limit: int
    ) -> tuple[list[Notice], str | None]:
        """At most `limit` of those that are wanted, and what to ask for next."""
        shown: list[Notice] = []
        for _ in range(STEPS):
            shown += filter(wanted, self._settled())
            if len(shown) > limit or self._edge is None:
                break
            await self._step()
        else:
            shown += filter(wanted, self._settled())
        if len(shown) > limit:
            return shown[:limit], place_text(place_of(shown[limit - 1]))
        return shown, place_text(self._edge) if self._edge else None

    @property
    def _edge(self) -> Place | None:
        """Above it everything was found."""
        return max((edge for edge in self._edges.values() if edge), default=None)

    def _settled(self) -> list[Notice]:
        edge = self._edge
        ready = [row for row in self._found if edge is None or place_of(row) >= edge]
        self._found = [row for row in self._found if edge is not None and place_of(row) < edge]
        return sorted(ready, key=place_of, reverse=True)

    async def begin(self, pages: Mapping[str, Page], rows: Sequence[Notice]) -> None:
        """With the newest of each topic, or what comes from the place on in its stead."""
        for topic, page in pages.items():
            self._note(topic, page)
        far = [topic for topic, edge in self._edges.items() if self._is_above(edge)]
        self._found = [row for row in rows if row.topic not in far and self._is_below(row)]
        lower = await asyncio.gather(*map(self._from_place, far))
        for topic, page in zip(far, lower, strict=True):
            self._note(topic, page)
        await self._take(lower)

    def _is_above(self, edge: Place | None) -> bool:
        """Whether a page ends before it comes to the place."""
        return edge is not None and self._before is not None and edge > self._before

    def _is_below(self, row: Notice) -> bool:
        return self._before is None or place_of(row) < self._before

    async def _from_place(self, topic: str) -> Page:
        assert self._before is not None
        at = datetime.fromtimestamp(self._before[0] / 1000, UTC)
        low, high = self._sources[topic], self._reached[topic]
        return await self._services.newest_notices.from_time(topic, at, low, high)

    async def _step(self) -> None:
        """Read on where least is known."""
        topic = max((edge, topic) for topic, edge in self._edges.items() if edge)[1]
        page = await self._services.newest_notices.below(topic, self._reached[topic])
        self._note(topic, page)
        await self._take([page])

    def _note(self, topic: str, page: Page) -> None:
        self._reached[topic] = page.reached
        self._edges[topic] = page.edge if page.reached > self._sources[topic] else None

    async def _take(self, pages: Iterable[Page]) -> None:
        rows = await seen_rows(self._services, self._user, self._sources, pages)
        self._found += filter(self._is_below, rows)


def place_text(place: Place) -> str:
    milliseconds, ident = place
    return f"{milliseconds}/{ident}"


def read_place(text: str) -> Place:
    milliseconds, _, ident = text.partition("/")
    if not milliseconds.isascii() or not milliseconds.isdigit() or len(milliseconds) > 14:
        raise InvalidField("This is not where a page of notices ended.", field="before")
    return int(milliseconds), ident
