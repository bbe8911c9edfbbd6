"""What follows from a chat message: who is told of it, and the day's first one in the feed."""

from elearn.access.courses import is_staff
from elearn.access.rooms import may_read
from elearn.actions.act import SYSTEM
from elearn.events.base import RowOf
from elearn.events.chat import ChatPosted
from elearn.log.new_events import NewEvent
from elearn.models import courses, rooms, users
from elearn.notices import decide, kinds
from elearn.nouns.people import User
from elearn.nouns.rooms import Room
from elearn.reactions.derived import notice, posted
from elearn.reactions.table import follows
from elearn.rendering.excerpts import excerpt
from elearn.services import Services
from elearn.wire import topics


@follows(ChatPosted, on=["room"])
async def message_posted(services: Services, row: RowOf[ChatPosted]) -> list[NewEvent]:
    room = await rooms.find(services.db, row.about)
    if room is None:
        return []
    if room.line_to is not None:
        return await _on_line(services, row, room)
    message = row.data
    told = [
        notice(
            row,
            topics.user(user),
            kinds.of_message(kind, room, row.seq, message.author, message.body),
        )
        for user, kind in decide.told_of_message(room, message).items()
        if await may_read(services.db, user, room.id)
    ]
    told += await _asked(services, row, room)
    return told + _conversation_begun(services, row, room)


async def _on_line(services: Services, row: RowOf[ChatPosted], room: Room) -> list[NewEvent]:
    """The staff are told on their own topic: who joins them hears it there, who leaves does not."""
    message, beginner = row.data, (await users.find_many(services.db, room.users)).values()
    course, name = room.line_to, next((one.name for one in beginner), room.name)
    assert course is not None
    told = decide.told_of_line(room, course, name, message.author.id)
    return [
        notice(
            row,
            topic,
            kinds.of_message(
                kinds.MESSAGE_DIRECT, room, row.seq, message.author, message.body, whom
            ),
        )
        for topic, whom in told.items()
    ]


async def _asked(services: Services, row: RowOf[ChatPosted], room: Room) -> list[NewEvent]:
    """Whoever teaches is told of a question under an update."""
    if room.kind != "thread" or room.course is None:
        return []
    course, author = await courses.find(services.db, room.course), row.data.author
    if course is None:
        return []
    by_staff = is_staff(User(author.id, author.name, author.role), course)
    if not decide.asks_staff(room, row.data, by_staff=by_staff):
        return []
    content = kinds.of_question(room, row.seq, author, row.data.body)
    return [notice(row, topics.staff(course.id), content)]


def _conversation_begun(services: Services, row: RowOf[ChatPosted], room: Room) -> list[NewEvent]:
    """One feed item a room and day, but none of private rooms and threads."""
    if room.course_brief is None or room.kind in ("private", "thread"):
        return []
    if not services.throttled.first_today(room.id, row.at, row.id):
        return []
    author = row.data.author
    made = posted(
        row,
        room.course_brief,
        author.id,
        kind="chat",
        actor=author,
        title=f"started today's conversation in {room.name}",
        body=excerpt(row.data.body),
        url=f"/rooms/{room.id}/{row.seq}",
    )
    made.actor, made.key = SYSTEM, f"{room.id}/chat/{row.at:%Y-%m-%d}"
    return [made]
