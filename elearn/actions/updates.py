"""Course updates: what teachers publish, each with its thread."""

import msgspec

from elearn.access.courses import require_inside, require_staff
from elearn.access.updates import require_update
from elearn.actions import fields
from elearn.actions.act import Act, keyed
from elearn.events.base import Row
from elearn.events.updates import UpdatePublished
from elearn.models import updates
from elearn.models.ids import new_id
from elearn.nouns.people import User
from elearn.nouns.updates import Update, UpdateKind, UpdateNoun
from elearn.services import Services
from elearn.wire import topics
from elearn.wire.budgets import fitted


class NewUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """What a teacher publishes; `body` may be empty beside a link."""

    kind: UpdateKind
    title: str
    body: str = ""
    link: str | None = None


@keyed
async def publish_update(
    services: Services,
    act: Act,
    course_id: str,
    given: NewUpdate,
) -> Row:
    """Stores `update.published` on the course's topic; the thread's room has the update's id."""
    course = await require_staff(services.db, act.user, course_id)
    update = Update(
        id=new_id(),
        course=course_id,
        course_title=course.title,
        kind=given.kind,
        title=fields.title(given.title),
        body=fields.body(given.body, least=0 if given.link else 1),
        link=fields.link(given.link),
        author=act.user.person,
        published_at=services.clock(),
    )
    published = act.says(topics.course(course_id), UpdatePublished(document=update))
    return await services.log.append(published)


async def find_update(services: Services, user: User, update_id: str) -> UpdateNoun:
    """The noun of an update that one may read, with the number of messages in its thread."""
    update = await require_update(services.db, user, update_id)
    head = await services.log.head(topics.room(update.id))
    return UpdateNoun.of(update, head.visible_n)


async def list_updates(
    services: Services, user: User, course_id: str, *, before: int | None = None, limit: int = 20
) -> tuple[list[UpdateNoun], int | None]:
    """A course's updates, newest first, and what to ask for as `before` next."""
    await require_inside(services.db, user, course_id)
    found = await updates.page_of_course(services.db, course_id, limit=limit + 1, before=before)
    heads = await services.log.heads([topics.room(one.id) for one in found])
    nouns = (UpdateNoun.of(one, heads[topics.room(one.id)].visible_n) for one in found)
    shown, more = fitted(nouns, limit)
    return shown, found[len(shown) - 1].seq if more else None
