"""Who is here: nothing of it is stored, all of it can be lost and rebuilt.

A person is here on the topic of a room or a course while one of their connections listens to it.
Invisible people are in no list, no count and no push.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

import msgspec
from msgspec import UNSET

from elearn.delivery.people_elsewhere import PeopleElsewhere
from elearn.events.base import Event, RowOf
from elearn.events.listeners import Listeners
from elearn.events.people import UserUpdated
from elearn.events.presence import PresenceChanged, Present
from elearn.nouns.people import Person, User
from elearn.parts import Part

MANY = 100
SLOWEST = 30.0
INTERVAL_S = 1.0
HID_S = 60.0
REMEMBERED = 20_000

Tell = Callable[[str, Event], None]


class _Here(msgspec.Struct):
    """Somebody with a connection of this node; `topics` counts the connections on each."""

    shown: Person
    hidden: bool
    topics: dict[str, int]


class _Pending(msgspec.Struct):
    """What a topic is about to be told: who moved, and whether they were here before."""

    moved: dict[str, bool]
    listed: bool = False


class Presence(Part):
    """The registry of one node. Changes of a topic are told together, once an interval, so that
    a move from page to page is no news. `on_change` hears of topics whose local people changed."""

    def __init__(
        self,
        tell: Tell,
        now_s: Callable[[], float] = time.monotonic,
        interval_s: float = INTERVAL_S,
    ) -> None:
        self._tell = tell
        self._now_s = now_s
        self.interval_s = interval_s
        self.on_change: Callable[[str], None] = lambda topic: None
        self._people: dict[str, _Here] = {}
        self._local: dict[str, dict[str, _Here]] = {}
        self.elsewhere = PeopleElsewhere(now_s, self._move)
        self._pending: dict[str, _Pending] = {}
        self._counted: dict[str, int] = {}  # topics told as a count, with the last one
        self._hid: OrderedDict[str, float] = OrderedDict()

    # Connections of this node

    def came(self, topic: str, user: User) -> None:
        """A connection listens to the topic; called once for it and once on its `went`."""
        if not is_shown(topic):
            return
        person = self._people.get(user.id)
        if person is None:
            person = _Here(user.person, self.hides(user), {})
            self._people[user.id] = person
        if topic not in person.topics and not person.hidden:
            self._move(topic, (user.id,))
        person.topics[topic] = person.topics.get(topic, 0) + 1
        self._local.setdefault(topic, {})[user.id] = person

    def went(self, topic: str, user_id: str) -> None:
        person = self._people.get(user_id)
        if person is None or topic not in person.topics:
            return
        person.topics[topic] -= 1
        if person.topics[topic]:
            return
        if not person.hidden:
            self._move(topic, (user_id,))
        del person.topics[topic]
        here = self._local[topic]
        del here[user_id]
        if not here:
            del self._local[topic]
        if not person.topics:
            del self._people[user_id]

    def went_later(self, topics: Iterable[str], user_id: str, after_s: float) -> None:
        """For connections that come and go all the time, such as polls."""

        def went() -> None:
            for topic in gone:
                self.went(topic, user_id)

        gone = tuple(topics)
        asyncio.get_running_loop().call_later(after_s, went)

    # Being invisible

    def hides(self, user: User) -> bool:
        """Whether this person is invisible, as the newest that is known here has it."""
        person = self._people.get(user.id)
        if person is not None:
            return person.hidden
        # What `user` was read from may be older than the wish that was just heard.
        return user.invisible or self._now_s() - self._hid.get(user.id, -HID_S) < HID_S

    def refresh(self, user: User) -> None:
        """The person as just read anew: the net below the rows."""
        self._set_hidden(user.id, user.invisible)

    def listen(self, listeners: Listeners) -> None:
        listeners.hear(self._updated, UserUpdated)

    def _updated(self, row: RowOf[UserUpdated]) -> None:
        user, invisible = row.data.user, row.data.invisible
        self._hid.pop(user.id, None)
        if invisible is True:
            self._hid[user.id] = self._now_s()
            if len(self._hid) > REMEMBERED:
                self._hid.popitem(last=False)
        if (person := self._people.get(user.id)) is not None:
            person.shown = user
        if invisible is not UNSET:
            self._set_hidden(user.id, invisible)

    def _set_hidden(self, user_id: str, hidden: bool) -> None:
        person = self._people.get(user_id)
        if person is not None and person.hidden != hidden:
            for topic in person.topics:
                self._move(topic, (user_id,))
            person.hidden = hidden

    # Reading

    def list(self, topic: str) -> Present:
        """The people, or how many there are when they are more than 100."""
        people = self.people(topic)
        if (pending := self._pending.get(topic)) is not None:
            pending.listed = True
        if len(people) > MANY:
            self._counted.setdefault(topic, len(people))
            return Present(count=len(people))
        return Present(users=list(people.values()))

    def people(self, topic: str) -> dict[str, Person]:
        """Everyone who is here and visible, of all nodes, by id."""
        found = self._visible(topic)
        for user_id, brief in self.elsewhere.on(topic):
            if not self._hidden(user_id):
                found.setdefault(user_id, brief)
        return found

    def _visible(self, topic: str) -> dict[str, Person]:
        here = self._local.get(topic, {})
        return {user: person.shown for user, person in here.items() if not person.hidden}

    def _hidden(self, user_id: str) -> bool:
        person = self._people.get(user_id)
        if person is not None:
            return person.hidden
        return self._now_s() - self._hid.get(user_id, -HID_S) < HID_S

    def _is_here(self, topic: str, user_id: str) -> bool:
        if self._hidden(user_id):
            return False
        if user_id in self._local.get(topic, {}):
            return True
        return self.elsewhere.has(topic, user_id)

    def local(self) -> dict[str, dict[str, Person]]:
        """This node's visible people by topic and id: what the other nodes are told."""
        return {topic: people for topic in self._local if (people := self._visible(topic))}

    # Telling

    def _move(self, topic: str, user_ids: Iterable[str]) -> None:
        """To be called before these people's state on the topic changes."""
        for user_id in user_ids:
            pending = self._pending.get(topic)
            if pending is None:
                pending = self._pending[topic] = _Pending({})
                wait_s = self.interval_s * self._slowness(topic)
                asyncio.get_running_loop().call_later(wait_s, self._flush, topic)
            pending.moved.setdefault(user_id, self._is_here(topic, user_id))

    def _slowness(self, topic: str) -> float:
        """Every person more is one more to tell of every other: a crowd's count is told in longer
        intervals, still well within a minute."""
        return max(1.0, min(len(self._local.get(topic, ())) / MANY, SLOWEST))

    def _flush(self, topic: str) -> None:
        pending = self._pending.pop(topic)
        people = self.people(topic)
        change = self._change(topic, pending, people)
        if change is not None:
            self._tell(topic, change)
        self.on_change(topic)

    def _change(
        self, topic: str, pending: _Pending, people: dict[str, Person]
    ) -> PresenceChanged | None:
        """The count above 100, else who joined and left, or `users` where it was a count."""
        count, counted = len(people), self._counted.get(topic)
        if count > MANY:
            self._counted[topic] = count
            return PresenceChanged(count=count) if count != counted else None
        if counted is not None:
            del self._counted[topic]
            return PresenceChanged(count=count, users=list(people.values()))
        # Who read the list in between may have seen a state that is over again: told all of it.
        news = [
            user_id
            for user_id, was in pending.moved.items()
            if pending.listed or was != (user_id in people)
        ]
        if not news:
            return None
        return PresenceChanged(
            count=count,
            joined=[people[user_id] for user_id in news if user_id in people],
            left=[user_id for user_id in news if user_id not in people],
        )


def is_shown(topic: str) -> bool:
    """Presence is of rooms and courses."""
    return topic.startswith(("room:", "course:"))
