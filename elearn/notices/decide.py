"""Who is told of what, and of which kind: pure functions, the only place that decides it."""

from elearn.events.base import Row
from elearn.events.chat import ChatPosted
from elearn.notices import kinds
from elearn.notices.kinds import Kind
from elearn.nouns.courses import CourseBrief
from elearn.nouns.rooms import Room
from elearn.wire import topics


def is_for(reader: str, row: Row) -> bool:
    """Of a notice on a topic: everyone there but who caused it."""
    return row.topic == topics.user(reader) or row.actor != reader


def asks_staff(room: Room, message: ChatPosted, *, by_staff: bool) -> bool:
    """Whether a message is a question to those who teach: said under an update, to nobody else."""
    return room.kind == "thread" and message.reply_to is None and not by_staff


def told_of_message(room: Room, message: ChatPosted) -> dict[str, Kind]:
    """By person the kind of notice; a mention says more than the rest."""
    told: dict[str, Kind] = {}
    if room.kind == "direct":
        told = dict.fromkeys(room.users, kinds.MESSAGE_DIRECT)
    elif message.reply_to is not None:
        told[message.reply_to.author.id] = kinds.MESSAGE_REPLY
    for person in message.mentions:
        told[person.id] = kinds.MESSAGE_MENTION
    told.pop(message.author.id, None)
    return told


def told_of_line(room: Room, course: CourseBrief, beginner: str, author: str) -> dict[str, str]:
    """Of a message on a line to the teachers of a course: by topic whom its author wrote to, in
    words. `beginner` is the name of who began it."""
    own, teachers = room.users[0], f"the teachers of {course.title}"
    if author == own:
        return {topics.staff(course.id): teachers}
    return {
        topics.user(own): f"you for {teachers}",
        topics.staff(course.id): f"{beginner} for {teachers}",
    }
