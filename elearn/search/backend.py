"""What every search engine answers for, so that the rest of elearn cannot tell which one is there.

An engine holds published courses alone: what is not in it cannot leak from it.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Literal, Protocol, get_args

import msgspec

from elearn.errors import SearchUnavailable

Sort = Literal["relevance", "newest", "popular", "starting"]
"""`starting`: what opens from today on, soonest first, then what has opened, then the rest."""
SORTS: tuple[Sort, ...] = get_args(Sort)

MAX_SUGGESTIONS = 20
MAX_PAGE_SIZE = 100
MAX_DEPTH = 10_000
"""Rows that paging reaches; Elasticsearch's own default for `from` + `size`."""
MAX_FILTER_VALUES = 50


class AlreadyBuilding(SearchUnavailable):
    """One rebuild at a time."""


class CourseDocument(msgspec.Struct, frozen=True):
    """A published course as it is indexed. `version` is a seq of `catalog`; times are epoch ms."""

    id: str
    version: int
    title: str
    code: str = ""
    summary: str = ""
    description: str = ""
    subject: str = ""
    level: str = ""
    language: str = ""
    teachers: tuple[str, ...] = ()
    enrolled: int = 0
    open: bool = True
    created_at: int = 0
    opens_at: int | None = None
    closes_at: int | None = None

    @property
    def digest(self) -> int:
        """Of what a row of `catalog` tells; counts move without one."""
        told = msgspec.structs.replace(self, version=0, enrolled=0, open=True)
        content = hashlib.blake2b(msgspec.json.encode(told), digest_size=7)
        return int.from_bytes(content.digest(), "big")


class Held(msgspec.Struct, frozen=True):
    """A course as an index holds it."""

    version: int
    digest: int


class Filters(msgspec.Struct, frozen=True):
    """Several values of one field widen, several fields narrow. `teacher` holds names; `open` asks
    for free seats within the enrolment period. `Facets` counts under the same names. An answer is
    as if the courses `not_ids` did not exist."""

    subject: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    teacher: tuple[str, ...] = ()
    open: bool = False
    not_ids: tuple[str, ...] = ()


class SearchRequest(msgspec.Struct, frozen=True):
    """One page of a search; `page` counts from 1. A blank `q` means every course."""

    q: str = ""
    filters: Filters = Filters()
    sort: Sort = "relevance"
    page: int = 1
    size: int = 20
    facets: bool = False

    @property
    def rows(self) -> int:
        return max(1, min(self.size, MAX_PAGE_SIZE))

    @property
    def offset(self) -> int:
        """Rows before the page, never so deep that an engine would refuse."""
        return min(max(0, self.page - 1) * self.rows, MAX_DEPTH - self.rows)


class Hit(msgspec.Struct, frozen=True):
    """A found course; everything else about it is read from the store."""

    id: str
    title: str
    title_html: str


class Hits(msgspec.Struct, frozen=True):
    """Suggestions. `nearest` says that nothing held all words and these come closest; `reduced`
    that they are of the index kept for when the engine is away."""

    hits: tuple[Hit, ...] = ()
    total: int = 0
    suggestion: str | None = None
    nearest: bool = False
    reduced: bool = False


class FacetValue(msgspec.Struct, frozen=True):
    value: str
    count: int


class Facets(msgspec.Struct, frozen=True):
    """Counts by value, largest first, each field counted without its own filter."""

    subject: tuple[FacetValue, ...] = ()
    level: tuple[FacetValue, ...] = ()
    language: tuple[FacetValue, ...] = ()
    teacher: tuple[FacetValue, ...] = ()
    open: int = 0


class SearchResult(msgspec.Struct, frozen=True):
    hits: tuple[Hit, ...] = ()
    total: int = 0
    facets: Facets | None = None
    suggestion: str | None = None
    nearest: bool = False
    reduced: bool = False


class Cursor(msgspec.Struct, frozen=True):
    """How far the index called `generation` has read `catalog`.

    A cursor is written back to the generation it was read from: one that was replaced in between
    takes it without harm, and the new one is not told that it holds what it does not.
    """

    epoch: str
    seq: int
    generation: str


class Changes(msgspec.Struct, frozen=True):
    """What rows of `catalog` up to `seq` came to. `at_head`: there were no more when they were
    read. Who asks on until nothing comes would never end while people write."""

    documents: tuple[CourseDocument, ...]
    deletions: tuple[tuple[str, int], ...]
    seq: int
    at_head: bool = False


class Candidate(Protocol):
    """An index that is built and that nobody searches yet."""

    @property
    def generation(self) -> str: ...

    async def count(self) -> int: ...

    async def suggest(self, q: str, filters: Filters, limit: int) -> Hits: ...


Progress = Callable[[int], None]
Approve = Callable[[Candidate], Awaitable[None]]
"""Asked before a switch; what it raises prevents it."""
Tail = Callable[[int], Awaitable[Changes | None]]
"""Given a seq: the next changes after it, or None at the head of `catalog`."""


class SearchBackend(Protocol):
    """One engine. Every method raises `SearchUnavailable` when it is away, and nothing else."""

    @property
    def needs_rebuild(self) -> bool:
        """True when there is no sound index; searches are unavailable until `rebuild`."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def suggest(self, q: str, filters: Filters, limit: int) -> Hits: ...

    async def search(self, request: SearchRequest) -> SearchResult: ...

    async def write(
        self, documents: Sequence[CourseDocument], deletions: Sequence[tuple[str, int]]
    ) -> None:
        """Store and remove by (id, version). An older version changes nothing, the same one
        is written again: counts that have no row of their own are brought along with it."""

    async def refresh(self) -> None:
        """Everything written before is found after this."""

    async def gather(self) -> None:
        """Much was written: an engine that is slower for it brings itself in order."""

    async def count(self) -> int: ...

    async def held(self, ids: Sequence[str]) -> dict[str, Held]:
        """Those of these courses that are in the index."""

    async def cursor(self) -> Cursor | None: ...

    async def set_cursor(self, cursor: Cursor) -> None: ...

    async def rebuild(
        self,
        documents: AsyncIterator[list[CourseDocument]],
        *,
        epoch: str,
        seq: int,
        progress: Progress | None = None,
        tail: Tail | None = None,
        approve: Approve | None = None,
    ) -> int:
        """A new index built beside the old one and put in its place in one act.

        `documents` are the courses as of `seq` or later, each once; `tail` gives what changed
        meanwhile and is asked up to its head. Searches see the old index to the end; a failure
        leaves it. The one before is kept, older ones go. Returns the number of courses.
        """

    async def roll_back(self, *, epoch: str, tail: Tail) -> Cursor | None:
        """Back to the index before, in one act, after it took in what changed since: it shows
        nothing that was withdrawn meanwhile. None when there is none that can be continued."""
