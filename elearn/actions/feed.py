"""The activity feed: status posts and feedback are acts; the other items come from reactions."""

import asyncio
from typing import Any

from elearn import access, views
from elearn.actions import fields
from elearn.actions.act import ANONYMOUS, Act, keyed
from elearn.errors import Forbidden, InvalidField, NotFound
from elearn.log.new_events import NewEvent
from elearn.models import courses, enrollments, feed
from elearn.models.events import Row
from elearn.models.ids import is_id
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics

STATUS_CHARACTERS = 2_000


def feed_item(
    kind: str,
    actor: dict[str, Any] | None,
    *,
    title: str,
    body: str = "",
    course: dict[str, Any] | None = None,
    url: str = "",
    stars: int | None = None,
    visibility: str = "course",
    order: int,
) -> dict[str, Any]:
    """The stored form of an item; `order` is what pages go by."""
    return {
        "kind": kind,
        "actor": actor,
        "course": course,
        "title": title,
        "body": body,
        "url": url,
        "stars": stars,
        "visibility": visibility,
        "order": order,
    }


@keyed
async def post_status(
    services: Services, act: Act, body: str, *, course_id: str | None, visibility: str
) -> Row:
    """Stores `feed.posted`: in a course for those inside it, else on one's own profile."""
    text = fields.body(body, most=STATUS_CHARACTERS)
    course = None
    if course_id is not None:
        course = views.course_brief(await access.require_inside(services.db, act.user, course_id))
    topic = topics.course(course_id) if course_id else topics.user(act.user.id)
    item = feed_item(
        "status",
        act.user.brief(),
        title="",
        body=text,
        course=course,
        url=f"/courses/{course_id}/feed" if course_id else f"/users/{act.user.id}",
        visibility=visibility if course_id else "public",
        order=feed.order(services.clock(), len(text)),
    )
    data = {"item": item, "author": act.user.id}
    return await services.log.append(act.draft(topic, "feed.posted", data, reacts=False))


@keyed
async def give_feedback(
    services: Services, act: Act, course_id: str, *, stars: int, comment: str, anonymous: bool
) -> Row:
    """Stars and a comment from the enrolled; a second one replaces the first in the average.

    An anonymous one has no actor anywhere that peers can see; the course's staff are told. A
    change keeps to having the name or not: peers see the old one go when the new one comes.
    """
    text = fields.body(comment, "comment", most=STATUS_CHARACTERS, least=0)

    async def decide() -> NewEvent:
        course = await access.require_course(services.db, act.user, course_id)
        if await enrollments.find(services.db, course_id, act.user.id) is None:
            raise Forbidden("Only the enrolled give feedback.")
        earlier = await feed.find_feedback(services.db, course_id, act.user.id)
        if earlier is not None and earlier["seq"]:
            await _require_same_name(services, earlier["item"], anonymous)
        item = feed_item(
            "feedback",
            None if anonymous else act.user.brief(),
            title=course["title"],
            body=text,
            course=views.course_brief(course),
            url=f"/courses/{course_id}",
            stars=stars,
            order=feed.order(services.clock(), stars),
        )
        data = {
            "item": item,
            "author": act.user.id,
            "total": _total(course, earlier, stars),
            "replaces": earlier["item"] if feed.is_counted(earlier) else None,
        }
        draft = act.draft(topics.course(course_id), "feed.posted", data)
        if anonymous:
            _disguise(draft, act)
        return draft

    return await services.log.decide(topics.course(course_id), decide)


def _total(course: dict[str, Any], earlier: dict[str, Any] | None, stars: int) -> dict[str, int]:
    """The course's stars with these in the place of the earlier ones."""
    count, total = course.get("ratings", 0), course.get("stars", 0)
    if feed.is_counted(earlier):
        count, total = count - 1, total - earlier["stars"]
    return {"count": count + 1, "stars": total + stars}


async def _require_same_name(services: Services, earlier: str, anonymous: bool) -> None:
    item = (await feed.find_many(services.db, [earlier]))[earlier]
    if anonymous and item["actor"] is not None:
        raise InvalidField(
            "Others have seen your feedback with your name, and would know the new one by it."
            " Change it with your name.",
            field="anonymous",
        )
    if not anonymous and item["actor"] is None:
        raise InvalidField(
            "You gave your feedback without your name, and a new one with it would tell whose it"
            " was. Change it without your name.",
            field="anonymous",
        )


