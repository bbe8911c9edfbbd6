"""Who is typing where: told sparingly, and forgotten by those who hear nothing more of it."""

import asyncio
from collections.abc import Callable

import msgspec

from elearn.events.base import Event
from elearn.events.chat import ChatTyping
from elearn.nouns.people import User
from elearn.wire.topics import ident_of

TYPING_S = 2.0

Tell = Callable[[str, Event], None]


class _Said(msgspec.Struct):
    """What was told of a person's typing in this interval, and what is to be told after it."""

    told: bool
    waiting: bool | None = None


class Typing:
    """Who is typing, told at most once an interval a person and room, with the newest state."""

    def __init__(self, tell: Tell, interval_s: float = TYPING_S) -> None:
        self._tell = tell
        self.interval_s = interval_s
        self._resting: dict[tuple[str, str], _Said] = {}

    def repeats(self, topic: str, user_id: str, on: bool) -> bool:
        """Whether this was already said, so recently that it need not be looked at again."""
        said = self._resting.get((topic, user_id))
        return said is not None and (said.told if said.waiting is None else said.waiting) == on

    def say(self, topic: str, user: User, on: bool) -> None:
        said = self._resting.get((topic, user.id))
        if said is None:
            self._say(topic, user, on)
        else:
            said.waiting = on

    def _say(self, topic: str, user: User, on: bool) -> None:
        room = ident_of(topic)
        self._tell(topic, ChatTyping(room=room, user=user.person, on=on))
        self._resting[topic, user.id] = _Said(on)
        asyncio.get_running_loop().call_later(self.interval_s, self._wake, topic, user)

    def _wake(self, topic: str, user: User) -> None:
        said = self._resting.pop((topic, user.id))
        # Also what was told before: a message in between ended it for those who saw that.
        if said.waiting is not None:
            self._say(topic, user, said.waiting)
