"""The names of topics: a topic is a named stream of events, `kind:id` or the one `catalog`."""

import re

CATALOG = "catalog"
# In what order admins decided on accounts; nobody listens to it.
ACCOUNTS = "accounts"
KINDS = frozenset({"user", "course", "staff", "room", "person"})
_TOPIC = re.compile(r"(user|course|staff|room|person):([0-9a-f]{24})")


def user(user_id: str) -> str:
    return f"user:{user_id}"


def course(course_id: str) -> str:
    return f"course:{course_id}"


def staff(course_id: str) -> str:
    return f"staff:{course_id}"


def room(room_id: str) -> str:
    return f"room:{room_id}"


def person(user_id: str) -> str:
    return f"person:{user_id}"


def split(topic: str) -> tuple[str, str] | None:
    """`(kind, id)` of a well-formed topic, `("catalog", "")` for the catalogue, else None."""
    if topic == CATALOG:
        return CATALOG, ""
    match = _TOPIC.fullmatch(topic)
    return (match[1], match[2]) if match else None


def kind_of(topic: str) -> str:
    return topic.partition(":")[0]


def ident_of(topic: str) -> str:
    """The id that a topic names, "" for the catalogue."""
    return topic.partition(":")[2]


def event_id(topic: str, seq: int) -> str:
    """The id of the event at a place: also the id of a message, a notice and a feed item."""
    return f"{topic}.{seq}"


def place(event: str) -> tuple[str, int] | None:
    """The topic and seq that an event id names; None when it is not one."""
    topic, dot, seq = event.rpartition(".")
    if not dot or not seq.isascii() or not seq.isdigit() or len(seq) > 15 or seq[0] == "0":
        return None
    return (topic, int(seq)) if split(topic) else None
