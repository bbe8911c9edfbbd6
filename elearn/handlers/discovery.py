"""Discover: the catalogue narrowed down by an address that can be shared."""

from typing import Any
from urllib.parse import urlencode

import msgspec

from elearn.actions import search
from elearn.errors import SearchUnavailable
from elearn.handlers.courses import CourseNouns
from elearn.search.backend import Facets, Filters, SearchRequest
from elearn.wire import topics

FACETS = ("subject", "level", "language", "teacher")

Noun = dict[str, Any]


class DiscoverPage(CourseNouns):
    public = True

    async def get(self) -> None:
        self.take_call()
        request = self.search_request()
        cursors = await self.pages.positions(self.user, topics.CATALOG)
        found: Noun = {"hits": [], "popular": [], "total": 0, "suggestion": None}
        found["pages"] = request.page
        unavailable = False
        try:
            after = self.get_query_argument("after", "")
            found = await search.search_courses(self.services, self.user, request, after=after)
        except SearchUnavailable:
            unavailable = True
        if request.page > found["pages"]:
            self.redirect(address(request, page=found["pages"]))
            return
        state = {
            "q": request.q,
            "filters": {name: getattr(request.filters, name) for name in (*FACETS, "open")},
            "sort": request.sort,
            "courses": found["hits"],
            "popular": found["popular"],
            "total": found["total"],
            "page_number": request.page,
            "pages": found["pages"],
            "page_size": request.size,
        }
        await self.send_page(
            "discover.html",
            title=f"Courses for “{request.q}”" if request.q.strip() else "Discover",
            cursors=cursors,
            state=state,
            **state,
            facets=_facets(found.get("facets"), request.filters),
            chosen=_chosen(request),
            links=_links(request, found),
            suggestion=found["suggestion"],
            nearest=found.get("nearest", False),
            reduced=found.get("reduced", False),
            unavailable=unavailable,
        )


def address(request: SearchRequest, **changes: Any) -> str:
    """The page of a search; what is as without being said is not said."""
    wanted = msgspec.structs.replace(request, **changes)
    fields: list[tuple[str, str]] = [("q", wanted.q)] if wanted.q.strip() else []
    fields += [(name, value) for name in FACETS for value in getattr(wanted.filters, name)]
    if wanted.filters.open:
        fields.append(("open", "1"))
    if wanted.sort != "relevance":
        fields.append(("sort", wanted.sort))
    if wanted.page > 1:
        fields.append(("page", str(wanted.page)))
    return "/courses" + (f"?{urlencode(fields)}" if fields else "")


def _facets(counted: Noun | None, filters: Filters) -> Noun:
    """Counts by value; a chosen value stands there though it counts nothing."""
    facets: Noun = counted or msgspec.to_builtins(Facets())
    for name in FACETS:
        known = {value["value"] for value in facets[name]}
        missing = [value for value in getattr(filters, name) if value not in known]
        facets[name] = [*({"value": value, "count": 0} for value in missing), *facets[name]]
    if all(level["value"].isdecimal() for level in facets["level"]):
        # As text: an address may hold more digits than Python takes for a number.
        facets["level"].sort(key=lambda level: (len(level["value"]), level["value"]))
    return facets


def _chosen(request: SearchRequest) -> list[Noun]:
    """What narrows the list, each with the address without it."""
    filters = request.filters
    chosen = []
    for name in FACETS:
        values: tuple[str, ...] = getattr(filters, name)
        for value in values:
            rest = tuple(one for one in values if one != value)
            fewer = msgspec.structs.replace(filters, **{name: rest})
            chosen.append({"text": value, "url": address(request, filters=fewer, page=1)})
    if filters.open:
        fewer = msgspec.structs.replace(filters, open=False)
        chosen.append({"text": "Open now", "url": address(request, filters=fewer, page=1)})
    return chosen


def _links(request: SearchRequest, found: Noun) -> Noun:
    page, meant = request.page, found["suggestion"]
    last = f"&after={found['hits'][-1].id}" if found["hits"] else ""
    return {
        "earlier": address(request, page=page - 1) if page > 1 else None,
        "next": address(request, page=page + 1) + last if page < found["pages"] else None,
        "meant": address(request, q=meant, page=1) if meant else None,
        "unfiltered": address(request, filters=Filters(), page=1),
    }


ROUTES = [(r"/courses", DiscoverPage)]
