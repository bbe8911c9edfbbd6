"""One long poll: it listens on the hub like a connection, and waits there for its answer.

Rights are asked before it listens, and again when they may have changed.
"""

import asyncio
from collections import Counter
from typing import Any

import msgspec

from elearn.access.topics import require_topic
from elearn.auth import Claims
from elearn.errors import ClientError
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import protocol, topics
from elearn.wire.budgets import Budget
from elearn.ws.commands.connection import missed
from elearn.ws.limits import Limits
from elearn.ws.poller import Poller

RIGHTS_ROUNDS = 5


class _Head(msgspec.Struct):
    """What a poll looks at in a push."""

    topic: str | None = None
    seq: int | None = None


class Poll:
    """One poll from its cursors to its answer."""

    def __init__(
        self,
        services: Services,
        limits: Limits,
        claims: Claims | None,
        user: User | None,
        poller: Poller,
        cursors: dict[str, int],
        epoch: str,
    ) -> None:
        self._services = services
        self._limits = limits
        self._claims = claims
        self._user = user
        self._poller = poller
        self._asked = cursors
        self._epoch = epoch
        self._budget = Budget()
        self._listening: dict[str, int] = {}
        self._events: list[tuple[str, object]] = []
        self._cursors: dict[str, int] = {}
        self._said: dict[str, dict[str, Any]] = {}
        self._counts: Counter[str] = Counter()
        self._full: set[str] = set()  # topics of which this answer can take no more

    async def answer(self, wait_s: float) -> dict[str, Any]:
        poller = self._poller
        await self._begin()
        quiet = not self._events and not self._said
        if quiet and await poller.news(wait_s) and not poller.hurried:
            await asyncio.sleep(self._limits.poll_gather_s)  # events come in flocks
        poller.collecting = False
        if poller.ending is not None:
            raise poller.ending
        self._take_frames()
        for _ in range(RIGHTS_ROUNDS):
            if not poller.rights_moved:
                break
            poller.rights_moved = False
            await self._ask_again()
        return {
            "epoch": self._services.epoch,
            "events": [event for _, event in self._events],
            "cursors": self._cursors,
            "topics": self._said,
        }

    def end(self) -> None:
        for topic in self._listening:
            self._services.hub.unsubscribe(topic, self._poller)
        here = [t for t in self._listening if "error" not in self._said.get(t, {})]
        if self._user is None:
            return
        presence, user = self._services.presence, self._user.id
        presence.went_later(here, user, self._limits.poll_linger_s)
        for topic in self._listening.keys() - here:
            presence.went(topic, user)

    async def _begin(self) -> None:
        """Hear of one's own rights first; then ask, listen, and read what was missed."""
        log = self._services.log
        if self._user is not None and self._claims is not None:
            await self._listen([topics.user(self._user.id)])
            self._user = await self._services.sessions.user_of(self._claims)
        wanted = [topic for topic in self._asked if topics.split(topic) is not None]
        before = await log.heads(wanted)
        places = await self._allowed(list(self._asked))
        await self._listen(list(places))
        # Rows that came in between may have changed who may see the topic.
        moved = [t for t in places if self._listening[t] != before[t].visible]
        places |= await self._allowed(moved)
        for topic, cursor in self._asked.items():
            if topic not in self._said:
                await self._read(topic, cursor, places[topic])

    async def _listen(self, names: list[str]) -> None:
        heads = await self._services.log.watch(names, self._poller)
        for name, head in heads.items():
            if name not in self._listening and self._user is not None:
                self._services.presence.came(name, self._user)
            self._listening[name] = head.visible

    async def _allowed(self, names: list[str]) -> dict[str, int]:
        """From where on one may see those topics; the others are said."""
        asked = await asyncio.gather(*(self._place(name) for name in names))
        places = {}
        for name, found in zip(names, asked, strict=True):
            if isinstance(found, int):
                places[name] = found
            else:
                self._said[name] = {"error": found.as_dict()}
        return places

    async def _place(self, topic: str) -> int | ClientError:
        try:
            return await require_topic(self._services.db, self._user, topic)
        except ClientError as error:
            return error

    async def _read(self, topic: str, cursor: int, since: int) -> None:
        position = self._listening[topic]
        found = await missed(
            self._services, topic, cursor, self._epoch, since, position, self._budget
        )
        self._cursors[topic] = found["cursor"]
        for event in found["events"]:
            self._add(topic, event)
        if not found["recovered"]:
            self._said[topic] = {"recovered": False}
        elif found.get("more"):
            self._said[topic] = {"more": True}
            self._full.add(topic)

    def _add(self, topic: str, event: object) -> None:
        self._events.append((topic, event))
        self._counts[topic] += 1
        if self._counts[topic] >= protocol.REPLAY_EVENTS:
            self._full.add(topic)

    def _take_frames(self) -> None:
        """What came since: of a topic only what follows its cursor without a hole."""
        for frame in self._poller.frames:
            payload = protocol.payload_of(frame)
            head = msgspec.json.decode(payload, type=_Head)
            topic, seq = head.topic, head.seq
            if topic not in self._cursors:
                continue
            event = msgspec.Raw(payload)
            stored = seq is not None
            if stored and (seq != self._cursors[topic] + 1 or topic in self._full):
                continue
            if not self._budget.take(event):
                self._full.add(topic)
                continue
            self._add(topic, event)
            if seq is not None:
                self._cursors[topic] = seq

    async def _ask_again(self) -> None:
        """Whoever lost a topic gets nothing of it; what one gained comes with its position."""
        services = self._services
        if self._claims is not None:
            self._user = await services.sessions.user_of(self._claims)
        kept = await self._allowed(list(self._cursors))
        for topic in list(self._cursors):
            if topic not in kept:
                del self._cursors[topic]
        self._events = [(topic, event) for topic, event in self._events if topic in self._cursors]
        if self._user is None:
            return
        desk = await services.start_topics.find(self._user)
        own = [topic for topic in desk.names if topic not in self._asked]
        heads = await services.log.heads(own)
        self._cursors |= {topic: head.visible for topic, head in heads.items()}
