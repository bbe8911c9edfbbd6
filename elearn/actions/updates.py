"""Course updates: what teachers publish, each with its thread."""

from typing import Any

from elearn import access, views
from elearn.actions import fields
from elearn.actions.act import Act, keyed
from elearn.models import updates
from elearn.models.events import Row
from elearn.models.ids import new_id
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics


@keyed
async def publish_update(
    services: Services,
    act: Act,
    course_id: str,
    *,
    kind: str,
    title: str,
    body: str,
    link: str | None = None,
) -> Row:
    """Stores `update.published` on the course's topic; the thread's room has the update's id."""
    course = await access.require_staff(services.db, act.user, course_id)
    document = {
        "_id": new_id(),
        "course": course_id,
        "course_title": course["title"],
        "kind": kind,
        "title": fields.title(title),
        "body": fields.body(body, least=0 if link else 1),
        "link": fields.link(link),
        "author": act.user.brief(),
        "published_at": services.clock(),
        "edited_at": None,
    }
    return await services.log.append(
        act.draft(topics.course(course_id), "update.published", {"document": document})
    )


async def find_update(services: Services, user: User, update_id: str) -> dict[str, Any]:
    """The noun of an update that one may read, with the number of messages in its thread."""
    update = await access.require_update(services.db, user, update_id)
    return await _noun(services, update)


async def list_updates(
    services: Services, user: User, course_id: str, *, before: int | None = None, limit: int = 20
) -> tuple[list[dict[str, Any]], int | None]:
    """A course's updates, newest first, and what to ask for as `before` next."""
    await access.require_inside(services.db, user, course_id)
    found = await updates.page_of_course(services.db, course_id, limit=limit + 1, before=before)
    page = found[:limit]
    more = page[-1]["seq"] if len(found) > limit else None
    return [await _noun(services, update) for update in page], more


async def _noun(services: Services, update: dict[str, Any]) -> dict[str, Any]:
    head = await services.log.head(topics.room(update["_id"]))
    return views.update(update, head.visible_n)