def _disguise(draft: NewEvent, act: Act) -> None:
    """Pushes carry their actor: this one's must not be the author."""
    draft.actor, draft.key = ANONYMOUS, act.hidden_key


@keyed
async def delete_item(services: Services, act: Act, item_id: str) -> Row:
    """Stores `feed.deleted`: one's own item, or any of a course for its staff."""
    item = (await feed.find_many(services.db, [item_id])).get(item_id)
    if item is None or item["deleted_at"] is not None:
        raise NotFound("There is no such item.")
    if item["author"] != act.user.id:
        if item["course"] is None:
            raise NotFound("There is no such item.")
        await access.require_staff(services.db, act.user, item["course"]["id"])

    async def decide() -> NewEvent:
        data = {"id": item_id, **await _total_without(services, item)}
        draft = act.draft(item["topic"], "feed.deleted", data, reacts=False)
        if item["actor"] is None and item["author"] == act.user.id:
            _disguise(draft, act)  # or taking it back would tell who had given it
        return draft

    return await services.log.decide(item["topic"], decide)


async def _total_without(services: Services, item: dict[str, Any]) -> dict[str, Any]:
    """The course's stars once this feedback is gone; nothing for what is not counted in them."""
    if item["kind"] != "feedback":
        return {}
    course_id = item["course"]["id"]
    course = await courses.find(services.db, course_id)
    given = await feed.find_feedback(services.db, course_id, item["author"])
    if course is None or not feed.is_counted(given) or given["item"] != item["_id"]:
        return {}
    return {"total": {"count": course["ratings"] - 1, "stars": course["stars"] - given["stars"]}}


async def list_items(
    services: Services,
    user: User,
    scope: str,
    *,
    ident: str | None = None,
    before: int | None = None,
    kind: str | None = None,
    limit: int = 30,
) -> tuple[list[dict[str, Any]], int | None]:
    """Items newest first, and what to ask for as `before` next.

    `me`: one's courses and oneself; `course`: one course, from inside; `user`: what that person
    did and the asker may see.
    """
    if scope == "course":
        await access.require_inside(services.db, user, ident or "")
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
    taught = await access.taught_ids(services.db, user)
    return {one["course"] for one in enrolled} | set(taught)


async def _merged(
    services: Services,
    user: User,
    sources: list[tuple[str, str]],
    inside: set[str],
    before: int | None,
    kind: str | None,
    limit: int,
) -> tuple[list[dict[str, Any]], int | None]:
    """Pages of several topics put together by `order`, read on until enough may be shown."""
    shown: list[dict[str, Any]] = []
    by_author = any(field == "author" for field, _ in sources)
    bound = before
    while True:
        pages = await asyncio.gather(
            *(
                feed.page(services.db, field, value, limit=limit + 1, before=bound)
                for field, value in sources
            )
        )
        found = sorted((item for page in pages for item in page), key=_place, reverse=True)
        there_is_more = len(found) > limit
        found = found[: _cut(found, limit + 1)]
        for item in found:
            if by_author and item["actor"] is None and item["author"] != user.id:
                continue  # among one person's items an anonymous one would have a name
            if _visible(item, user, inside) and (kind is None or item["kind"] == kind):
                shown.append(item)
        cut = _cut(shown, limit)
        if cut < len(shown):
            return [views.item(one) for one in shown[:cut]], shown[cut - 1]["order"]
        if not there_is_more:
            return [views.item(one) for one in shown], None
        bound = found[-1]["order"]


def _place(item: dict[str, Any]) -> tuple[int, str]:
    return item["order"], item["_id"]


def _cut(items: list[dict[str, Any]], limit: int) -> int:
    """Where a page ends: after `limit` items, and never between two of the same order, because
    the next one begins below it."""
    cut = min(limit, len(items))
    while 0 < cut < len(items) and items[cut]["order"] == items[cut - 1]["order"]:
        cut += 1
    return cut


def _visible(item: dict[str, Any], user: User, inside: set[str]) -> bool:
    if item["deleted_at"] is not None:
        return False
    if item["course"] is None or item["visibility"] == "public":
        return True
    return user.is_admin or item["course"]["id"] in inside


async def own_feedback(services: Services, user: User, course_id: str) -> dict[str, Any] | None:
    found = await feed.find_feedback(services.db, course_id, user.id)
    if found is None or "item" not in found:
        return None
    item = (await feed.find_many(services.db, [found["item"]])).get(found["item"])
    return views.item(item) if item and item["deleted_at"] is None else None
