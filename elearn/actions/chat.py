"""Chat: posting, history, read marks. A message is its `chat.posted` row."""

from collections.abc import Sequence

import msgspec

from elearn.access.courses import teaches
from elearn.access.rooms import SeenRoom, require_room
from elearn.actions import fields
from elearn.actions.act import Act, keyed
from elearn.errors import InvalidField, NotFound, RateLimited
from elearn.events.base import Row, RowOf, holds
from elearn.events.chat import ChatPosted, ChatRead, message_of
from elearn.events.rooms import RoomActivity
from elearn.models import enrollments, events, rooms, users
from elearn.nouns.messages import MessageNoun, Reply
from elearn.nouns.people import Named, User
from elearn.rendering.excerpts import excerpt
from elearn.rendering.named import mentions_in, names_wanted
from elearn.services import Services
from elearn.wire import topics
from elearn.wire.budgets import fitted

Message = RowOf[ChatPosted]


@keyed
async def post_message(
    services: Services,
    act: Act,
    room_id: str,
    body: str,
    *,
    reply_to: str | None = None,
    mentions: Sequence[str] | None = None,
) -> Row:
    """Stores and publishes `chat.posted`, then moves the author's read mark. `mentions` are ids
    of people whom the author chose: where the text names them, they are meant."""
    services.limits.chat.require(act.user.id, "Slower, please.", RateLimited)
    seen = await services.write_access.require_writable(act.user, room_id)
    text = fields.chat_body(body)
    replied = await _replied(services, room_id, reply_to) if reply_to else None
    mentioned = await _mentioned(services, seen, text, mentions or ()) if "@" in text else []
    topic = topics.room(room_id)
    message = ChatPosted(author=act.user.person, body=text, reply_to=replied, mentions=mentioned)
    causes = bool(replied or mentioned) or _begins_something(services, seen)
    stored = services.log.put(act.says(topic, message, reacts=causes))
    act.queued()
    row = await stored
    services.throttled.first_today(room_id, row.at, row.id)
    services.read_marks.move(act.user.id, topic, row.seq, row.n)
    _tell_activity(services, seen, row)
    return row


def _begins_something(services: Services, seen: SeenRoom) -> bool:
    """Whether a message has a consequence by its place: a direct one is told, as is a question
    under an update, the first of a day stands in the course's feed. The others are stored as
    reacted to: most messages are."""
    kind = seen.room.kind
    if kind == "thread":
        return seen.rights.role != "staff"
    if kind == "private":
        return False
    begun = services.throttled.begun_today(seen.room.id, services.clock())
    return kind == "direct" or not begun


def _tell_activity(services: Services, seen: SeenRoom, row: Row) -> None:
    """For the lists of those in the course; a private room is nobody else's business."""
    room = seen.room
    if room.course is None or room.kind == "private" or row.duplicate:
        return
    services.throttled.offer(
        f"activity/{room.id}",
        topics.course(room.course),
        RoomActivity(room=room.id, messages=row.n, last_at=row.at, by=row.actor),
        lambda: _is_shown(services, room.id),
    )


async def _is_shown(services: Services, room_id: str) -> bool:
    room = await rooms.find(services.db, room_id)
    return room is not None and room.kind != "private"


async def _replied(services: Services, room_id: str, message: str) -> Reply:
    place = topics.place(message)
    if place is None or place[0] != topics.room(room_id):
        raise InvalidField("The message to reply to is not in this room.", field="reply_to")
    row = (await events.find(services.db, [message])).get(message)
    if row is None or not holds(row, ChatPosted):
        raise NotFound("The message to reply to is gone.", field="reply_to")
    return Reply(row.id, row.seq, row.data.author, excerpt(row.data.body, 90))


async def _mentioned(
    services: Services, seen: SeenRoom, text: str, chosen: Sequence[str]
) -> list[Named]:
    """The members whom the text names, as they are called now."""
    found = await users.find_many(services.db, chosen) if chosen else {}
    for account in await users.find_by_names(services.db, names_wanted(text)):
        found[account.id] = account
    allowed = await members_among(services, seen, [account.user for account in found.values()])
    people = [{"id": ident, "name": found[ident].name} for ident in found if ident in allowed]
    return [Named(one["id"], one["name"]) for one in mentions_in(text, people, chosen).people]


