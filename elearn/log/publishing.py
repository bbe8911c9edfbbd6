"""Shows stored rows, in order and once a topic: to those who listen here, and to other nodes."""

import logging
from collections.abc import Callable, Mapping, Sequence

from elearn.delivery.broker import Broker, Copy
from elearn.delivery.hub import Hub, Subscriber
from elearn.events.base import Event, Row
from elearn.events.listeners import Listeners
from elearn.events.pushes import push_of, told_of
from elearn.log.heads import Head
from elearn.log.waking import Waking
from elearn.wire.protocol import push_frame

log = logging.getLogger("elearn.log")


class Publisher:
    """`published` is how far each topic that is listened to was shown here; `on_gap` is told of a
    topic where a row came before those below it."""

    def __init__(self, hub: Hub, broker: Broker, waking: Waking, *, serving: bool) -> None:
        self.hub = hub
        self.broker = broker
        self._waking = waking
        self._serving = serving
        self.published: dict[str, int] = {}
        self.listeners = Listeners()
        self.on_gap: Callable[[str], None] = lambda topic: None

    def register(
        self, topics: Sequence[str], heads: Mapping[str, Head], subscriber: Subscriber
    ) -> None:
        """Show it what comes above the `visible` of the heads."""
        for topic in topics:
            self.published.setdefault(topic, heads[topic].visible)
            if not self.hub.listens(topic):
                self.broker.listen(topic)
            self.hub.subscribe(topic, subscriber)

    def leave(self, topic: str) -> None:
        """Nobody listens any more."""
        self.published.pop(topic, None)
        self.broker.leave(topic)

    def tell(self, topic: str, event: Event) -> None:
        """Publish something ephemeral on every node: no seq, never stored, never replayed."""
        if self.broker.shared or self.hub.listens(topic):
            frame = push_frame(told_of(event, topic))
            self.hub.publish(topic, frame)
            self.broker.publish(Copy(topic, 0, 0, frame))

    def tell_here(self, topic: str, event: Event) -> None:
        """`tell` on this node alone: the others find out for themselves."""
        if self.hub.listens(topic):
            self.hub.publish(topic, push_frame(told_of(event, topic)))

    def show(self, row: Row) -> None:
        """To those who listen here, and to the other processes."""
        if not self._serving:
            self._waking.note()
        frame = self.publish(row)
        if self._serving and not self.broker.publish(Copy(row.topic, row.seq, row.n, frame, row)):
            self._waking.note()

    def publish(self, row: Row, frame: bytes = b"") -> bytes:
        """Hand it to who listens here, in its turn; its frame if one was made.

        The row is stored: when it cannot be shown, that must not end the showing of the others.
        """
        self.listeners.tell(row)
        try:
            return self._hand_out(row, frame)
        except Exception:
            log.exception("%s could not be published", row.id)
            return frame

    def _hand_out(self, row: Row, frame: bytes) -> bytes:
        published = self.published.get(row.topic)
        if published is None or row.seq <= published:
            return frame
        if row.seq > published + 1:
            self.on_gap(row.topic)
            return frame
        self.published[row.topic] = row.seq
        frame = frame or push_frame(push_of(row))
        self.hub.publish(row.topic, frame)
        if row.acts_on_rights:
            self.hub.signal(row.topic, row)
        return frame
