"""The activity feed for a reader: pages of several topics put together."""

import asyncio
from collections.abc import Iterable

from elearn.access.courses import require_inside, taught_ids
from elearn.errors import NotFound
from elearn.models import courses, enrollments, feed
from elearn.models.ids import is_id
from elearn.nouns.feed import Item, ItemNoun
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics
from elearn.wire.budgets import fitted

STEPS = 8
"""How often a page reads on, where the reader may not see most of what there is."""


async def list_items(
    services: Services,
    user: User,
    scope: str,
    *,
    ident: str | None = None,
    before: int | None = None,
    kind: str | None = None,
    limit: int = 30,
) -> tuple[list[ItemNoun], int | None]:
    """Items newest first, and what to ask for as `before` next.

    `me`: one's courses and oneself; `course`: one course, from inside; `user`: what that person
    did and the asker may see.
    """
    if scope == "course":
        await require_inside(services.db, user, ident or "")
        sources = [("topic", topics.course(ident or ""))]
        inside = {ident or ""}
    else:
        inside = await courses_inside(services, user)
        sources = [("topic", topics.course(course)) for course in inside]
        sources.append(("topic", topics.user(user.id)))
        if scope == "user":
            if not is_id(ident):
                raise NotFound("There is no such person.")
            sources = [("author", str(ident))]
    return await _merged(services, user, sources, inside, before, kind, limit)


async def courses_inside(services: Services, user: User) -> set[str]:
    enrolled = await enrollments.find_of_user(services.db, user.id)
    taught = await taught_ids(services.db, user)
    return {one.course for one in enrolled} | set(taught)


async def _merged(
    services: Services,
    user: User,
    sources: list[tuple[str, str]],
    inside: set[str],
    before: int | None,
    kind: str | None,
    limit: int,
) -> tuple[list[ItemNoun], int | None]:
    """Pages of several topics put together by `order`, read on until enough may be shown, or until
    a page's work is done: it is then shorter, or empty, and says where it goes on."""
    shown: list[Item] = []
    by_author = any(field == "author" for field, _ in sources)
    bound = before
    for _ in range(STEPS):
        pages = await asyncio.gather(
            *(
                feed.page(services.db, field, value, limit=limit + 1, before=bound)
                for field, value in sources
            )
        )
        found = sorted((item for page in pages for item in page), key=_place, reverse=True)
        there_is_more = len(found) > limit
        found = found[: _cut(found, limit + 1)]
        open_to_all = await _published(services, found, inside)
        for item in found:
            if by_author and item.actor is None and item.author != user.id:
                continue  # among one person's items an anonymous one would have a name
            if _visible(item, user, inside, open_to_all) and (kind is None or item.kind == kind):
                shown.append(item)
        if _cut(shown, limit) < len(shown) or not there_is_more:
            return _page(shown, limit)
        bound = found[-1].order
    nouns, more = _page(shown, limit)
    return nouns, bound if more is None else more


def _page(items: list[Item], limit: int) -> tuple[list[ItemNoun], int | None]:
    cut = _cut(items, limit)
    nouns, _ = fitted(map(ItemNoun.of, items[:cut]), cut)
    if len(nouns) < cut:  # the budget ends it between any two
        cut = _cut(items, len(nouns))
        nouns = [ItemNoun.of(one) for one in items[:cut]]
    return nouns, items[cut - 1].order if cut < len(items) else None


def _place(item: Item) -> tuple[int, str]:
    return item.order, item.id


def _cut(items: list[Item], limit: int) -> int:
    """Where a page ends: after `limit` items, and never between two of the same order, because
    the next one begins below it."""
    cut = min(limit, len(items))
    while 0 < cut < len(items) and items[cut].order == items[cut - 1].order:
        cut += 1
    return cut


async def _published(services: Services, items: Iterable[Item], inside: set[str]) -> set[str]:
    """The courses of public items that everyone may know of now: nothing of a hidden one shows,
    whenever it was said."""
    asked = {item.course.id for item in items if item.course and item.visibility == "public"}
    found = await courses.find_many(services.db, asked - inside)
    return {course.id for course in found.values() if course.published}


def _visible(item: Item, user: User, inside: set[str], published: set[str]) -> bool:
    if item.deleted_at is not None:
        return False
    if item.course is None or user.is_admin or item.course.id in inside:
        return True
    return item.visibility == "public" and item.course.id in published


async def may_see(services: Services, user: User, item: Item) -> bool:
    """By the same rule as lists."""
    inside = await courses_inside(services, user)
    return _visible(item, user, inside, await _published(services, [item], inside))


async def own_feedback(services: Services, user: User, course_id: str) -> ItemNoun | None:
    found = await feed.find_feedback(services.db, course_id, user.id)
    item = await feed.find(services.db, found.item) if found and found.item else None
    return ItemNoun.of(item) if item and item.deleted_at is None else None
