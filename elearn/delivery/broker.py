"""Between nodes: copies of what one node published, for the nodes whose people listen to it.

A broker carries copies and wake-ups and may lose any of them; the log decides. Here is what it
promises, and the one for a single node; the other is `RedisBroker`.
"""

from dataclasses import dataclass
from typing import Protocol

import msgspec

from elearn.events.base import Row

# The topic of what a node says of itself to the others, as `frame`.
NEWS = "news"


@dataclass(frozen=True)
class Pace:
    """The figures between nodes; tests turn them down."""

    beat_s: float = 5.0
    back_off_s: tuple[float, float] = (0.1, 5.0)
    check_s: float = 30.0
    lease_s: float = 10.0
    patience_s: float = 1.0


class Copy(msgspec.Struct):
    """What was published on a topic. A stored row comes with its `frame` where its node had one;
    without a row it says how far the topic is, and with `seq` 0 it is ephemeral."""

    topic: str
    seq: int
    n: int
    frame: bytes = b""
    row: Row | None = None


class Receiver(Protocol):
    """What hears other nodes: a part of the log. None of these may wait."""

    def receive(self, copy: Copy) -> None: ...

    def missed(self) -> None:
        """Copies may have been lost: look at the log instead."""

    def unheard(self) -> None:
        """What was published here may not have reached the others."""


class Broker(Protocol):
    @property
    def shared(self) -> bool:
        """Whether there may be other nodes at all."""

    @property
    def hears(self) -> bool:
        """Whether what other nodes publish arrives at this moment."""

    def publish(self, copy: Copy) -> bool:
        """Send it to the nodes that listen to its topic; False when it cannot be sent now.
        Neither waits nor raises."""

    def listen(self, topic: str) -> None: ...

    def leave(self, topic: str) -> None: ...

    async def run(self, receiver: Receiver) -> None:
        """Carry copies until cancelled."""

    async def flush(self, limit_s: float = 1.0) -> None:
        """Return when what was published has been sent, or cannot be."""


class Alone:
    """No other nodes: nothing to do."""

    shared = False
    hears = True

    def publish(self, copy: Copy) -> bool:
        return True

    def listen(self, topic: str) -> None:
        pass

    def leave(self, topic: str) -> None:
        pass

    async def run(self, receiver: Receiver) -> None:
        pass

    async def flush(self, limit_s: float = 1.0) -> None:
        pass