async def members_among(services: Services, seen: SeenRoom, people: list[User]) -> set[str]:
    """The ids of those who are in the room: but for a private one the course's staff are."""
    room, course = seen.room, seen.course
    ids = [user.id for user in people]
    if course is None:
        return set(ids) & set(seen.people)
    staff = {user.id for user in people if teaches(user, course.teachers)}
    if room.of_course:
        return staff | await enrollments.find_of_users(services.db, course.id, ids)
    members = await rooms.find_members_among(services.db, room.id, ids)
    return members if room.kind == "private" else staff | members


class HistoryPage(msgspec.Struct, frozen=True):
    messages: list[MessageNoun]
    more_before: bool
    more_after: bool


async def read_history(
    services: Services,
    user: User,
    room_id: str,
    *,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    limit: int = 50,
) -> HistoryPage:
    """Messages in the order of the room: the newest, or those before, after or around a seq.

    Fewer than `limit` rather than more than 256 KiB.
    """
    seen = await require_room(services.db, user, room_id)
    topic, floor = topics.room(room_id), seen.since
    if around is not None:
        older = await _older(services, topic, floor, around + 1, limit // 2 + 1)
        newer = await _newer(services, topic, max(floor, around), limit - limit // 2 + 1)
        more_before, more_after = len(older) > limit // 2, len(newer) > limit - limit // 2
        rows = older[: limit // 2][::-1] + newer[: limit - limit // 2]
        begin = len(older[: limit // 2]) - 1
    elif after is not None:
        newer = await _newer(services, topic, max(floor, after), limit + 1)
        rows, more_after = newer[:limit], len(newer) > limit
        more_before, begin = after > floor, 0
    else:
        older = await _older(services, topic, floor, before, limit + 1)
        rows, more_before = older[:limit][::-1], len(older) > limit
        more_after = before is not None and bool(await _newer(services, topic, before - 1, 1))
        begin = len(rows) - 1
    return _fitted(rows, more_before, more_after, begin)


async def _older(
    services: Services, topic: str, floor: int, before: int | None, limit: int
) -> list[Message]:
    return await events.page(
        services.db, topic, ChatPosted, limit=limit, above=floor, before=before
    )


async def _newer(services: Services, topic: str, after: int, limit: int) -> list[Message]:
    return await events.page(
        services.db, topic, ChatPosted, limit=limit, above=after, newest_first=False
    )


def _fitted(rows: list[Message], more_before: bool, more_after: bool, begin: int) -> HistoryPage:
    """As many as fit of those next to the row `begin`, on both sides of it."""
    outward = sorted(range(len(rows)), key=lambda place: abs(place - begin))
    nouns = (message_of(rows[place], rows[place].data) for place in outward)
    kept, _ = fitted(nouns, len(rows))
    kept.sort(key=lambda message: message.seq)
    if kept:
        more_before |= kept[0].seq > rows[0].seq
        more_after |= kept[-1].seq < rows[-1].seq
    return HistoryPage(kept, more_before, more_after)


async def mark_read(services: Services, act: Act, room_id: str, seq: int) -> int:
    """Move one's mark to a seq of the room; what is unread after it. All tabs hear `chat.read`."""
    await require_room(services.db, act.user, room_id)
    topic = topics.room(room_id)
    head = await services.log.head(topic)
    target = min(seq, head.visible)
    mark = (await services.read_marks.find(act.user.id, [topic]))[topic]
    if target <= mark[0]:
        return max(0, head.visible_n - mark[1])
    n = head.visible_n
    if target < head.visible:
        rows = await events.find(services.db, [topics.event_id(topic, target)])
        n = next(iter(rows.values())).n if rows else mark[1]
    unread = max(0, head.visible_n - n)
    services.read_marks.move(act.user.id, topic, target, n)
    read = ChatRead(room=room_id, seq=target, n=n, unread=unread)
    await services.log.append(act.says(topics.user(act.user.id), read, reacts=False))
    return unread
