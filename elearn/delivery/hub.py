"""The in-process registry: which connection listens to which topic. It moves frames only."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol


class Subscriber(Protocol):
    """A connection as the hub sees it."""

    def send(self, frame: bytes) -> None:
        """Put a frame into the outbox; must not raise and must not wait."""

    def signal(self, topic: str, row: object) -> None:
        """A stored event of the topic that may change what this connection is allowed."""


class Hub:
    """Topic to subscribers. Empty topics are forgotten, so idle rooms cost nothing."""

    def __init__(self) -> None:
        self._topics: dict[str, dict[Subscriber, None]] = {}
        self.on_idle: Callable[[str], None] = lambda topic: None
        self.deliveries = 0

    def subscribe(self, topic: str, subscriber: Subscriber) -> None:
        self._topics.setdefault(topic, {})[subscriber] = None

    def unsubscribe(self, topic: str, subscriber: Subscriber) -> None:
        subscribers = self._topics.get(topic)
        if subscribers is None:
            return
        subscribers.pop(subscriber, None)
        if not subscribers:
            del self._topics[topic]
            self.on_idle(topic)

    def publish(self, topic: str, frame: bytes) -> None:
        """Hand one encoded frame to every subscriber of the topic."""
        subscribers = self._topics.get(topic)
        if subscribers is None:
            return
        self.deliveries += len(subscribers)
        for subscriber in tuple(subscribers):
            subscriber.send(frame)

    def signal(self, topic: str, row: object) -> None:
        for subscriber in tuple(self._topics.get(topic, ())):
            subscriber.signal(topic, row)

    def __len__(self) -> int:
        """Topics that somebody listens to."""
        return len(self._topics)

    def listens(self, topic: str) -> bool:
        return topic in self._topics

    def topics(self) -> Iterable[str]:
        return tuple(self._topics)

    def subscribers(self, topic: str) -> Iterator[Subscriber]:
        return iter(tuple(self._topics.get(topic, ())))
