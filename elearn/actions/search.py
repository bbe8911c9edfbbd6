"""Search for a viewer: the engine finds, the store says what is true of what was found."""

import asyncio
import time
from html import escape
from typing import Any

import msgspec

from elearn.access.courses import teaches
from elearn.caches.course_cards import KeptCard, ListedCourse
from elearn.caches.directory import Found, FoundPerson, FoundRoom, is_open
from elearn.models import rooms
from elearn.nouns.courses import CourseBrief
from elearn.nouns.people import User
from elearn.nouns.rooms import Room
from elearn.search.backend import (
    Filters,
    Hit,
    Hits,
    SearchBackend,
    SearchRequest,
    SearchResult,
)
from elearn.searches import Asked
from elearn.services import Services

OF_CIRCLE = 3
"""Rooms, and people, beside the suggested courses."""
POPULAR = 4


async def suggest(
    services: Services, user: User | None, q: str, filters: Filters, limit: int
) -> dict[str, Any]:
    """Courses, and below them the rooms and people of one's own courses."""
    began = time.perf_counter()
    with services.metrics.search.labels("suggest").time():
        finding = services.search.suggest(q, _shown(services, filters), limit)
        if user is None:
            found, circle = await finding, Found()
        else:
            found, circle = await asyncio.gather(
                finding, services.directory.find(user, q, limit=OF_CIRCLE)
            )
    seen = await _seen(services, user, found.hits)
    hits = [card.with_json(own) for card, own in seen]
    rooms_found = await _room_nouns(services, user, circle)
    shown = _as_typed(found) + len(rooms_found) + len(circle.people)
    asked = Asked("suggest", q, shown, time.perf_counter() - began, filters != Filters())
    _tell(services, user, asked, found)
    wanted = not hits and bool(q.strip())
    popular = await _popular(services, found, filters) if wanted else Hits()
    return {
        "q": q,
        "hits": hits,
        "total": found.total,
        "nearest": found.nearest,
        "suggestion": found.suggestion,
        "rooms": rooms_found,
        "people": [_person_noun(person) for person in circle.people],
        "popular": await _hit_nouns(services, user, popular.hits),
        "reduced": found.reduced or popular.reduced,
    }


