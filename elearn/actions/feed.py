"""The activity feed: status posts and feedback are acts; the other items come from reactions."""

from elearn.access.courses import require_course, require_inside, require_staff
from elearn.actions import fields
from elearn.actions.act import ANONYMOUS, Act, UnchangedError, keyed
from elearn.actions.feed_lists import may_see
from elearn.errors import Forbidden, InvalidField, NotFound, RateLimited
from elearn.events.base import Row
from elearn.events.feed import FeedDeleted, FeedPosted, Total
from elearn.log.new_events import NewEvent
from elearn.models import courses, enrollments, events, feed
from elearn.nouns.courses import Course
from elearn.nouns.feed import Feedback, Item, ItemContent
from elearn.services import Services
from elearn.wire import topics

STATUS_CHARACTERS = 2_000


NOT_PUBLISHED = "The course is not published: only those in it can see what is posted there."
GONE = "There is no such item."
SLOWER = "You have posted much lately. Wait a moment, then try again."


@keyed
async def post_status(
    services: Services, act: Act, body: str, *, course_id: str | None, visibility: str
) -> Row:
    """Stores `feed.posted`: in a course for those inside it, else on one's own profile."""
    services.limits.posts.require(act.user.id, SLOWER, RateLimited)
    text = fields.body(body, most=STATUS_CHARACTERS)
    course = None
    if course_id is not None:
        seen = await require_inside(services.db, act.user, course_id)
        if visibility == "public" and not seen.published:
            raise InvalidField(NOT_PUBLISHED, field="visibility")
        course = seen.brief
    item = ItemContent(
        kind="status",
        actor=act.user.person,
        title="",
        body=text,
        course=course,
        url=f"/courses/{course_id}/feed" if course_id else f"/users/{act.user.id}",
        visibility=visibility if course_id else "public",
        order=feed.order(services.clock(), len(text)),
    )
    topic = topics.course(course_id) if course_id else topics.user(act.user.id)
    posted = FeedPosted(item=item, author=act.user.id)
    return await services.log.append(act.says(topic, posted, reacts=False))


@keyed
async def give_feedback(
    services: Services, act: Act, course_id: str, *, stars: int, comment: str, anonymous: bool
) -> Row:
    """Stars and a comment from the enrolled; a second one replaces the first in the average.

    An anonymous one has no actor anywhere that peers can see; the course's staff are told. A
    change keeps to having the name or not: peers see the old one go when the new one comes.
    """
    services.limits.posts.require(act.user.id, SLOWER, RateLimited)
    text = fields.body(comment, "comment", most=STATUS_CHARACTERS, least=0)

    async def decide() -> NewEvent:
        course = await require_course(services.db, act.user, course_id)
        if await enrollments.find(services.db, course_id, act.user.id) is None:
            raise Forbidden("Only the enrolled give feedback.")
        earlier = await feed.find_feedback(services.db, course_id, act.user.id)
        if earlier is not None and earlier.item:
            before = (await feed.find_many(services.db, [earlier.item]))[earlier.item]
            if earlier.counted and _said(before) == (stars, text, anonymous):
                raise UnchangedError
            _require_same_name(before, anonymous)
        item = ItemContent(
            kind="feedback",
            actor=None if anonymous else act.user.person,
            title=course.title,
            body=text,
            course=course.brief,
            url=f"/courses/{course_id}",
            stars=stars,
            order=feed.order(services.clock(), stars),
        )
        posted = FeedPosted(
            item=item,
            author=act.user.id,
            total=_total(course, earlier, stars),
            replaces=earlier.item if earlier is not None and earlier.counted else None,
        )
        said = act.says(topics.course(course_id), posted)
        if anonymous:
            _disguise(said, act)
        return said

    try:
        return await services.log.decide(topics.course(course_id), decide)
    except UnchangedError:
        return await _given(services, course_id, act.user.id)


def _said(item: Item) -> tuple[int | None, str, bool]:
    return item.stars, item.body, item.actor is None


async def _given(services: Services, course_id: str, author: str) -> Row:
    """The row of the feedback that stands."""
    given = await feed.find_feedback(services.db, course_id, author)
    item = given.item if given is not None and given.item is not None else ""
    row = (await events.find(services.db, [item]))[item]
    row.duplicate = True
    return row


def _total(course: Course, earlier: Feedback | None, stars: int) -> Total:
    """The course's stars with these in the place of the earlier ones."""
    count, total = course.ratings, course.stars
    if earlier is not None and earlier.stars is not None:
        count, total = count - 1, total - earlier.stars
    return Total(count + 1, total + stars)


def _require_same_name(item: Item, anonymous: bool) -> None:
    if anonymous and item.actor is not None:
        raise InvalidField(
            "Others have seen your feedback with your name, and would know the new one by it."
            " Change it with your name.",
            field="anonymous",
        )
    if not anonymous and item.actor is None:
        raise InvalidField(
            "You gave your feedback without your name, and a new one with it would tell whose it"
            " was. Change it without your name.",
            field="anonymous",
        )


def _disguise(said: NewEvent, act: Act) -> None:
    """Pushes carry their actor: this one's must not be the author."""
    said.actor, said.key = ANONYMOUS, act.hidden_key


@keyed
async def delete_item(services: Services, act: Act, item_id: str) -> Row:
    """Stores `feed.deleted`: one's own item, or any of a course for its staff."""
    item = await feed.find(services.db, item_id)
    if item is None or item.deleted_at is not None:
        raise NotFound(GONE)
    if item.author != act.user.id:
        if not await may_see(services, act.user, item):
            raise NotFound(GONE)
        if item.course is None:
            raise Forbidden("Only who posted it can do this.")
        await require_staff(services.db, act.user, item.course.id)

    async def decide() -> NewEvent:
        deleted = FeedDeleted(id=item_id, total=await _total_without(services, item))
        said = act.says(item.topic, deleted, reacts=item.kind == "feedback")
        if item.actor is None and item.author == act.user.id:
            _disguise(said, act)  # or taking it back would tell who had given it
        return said

    row = await services.log.decide(item.topic, decide)
    await services.log.reacted(row)
    return row


async def _total_without(services: Services, item: Item) -> Total | None:
    """The course's stars once this feedback is gone; None for what is not counted in them."""
    if item.kind != "feedback" or item.course is None:
        return None
    course = await courses.find(services.db, item.course.id)
    given = await feed.find_feedback(services.db, item.course.id, item.author)
    if course is None or given is None or given.stars is None or given.item != item.id:
        return None
    return Total(course.ratings - 1, course.stars - given.stars)
