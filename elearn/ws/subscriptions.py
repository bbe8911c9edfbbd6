"""What one connection listens to, and how its rights follow the log.

Everyone on a topic may see all of it, so access is asked before listening and again whenever an
event says that it may have changed. The connection hears of that on its person's own topic.
"""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from pymongo.errors import PyMongoError

from elearn.access.topics import require_topic
from elearn.delivery.hub import Subscriber
from elearn.errors import ClientError, LimitExceeded, Unauthenticated
from elearn.events.base import Event, Row
from elearn.events.courses import CourseCreated
from elearn.events.enrollments import Enrolled, LeftCourse
from elearn.events.people import UserUpdated
from elearn.events.rooms import RoomLeft
from elearn.events.server import ServerSubscribed, ServerUnsubscribed
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics

log = logging.getLogger("elearn.socket")

Push = Callable[[Event], None]


class Subscriptions:
    """`push` tells the client; `lost` is called when its rights cannot be known any more."""

    __slots__ = (
        "_changes",
        "_ended",
        "_lost",
        "_most",
        "_push",
        "_services",
        "_spawn",
        "_subscriber",
        "_topics",
        "user",
    )

    def __init__(
        self,
        services: Services,
        subscriber: Subscriber,
        push: Push,
        spawn: Callable[[str, Coroutine[Any, Any, None]], Any],
        lost: Callable[[], None],
        most: int,
    ) -> None:
        self._services = services
        self._subscriber = subscriber
        self._push = push
        self._spawn = spawn
        self._lost = lost
        self._most = most
        self._topics: dict[str, bool] = {}  # topic: whether the server chose it
        self._changes: list[tuple[str, Row]] = []
        self._ended = False
        self.user: User | None = None

    async def begin(self, user: User) -> dict[str, int]:
        """Listen to the user's topic and those of their courses; positions by topic."""
        self.user = user
        own = topics.user(user.id)
        desk = await self._services.start_topics.find(user)
        positions = await self._listen(desk.names, chosen_by_server=True)
        if positions[own] != desk.before:
            # What came before this listened may have ended one of these rights.
            self._spawn("rights", self._check_all(desk.names))
        return positions

    async def _check_all(self, names: list[str]) -> None:
        try:
            await self._ask_again(names)
        except PyMongoError:
            self._give_up()

    def has(self, topic: str) -> bool:
        return topic in self._topics

    async def add(self, topic: str) -> int:
        """Listen to a topic that access was asked for; its position. Pushes follow at once."""
        own = [name for name, auto in self._topics.items() if not auto]
        if topic not in self._topics and len(own) >= self._most:
            raise LimitExceeded("This connection listens to too many topics.", field="topic")
        return (await self._listen([topic], chosen_by_server=False))[topic]

    async def _listen(self, names: list[str], *, chosen_by_server: bool) -> dict[str, int]:
        self._require_open()
        subscriber = self._subscriber
        heads = await self._services.log.watch(names, subscriber)
        if self._ended:
            for name in names:
                self._services.hub.unsubscribe(name, subscriber)
        self._require_open()
        for name in names:
            if name not in self._topics and self.user is not None:
                self._services.presence.came(name, self.user)
            self._topics[name] = self._topics.get(name, False) or chosen_by_server
        return {name: head.visible for name, head in heads.items()}

    def _require_open(self) -> None:
        if self._ended:
            raise Unauthenticated("The connection is closed.")

    def drop(self, topic: str) -> None:
        """Topics that the server chose stay: they carry what changes this person's rights."""
        if self._topics.get(topic) is False:
            self._forget(topic)

    def changed(self, topic: str, row: Row) -> None:
        """An event that may change what this connection may hear; followed up in order."""
        if self._ended:
            return
        self._changes.append((topic, row))
        if len(self._changes) == 1:
            self._spawn("rights", self._follow())

    async def _follow(self) -> None:
        while self._changes and not self._ended:
            topic, row = self._changes[0]
            try:
                if topic.startswith("user:"):
                    await self._own_rights_changed(row)
                else:
                    await self._ask_again(self._touched_by(topic))
            except PyMongoError:
                self._give_up()
            except Exception:
                log.exception("the rights on %s could not be followed", topic)
                self._give_up()
            del self._changes[0]

    def _touched_by(self, topic: str) -> list[str]:
        """With a course's rights (who teaches it) go those to its other topics."""
        kind, _, ident = topic.partition(":")
        if kind != "course":
            return [topic]
        return [
            name
            for name in self._topics
            if name in (topic, topics.staff(ident)) or name.startswith("room:")
        ]

    async def _own_rights_changed(self, row: Row) -> None:
        data = row.data
        if isinstance(data, LeftCourse | RoomLeft):
            await self._ask_again([name for name in self._topics if not name.startswith("user:")])
        elif isinstance(data, Enrolled):
            await self._gain(topics.course(data.course))
        elif isinstance(data, CourseCreated):
            await self._gain(topics.course(data.document.id))
            await self._gain(topics.staff(data.document.id))
        elif isinstance(data, UserUpdated):
            await self._ask_for_all()

    async def look_again(self) -> None:
        """The person is another one than was known: with fewer rights, or with more."""
        try:
            await self._ask_for_all()
        except PyMongoError:
            self._give_up()

    async def _ask_for_all(self) -> None:
        await self._ask_again([name for name in self._topics if not name.startswith("user:")])
        if self.user is not None:
            for topic in (await self._services.start_topics.find(self.user)).names:
                await self._gain(topic)

    async def _gain(self, topic: str) -> None:
        if self._topics.get(topic):
            return
        try:
            await require_topic(self._services.db, self.user, topic)
            cursor = (await self._listen([topic], chosen_by_server=True))[topic]
        except ClientError:
            return  # lost again, or closed, before this ran
        self._push(ServerSubscribed(topic=topic, cursor=cursor))

    async def _ask_again(self, names: list[str]) -> None:
        for topic in names:
            try:
                await require_topic(self._services.db, self.user, topic)
            except ClientError as error:
                if topic in self._topics:
                    self._forget(topic)
                    self._push(ServerUnsubscribed(topic=topic, error=error.as_dict()))

    def _forget(self, topic: str) -> None:
        self._leave([topic])
        self._topics.pop(topic, None)

    def _leave(self, names: list[str]) -> None:
        for name in names:
            self._services.hub.unsubscribe(name, self._subscriber)
            if name in self._topics and self.user is not None:
                self._services.presence.went(name, self.user.id)

    def _give_up(self) -> None:
        if not self._ended:
            self._lost()

    def end(self) -> None:
        self._ended = True
        self._leave(list(self._topics))
        self._topics.clear()
        # The connection holds this: what goes round waits for the collector, which comes rarely.
        del self._subscriber, self._push, self._spawn, self._lost