async def search_courses(
    services: Services, user: User | None, request: SearchRequest, *, after: str = ""
) -> dict[str, Any]:
    """One page; with `after`, the course that its reader saw last, it begins behind that one."""
    began = time.perf_counter()
    with services.metrics.search.labels("search").time():
        shown = msgspec.structs.replace(request, filters=_shown(services, request.filters))
        found = await services.search.search(shown)
        if after and request.page > 1:
            found = await _behind(services, shown, found, after)
    hits = await _hit_nouns(services, user, found.hits)
    took_s, narrowed = time.perf_counter() - began, request.filters != Filters()
    asked = Asked("search", request.q, _as_typed(found), took_s, narrowed)
    _tell(services, user, asked, found)
    popular = Hits() if hits else await _popular(services, found, request.filters)
    return {
        "q": request.q,
        "hits": hits,
        "total": found.total,
        "nearest": found.nearest,
        "suggestion": found.suggestion,
        "popular": await _hit_nouns(services, user, popular.hits),
        "facets": msgspec.to_builtins(found.facets) if found.facets else None,
        "page": request.page,
        "pages": max(1, -(-found.total // request.rows)),
        "reduced": found.reduced or popular.reduced,
    }


async def _behind(
    services: Services, request: SearchRequest, found: SearchResult, last: str
) -> SearchResult:
    """The page from behind a course, wherever that stands by now. It ends where the page ends: the
    next one goes on from there, and what moved by less than a page is neither repeated nor left
    out."""
    wanted = msgspec.structs.replace(request, page=request.page - 1, facets=False)
    hits = (*(await _engine(services, found).search(wanted)).hits, *found.hits)
    places = [place for place, hit in enumerate(hits, 1) if hit.id == last]
    rest = hits[places[0] :] if places else ()
    return msgspec.structs.replace(found, hits=rest or found.hits)


def _shown(services: Services, filters: Filters) -> Filters:
    """Without what was withdrawn and may still be in the index."""
    return msgspec.structs.replace(filters, not_ids=services.withdrawn.ids)


def _as_typed(found: Hits | SearchResult) -> int:
    """What comes nearest to the words is shown, and is not what was looked for."""
    return 0 if found.nearest else found.total


def _tell(services: Services, user: User | None, asked: Asked, found: Hits | SearchResult) -> None:
    asked = msgspec.structs.replace(asked, reduced=found.reduced, meant=found.suggestion)
    services.searches.asked(user.id if user is not None else None, asked)


class FoundRoomNoun(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    kind: str
    course: CourseBrief | None
    url: str
    joined: bool


async def _room_nouns(services: Services, user: User | None, circle: Found) -> list[FoundRoomNoun]:
    """As the store has them now: what was closed, or left, since they were found is left out."""
    if user is None or not circle.rooms:
        return []
    known = await rooms.find_many(services.db, [one.id for one in circle.rooms])
    return [
        FoundRoomNoun(
            id=room.id,
            name=room.name,
            kind=room.kind,
            course=room.course_brief,
            url=room.url,
            joined=one.joined,
        )
        for one in circle.rooms
        if (room := known.get(one.id)) is not None and await _may_know(services, user, one, room)
    ]


async def _may_know(services: Services, user: User, found: FoundRoom, room: Room) -> bool:
    if is_open(room):
        return True
    if not found.joined or room.kind == "course":
        return found.joined
    return await rooms.find_membership(services.db, found.id, user.id) is not None


class FoundPersonNoun(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    role: str
    course: CourseBrief


def _person_noun(person: FoundPerson) -> FoundPersonNoun:
    return FoundPersonNoun(
        id=person.id,
        name=person.name,
        role=person.role,
        course=CourseBrief(person.course, person.course_title),
    )


async def _popular(
    services: Services, found: Hits | SearchResult, filters: Filters
) -> Hits | SearchResult:
    """For who finds nothing: what others attend, in the subject if one was chosen and has any."""
    engine = _engine(services, found)
    wanted = _shown(services, Filters(subject=filters.subject))
    request = SearchRequest(filters=wanted, sort="popular", size=POPULAR)
    popular = await engine.search(request)
    if popular.hits or not filters.subject:
        return popular
    everywhere = _shown(services, Filters())
    return await engine.search(msgspec.structs.replace(request, filters=everywhere))


def _engine(services: Services, found: Hits | SearchResult) -> SearchBackend:
    """For what else belongs to an answer: an engine that was late once is not waited for again."""
    guard = services.engines.guard
    return guard.spare if found.reduced and guard else services.search


class Viewer(msgspec.Struct, frozen=True):
    """What a viewer is to a course."""

    enrolled: bool
    staff: bool


class ForViewer(msgspec.Struct, frozen=True, kw_only=True):
    """What this viewer, and this query, make of a course."""

    title_html: str
    viewer_enrolled: bool
    viewer: Viewer


class HitNoun(ListedCourse, frozen=True, kw_only=True):
    """A course with what is `ForViewer`."""

    title_html: str
    viewer_enrolled: bool
    viewer: Viewer


async def _hit_nouns(services: Services, user: User | None, hits: tuple[Hit, ...]) -> list[HitNoun]:
    return [
        HitNoun(**msgspec.structs.asdict(card.course), **msgspec.structs.asdict(own))
        for card, own in await _seen(services, user, hits)
    ]


async def _seen(
    services: Services, user: User | None, hits: tuple[Hit, ...]
) -> list[tuple[KeptCard, ForViewer]]:
    """Hits with what moves (seats, one's own enrolment) as the store has it; what the store no
    longer shows is left out, however far behind the index is."""
    if not hits:
        return []
    ids = [hit.id for hit in hits]
    known = await services.course_cards.find(ids)
    mine = await services.course_cards.enrolled(user.id, ids) if user is not None else set()
    return [
        (card, _for_viewer(user, hit, card, hit.id in mine))
        for hit in hits
        if (card := known.get(hit.id)) is not None and card.course.published
    ]


def _for_viewer(user: User | None, hit: Hit, card: KeptCard, enrolled: bool) -> ForViewer:
    return ForViewer(
        title_html=_marked(hit, card.course.title),
        viewer_enrolled=enrolled,
        viewer=Viewer(enrolled, teaches(user, card.teachers)),
    )


def _marked(hit: Hit, title: str) -> str:
    """A title that was changed since the index took it is shown as it is now, without marks."""
    return hit.title_html if hit.title == title else escape(title)
